import { bundleSizeBytes } from '../../../shared/domain/bundle.ts'
import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import { newJobId } from '../jobs/jobs.ts'
import { reportedOf } from '../devices/summary.ts'
import type { ApiParts } from './parts.ts'

type Names = 'models.list' | 'models.show' | 'models.beginUpload' | 'models.import' | 'models.evaluate'
type Summary = ResultOf<'models.list'>['versions'][number]

/** Handlers of `models.*`. */
export function modelsHandlers(parts: ApiParts): Pick<Handlers, Names> {
  const { registry, uploads, jobs } = parts
  return {
    'models.list': ({ model }) => {
      const counts = countDevices(parts)
      return { versions: registry.versions(model).map((one) => withDevices(one, counts)) }
    },
    'models.show': ({ model, version }) => {
      const one = registry.version(model, version)
      return {
        ...withDevices(one, countDevices(parts)),
        manifest: one.manifest,
        keyIds: one.signatures.map((signature) => signature.keyid),
        evaluations: one.evaluations,
        hasHoldout: one.hasHoldout,
      }
    },
    'models.beginUpload': ({ fileName, sizeBytes }) => uploads.begin(fileName, sizeBytes),
    'models.import': (input, context) => {
      const job = newJobId()
      context.afterCommit(() =>
        jobs.run(job, 'models.import', async ({ signal, progress }) => {
          const tickets = Object.values(input.files).filter((ticket) => ticket !== undefined)
          try {
            const file = (ticket: string | undefined) => (ticket === undefined ? null : uploads.take(ticket))
            const [model, bundle, train, holdout] = [
              uploads.take(input.files.model),
              file(input.files.bundle),
              file(input.files.train),
              file(input.files.holdout),
            ]
            const made = await registry.import({
              modelPath: model.path,
              modelFileName: model.fileName,
              ...(bundle === null ? {} : { bundlePath: bundle.path }),
              ...(train === null ? {} : { trainPath: train.path }),
              ...(holdout === null ? {} : { holdoutPath: holdout.path, holdoutName: holdout.fileName }),
              ...(input.model === undefined ? {} : { model: input.model }),
              ...(input.version === undefined ? {} : { version: input.version }),
              ...(input.target === undefined ? {} : { target: input.target }),
              signal,
              progress,
            })
            parts.changed('models')
            return made
          } finally {
            uploads.discard(tickets)
          }
        }),
      )
      return { job }
    },
    'models.evaluate': ({ model, version, holdout }, context) => {
      registry.version(model, version)
      const job = newJobId()
      context.afterCommit(() =>
        jobs.run(job, 'models.evaluate', async ({ signal, progress }) => {
          try {
            const file = holdout === undefined ? null : uploads.take(holdout)
            const record = await registry.evaluate({
              model,
              version,
              ...(file === null ? {} : { holdoutPath: file.path, holdoutName: file.fileName }),
              signal,
              progress,
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
  }
}

/** How many devices are ordered to run a bundle, and how many do. */
function countDevices({ store }: ApiParts): Map<string, { desired: number; active: number }> {
  const counts = new Map<string, { desired: number; active: number }>()
  const of = (digest: string) => {
    const known = counts.get(digest) ?? { desired: 0, active: 0 }
    counts.set(digest, known)
    return known
  }
  for (const row of store.deployments.all()) of(row.digest).desired += 1
  for (const row of store.devices.all()) {
    for (const deployment of Object.keys(row.reported?.deployments ?? {})) {
      const digest = reportedOf(row, deployment)?.active?.digest
      if (digest !== undefined) of(digest).active += 1
    }
  }
  return counts
}

type RegistryVersion = ReturnType<ApiParts['registry']['versions']>[number]

function withDevices(one: RegistryVersion, counts: Map<string, { desired: number; active: number }>): Summary {
  return {
    model: one.model,
    version: one.version,
    digest: one.digest,
    task: one.manifest.task,
    sizeBytes: bundleSizeBytes(one.manifest),
    importedAt: one.importedAt,
    sourceName: one.sourceName,
    metrics: one.evaluations[0]?.metrics ?? {},
    devices: counts.get(one.digest) ?? { desired: 0, active: 0 },
  }
}
