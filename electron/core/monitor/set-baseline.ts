import { Problem } from '../../../shared/domain/problem.ts'
import type { ReferenceFacts } from '../../../shared/rpc/contract/monitoring.ts'
import { defaultDriftRule } from '../../../shared/stats/drift/score-window.ts'
import { readWhole, readWindows, type Counted } from './counted-windows.ts'
import { scoreThings } from './drift.ts'
import type { MonitorParts } from './monitor-parts.ts'
import { HOUR_MS } from './monitor.ts'
import { baselineReference, trainingReference } from './references.ts'
import { effectiveOfAll } from './verdict-windows.ts'

/** Whose baseline is set, and by whom. */
export interface BaselineOrder {
  device: string
  deployment: string
  by: string
}

/** Forgets the baselines of a device in a deployment: the next healthy windows make another. */
export function forgetBaseline(parts: MonitorParts, { device, deployment, by }: BaselineOrder): ReferenceFacts {
  const now = parts.now()
  const known = parts.baselines.digestsOf(device, deployment)
  const running = parts.slices.subjects({ devices: [device], deployment, from: 0, through: now }).map(({ digest }) => digest)
  for (const digest of new Set([...known, ...running])) parts.baselines.forget({ device, deployment, digest }, now, by)
  return baselineReference(device, null).facts
}

/**
 * Makes a period the baseline of a device, for the bundle that it ran most in it.
 * @throws Problem `input.invalid` if the period has too few values, or drifted itself
 */
export function setBaseline(
  parts: MonitorParts,
  { device, deployment, by }: BaselineOrder,
  period: { from: number; through: number },
): ReferenceFacts {
  const { from, through } = period
  if (through <= from) throw new Problem('input.invalid', 'The period ends before it begins.')
  const subject = parts.slices.subjects({ devices: [device], deployment, ...period })[0]
  const bundle = subject === undefined ? null : parts.bundle(subject.digest)
  if (subject === undefined || bundle === null) {
    throw new Problem('input.invalid', `'${device}' counted nothing of a known version in '${deployment}' in this period.`)
  }
  const counted: Counted = { devices: [device], deployment, bundle }
  const counts = readWhole(parts.slices, counted, period)
  const effective = Math.floor(effectiveOfAll(bundle.things, counts))
  if (effective < defaultDriftRule.leastValues) {
    throw new Problem('input.invalid', `Only ${effective} values count in this period; a baseline needs ${defaultDriftRule.leastValues}.`)
  }
  refuseDrifted(parts, counted, period)
  const baseline = { device, deployment, digest: bundle.digest, from, through, counts, setBy: by }
  parts.baselines.set(baseline, parts.now())
  return baselineReference(device, baseline).facts
}

/** What drifted is no reference: it would hide the drift for ever. */
function refuseDrifted(parts: MonitorParts, counted: Counted, { from, through }: { from: number; through: number }): void {
  const training = trainingReference(counted.bundle)
  if (training.facts.state !== 'ready') return
  const things = counted.bundle.things.filter(({ hasRows }) => hasRows)
  const { closed } = readWindows(parts.slices, counted, { from, through, windowMs: HOUR_MS, now: parts.now() })
  const drifted = closed
    .filter((window) => window.through > from)
    .flatMap((window) => scoreThings(things, window, training, defaultDriftRule))
    .filter(({ level }) => level === 'alarm')
  if (drifted.length === 0) return
  const names = [...new Set(drifted.map(({ feature }) => feature))].slice(0, 5).join(', ')
  throw new Problem('input.invalid', `In this period ${names.slice(0, 300)} drifted from training. Choose a healthy one.`)
}
