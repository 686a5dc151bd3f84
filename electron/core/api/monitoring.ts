import { referenceKinds } from '../../../shared/domain/alert.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import { requireDevice, selectDevices } from '../devices/summary.ts'
import { HOUR_MS, type Subject } from '../monitor/monitor.ts'
import type { Slice } from '../store/telemetry/slice.ts'
import type { ApiParts } from './parts.ts'

type Names =
  | 'monitoring.health'
  | 'monitoring.drift'
  | 'monitoring.feature'
  | 'monitoring.dataQuality'
  | 'monitoring.quality'
  | 'monitoring.peers'
  | 'monitoring.references'
  | 'monitoring.setBaseline'

const DAY_MS = 86_400_000

interface SliceInput {
  device?: string | undefined
  query: string
  from?: number | undefined
  through?: number | undefined
}

type BundleInput = SliceInput & { deployment: string; model: string; version: string }

/** Handlers of `monitoring.*`. */
export function monitoringHandlers(parts: ApiParts): Pick<Handlers, Names> {
  const { monitor, monitoring } = parts
  const subjectOf = (input: BundleInput): Subject & { from: number } => {
    const { digest } = parts.registry.version(input.model, input.version)
    return { devices: devicesOf(parts, input), deployment: input.deployment, digest, ...periodOf(parts, input) }
  }
  return {
    'monitoring.health': async (input) => {
      const period = periodOf(parts, input)
      const slice: Slice = { devices: devicesOf(parts, input), deployment: input.deployment, digests: digestsOf(parts, input), ...period }
      return { ...period, ...(await monitoring.health({ slice, by: input.by, limit: input.limit })) }
    },
    'monitoring.drift': (input) => {
      const subject = subjectOf(input)
      return monitor.verdicts(subject, { reference: input.reference, windowMs: input.windowMs, from: subject.from })
    },
    'monitoring.feature': ({ role, feature: name, reference, windowMs, bins, ...input }) =>
      monitoring.feature(subjectOf(input), { role, name, reference, windowMs, bins }),
    'monitoring.dataQuality': ({ reference, ...input }) => {
      const subject = subjectOf(input)
      return monitor.rates(subject, { reference, over: { from: subject.from } })
    },
    'monitoring.quality': ({ buckets, ...input }) => {
      const subject = subjectOf(input)
      return { ...monitor.quality(subject), series: monitoring.qualitySeries(subject, buckets) }
    },
    'monitoring.peers': ({ device, ...input }) => {
      requireDevice(parts.store, device)
      const period = periodOf(parts, input)
      const subjects = monitor.subjects({ devices: [device], ...period })
      return { ...period, deployments: subjects.map((subject) => monitoring.peers(subject, { device, ...period })) }
    },
    'monitoring.references': (input) => {
      const subject = subjectOf(input)
      return { references: referenceKinds.map((kind) => monitor.reference(subject, kind, HOUR_MS)) }
    },
    'monitoring.setBaseline': ({ device, deployment, from, through }, context) => {
      requireDevice(parts.store, device)
      if ((from === null) !== (through === null)) throw new Problem('input.invalid', 'Give both ends of the period, or neither to forget.')
      const order = { device, deployment, by: context.caller.actor.slice(0, 200) }
      context.afterCommit(() => parts.changed('telemetry'))
      if (from === null || through === null) return { reference: monitoring.forgetBaseline(order) }
      return { reference: monitoring.setBaseline(order, { from, through }) }
    },
  }
}

/** null: the whole fleet, which is read from its own sums. */
function devicesOf({ store }: ApiParts, { device, query }: Pick<SliceInput, 'device' | 'query'>): string[] | null {
  if (device !== undefined) return [requireDevice(store, device).device]
  return query === '' ? null : selectDevices(store, query).map((row) => row.device)
}

function periodOf({ now }: ApiParts, { from, through }: Pick<SliceInput, 'from' | 'through'>): { from: number; through: number } {
  const end = through ?? now()
  const period = { from: from ?? Math.max(0, end - DAY_MS), through: end }
  if (period.through <= period.from) throw new Problem('input.invalid', 'The period ends before it begins.')
  return period
}

/** Bundles of a model, or the one of a version; undefined: all. */
function digestsOf(
  { registry }: ApiParts,
  { model, version }: { model?: string | undefined; version?: string | undefined },
): string[] | undefined {
  if (model === undefined) {
    if (version !== undefined) throw new Problem('input.invalid', 'Say of which model the version is.')
    return undefined
  }
  if (version !== undefined) return [registry.version(model, version).digest]
  return registry.versions(model).map(({ digest }) => digest)
}
