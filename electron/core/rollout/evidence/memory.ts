import type { MetricEvidence } from '../../../../shared/rpc/contract/gate-evidence.ts'
import { proportionBounds } from '../../../../shared/stats/canary/proportion-bounds.ts'
import type { Look, MetricRule } from './evidence-parts.ts'
import { counted, figure, percent } from './figures.ts'
import { noteOf } from './note.ts'
import { noArm } from './rate-evidence.ts'

const METHOD = 'share of the devices above the limit against one half: exact bounds that hold at all times (Robbins 1970)'
const MEBIBYTE = 1024 * 1024

/**
 * Memory of agent and runtime, median of the devices. A device is above the limit if it needs more than the median of the baseline and the margin; the
 * version fails where that is certainly more than half of its devices, and passes where it is certainly less.
 */
export function memoryEvidenceOf(look: Look, rule: MetricRule): MetricEvidence {
  const { parts, question, scope } = look
  const since = sinceOf(look)
  const period = { from: question.from, through: question.through }
  const mine = [...parts.deviceMemory({ devices: [...since.keys()], ...period, since }).values()]
  const theirs = [...parts.deviceMemory({ devices: scope.baseline, ...period }).values()]
  const base = { metric: rule.metric, role: rule.role, margin: rule.margin, alpha: rule.alpha, eValue: null, needs: null, method: METHOD }
  const [here, there] = [median(mine), median(theirs)]
  const arms = {
    candidate: { ...noArm, n: mine.length, value: here },
    incumbent: { ...noArm, n: theirs.length, value: there },
  }
  if (here === null || there === null || there === 0) {
    const nothing = { difference: null, low: null, high: null }
    const sentence = `Memory: ${here === null ? 'no device with the version' : 'no device without it'} has measured any.`
    return { ...base, ...arms, ...nothing, verdict: 'not enough evidence', sentence }
  }
  const limit = there * (1 + rule.margin)
  const above = mine.filter((bytes) => bytes > limit).length
  const { low, high } = proportionBounds(above, mine.length, rule.alpha)!
  const growth = here / there - 1
  const verdict = high < 0.5 ? 'pass' : low > 0.5 ? 'fail' : 'not enough evidence'
  const note = noteOf(look)
  const medians = `median ${figure(here / MEBIBYTE)} MiB on ${counted(mine.length)} devices against ${figure(there / MEBIBYTE)} MiB on ${counted(theirs.length)}`
  const sentence = `Memory: ${medians}; ${counted(above)} need more than the ${percent(rule.margin)} on top that are accepted${note === '' ? '' : `; ${note}`}.`
  return { ...base, ...arms, verdict, sentence, difference: growth, low: null, high: null }
}

/** When each device began with the version: what it needed before says nothing of it. */
function sinceOf({ windows, shadows }: Look): Map<string, number> {
  const begun = [
    ...windows.flatMap(({ candidate }) => candidate),
    ...shadows.map(({ device, sums }) => ({ device, firstAt: sums.firstAt })),
  ]
  const since = new Map<string, number>()
  for (const { device, firstAt } of begun) since.set(device, Math.min(firstAt, since.get(device) ?? firstAt))
  return since
}

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null
  const sorted = values.toSorted((a, b) => a - b)
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2
}
