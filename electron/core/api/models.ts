import { bundleSizeBytes, type Baseline } from '../../../shared/domain/bundle.ts'
import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import { whereBundlesRun, type WhereItRuns } from '../deployments/where-it-runs.ts'
import { newJobId } from '../jobs/jobs.ts'
import { compareVersionsOf } from '../registry/compare/compare.ts'
import type { RegisteredVersion } from '../registry/registry.ts'
import type { AliasChangeRow } from '../store/fleet/aliases.ts'
import { stageOfRow } from '../store/fleet/version-decisions.ts'
import type { ReleaseParts } from './release-parts.ts'

type Names =
  | 'models.list'
  | 'models.show'
  | 'models.baseline'
  | 'models.evaluate'
  | 'models.compare'
  | 'models.aliases'
  | 'models.setAlias'
  | 'models.removeAlias'
  | 'models.setNote'
type Summary = ResultOf<'models.list'>['versions'][number]

/** Devices that `models.show` names; the others are counted. */
const SHOWN_DEVICES = 50

/** Handlers of `models.*` about versions that are there. */
export function modelsHandlers(parts: ReleaseParts): Pick<Handlers, Names> {
  const { registry, jobs, uploads, now } = parts
  return {
    'models.list': ({ model }) => ({ versions: registry.versions(model).map(summaryReader(parts, model)) }),
    'models.show': ({ model, version }) => show(parts, registry.version(model, version)),
    'models.baseline': ({ model, version, offset, limit }) => {
      const baseline = registry.contents.baseline(registry.version(model, version).manifest)
      const features = baseline?.features ?? []
      return {
        rows: features.length === 0 ? null : baseline!.rows,
        total: features.length,
        features: features.slice(offset, offset + limit),
      }
    },
    'models.evaluate': ({ model, version, holdout }, context) => {
      const one = registry.version(model, version)
      const job = newJobId()
      context.afterCommit(() =>
        jobs.run(job, { kind: 'models.evaluate', title: `Evaluate ${one.model}@${one.version}` }, async ({ signal, progress }) => {
          try {
            const file = holdout === undefined ? null : uploads.take(holdout)
            const record = await registry.evaluate({
              ...{ model: one.model, version: one.version, signal, progress },
              ...(file === null ? {} : { holdoutPath: file.path, holdoutName: file.fileName }),
            })
            parts.changed('models')
            return record
          } finally {
            if (holdout !== undefined) uploads.discard([holdout])
          }
        }),
      )
      return { job }
    },
    'models.compare': ({ model, left, right, rightModel }) => {
      const [a, b] = [registry.version(model, left), registry.version(rightModel ?? model, right)]
      const summarise = summaryReader(parts)
      const side = (one: RegisteredVersion) => ({ one, summary: summarise(one), goldenRows: goldenRows(parts, one) })
      return compareVersionsOf(side(a), side(b))
    },
    'models.aliases': ({ model, limit }) => ({
      aliases: registry.aliases
        .list(model)
        .map(({ alias, version, setAt, setBy }) => ({ alias, version, at: setAt, by: setBy.slice(0, 200) })),
      history: registry.aliases.history(model, limit).map(changeOf),
    }),
    'models.setAlias': ({ model, alias, version }, { caller, afterCommit }) => {
      const one = registry.version(model, version)
      afterCommit(() => parts.changed('models'))
      return changeOf(registry.aliases.set({ model: one.model, alias, version: one.version, actor: caller.actor, at: now() }))
    },
    'models.removeAlias': ({ model, alias }, { caller, afterCommit }) => {
      afterCommit(() => parts.changed('models'))
      return changeOf(registry.aliases.remove({ model, alias, actor: caller.actor, at: now() }))
    },
    'models.setNote': ({ model, version, text }, { caller, afterCommit }) => {
      const one = registry.version(model, version)
      registry.setNote({ model: one.model, version: one.version, text: text.trim(), actor: caller.actor, at: now() })
      afterCommit(() => parts.changed('models'))
      return { model: one.model, version: one.version }
    },
  }
}

/** Makes summaries; the fleet and the aliases are read once for all of them. */
function summaryReader({ store, registry }: ReleaseParts, model?: string): (one: RegisteredVersion) => Summary {
  const stages = new Map(store.versionDecisions.standings().map((row) => [`${row.model}@${row.version}`, stageOfRow(row)]))
  const runs = whereBundlesRun(store.roster.all())
  const aliases = Map.groupBy(registry.aliases.list(model), (row) => `${row.model}@${row.version}`)
  return (one) => ({
    model: one.model,
    version: one.version,
    digest: one.digest,
    task: one.manifest.task,
    sizeBytes: bundleSizeBytes(one.manifest),
    importedAt: one.importedAt,
    importedBy: one.importedBy?.slice(0, 200) ?? null,
    sourceName: one.sourceName,
    metrics: one.evaluations[0]?.metrics ?? {},
    interval: one.evaluations[0]?.interval ?? null,
    devices: { desired: runs.get(one.digest)?.desired.length ?? 0, active: runs.get(one.digest)?.active.length ?? 0 },
    stage: stages.get(`${one.model}@${one.version}`) ?? 'draft',
    aliases: (aliases.get(`${one.model}@${one.version}`) ?? []).map(({ alias }) => alias),
  })
}

function show(parts: ReleaseParts, one: RegisteredVersion): ResultOf<'models.show'> {
  const { registry, store } = parts
  const runs: WhereItRuns = whereBundlesRun(store.roster.all()).get(one.digest) ?? { desired: [], active: [], deployments: new Set() }
  const siblings = registry.versions(one.model).map(({ version }) => version)
  const at = siblings.indexOf(one.version)
  const baseline = registry.contents.baseline(one.manifest)
  return {
    ...summaryReader(parts, one.model)(one),
    manifest: one.manifest,
    keyIds: one.signatures.map((signature) => signature.keyid),
    evaluations: one.evaluations,
    hasHoldout: one.holdout !== null,
    goldenRows: goldenRows(parts, one),
    // Without training rows a baseline tells of the outcomes only.
    baselineRows: baseline === null || baseline.features.length === 0 ? null : baseline.rows,
    outcomes: outcomesOf(baseline),
    runs: { desired: someOf(runs.desired), active: someOf(runs.active), deployments: [...runs.deployments].sort() },
    lineage: {
      ...{ sourceName: one.sourceName, importedAt: one.importedAt, importedBy: one.importedBy?.slice(0, 200) ?? null },
      ...{ parent: siblings[at - 1] ?? null, child: siblings[at + 1] ?? null },
      ...{ holdoutName: one.holdout?.name ?? null, holdoutSha256: one.holdout?.sha256 ?? null },
    },
    note: one.note === null ? null : { ...one.note, by: one.note.by.slice(0, 200) },
  }
}

function outcomesOf(baseline: Baseline | null): ResultOf<'models.show'>['outcomes'] {
  if (baseline?.outcomes === undefined) return null
  const { rows, from, outcome, confidence, calibrator, accuracy } = baseline.outcomes
  return { rows, from, outcome, confidence, isCalibrated: calibrator !== null, accuracy }
}

function goldenRows({ registry }: ReleaseParts, { manifest }: RegisteredVersion): number {
  return registry.contents.golden(manifest)?.cases.length ?? 0
}

function someOf(devices: readonly string[]): { count: number; devices: string[] } {
  return { count: devices.length, devices: devices.slice(0, SHOWN_DEVICES) }
}

function changeOf({ alias, at, actor, fromVersion, toVersion }: AliasChangeRow): ResultOf<'models.setAlias'> {
  return { alias, at, by: actor.slice(0, 200), from: fromVersion, to: toVersion }
}
