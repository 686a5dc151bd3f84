import { duration, watchWords } from '../../devices/why.ts'
import type { Answer, Case, Rule } from './case.ts'
import { rolloutWords } from './words.ts'

/** Reasons that need no rollout: what the device has. */
export const fleetRules = {
  gone: ({ device, entry }) =>
    entry === null ? { sentence: `${device} is not in the fleet.`, change: 'Enrol the device: muster devices enroll.' } : null,

  'not-in-target': (of) => {
    const { device, entry, under } = of
    if (under === null || entry === null || under.isTarget) return null
    if (under.own !== null && under.own.state !== 'pending' && under.own.state !== 'skipped') return null
    const { query } = under.run.plan
    const has = runsNow(of)
    return {
      sentence: `${of.not}: ${rolloutWords(under)} is for devices with ${query === '' ? 'nothing' : query}, and ${device} is none of them${has}.`,
      change: 'Change a label of the device so that the query matches, or start a rollout with another query.',
    }
  },

  'no-order': ({ device, deployment, standing, under, reported }) => {
    if (under !== null || standing !== null) return null
    const has = reported?.active == null ? '' : `; it still serves ${reported.active.model} ${reported.active.version} there`
    return {
      sentence: `Nothing is ordered of ${device} for ${deployment}, and no rollout has it${has}.`,
      change: 'Deploy a version, or start a rollout whose query matches the device.',
    }
  },

  runs: (of) => (isActive(of) && of.reported?.watch == null ? running(of, '') : null),

  'on-probation': (of) => {
    const { watch } = of.reported ?? {}
    if (!isActive(of) || watch == null) return null
    const left = Math.max(0, watch.wanted - watch.inferences)
    return {
      ...running(of, watchWords(watch)),
      change: left === 0 ? 'Its next report ends the probation.' : `${left} more inferences end the probation.`,
    }
  },
} satisfies Partial<Record<string, Rule>>

/** True if the device serves what is wanted, and nothing takes it back. */
function isActive({ wanted, reported, under }: Case): boolean {
  const { state } = under?.run ?? {}
  if (state === 'reverting' || state === 'reverted' || wanted === null) return false
  return reported?.active != null && reported.active.digest === wanted.digest
}

function running({ device, reported, wanted, now }: Case, more: string): Answer {
  const since = reported!.active!.since
  const age = since <= now ? `, for ${duration(now - since)}` : ''
  return {
    sentence: `${device} runs ${wanted!.model} ${wanted!.version} since ${new Date(since).toISOString()}${age}${more}.`,
    change: null,
  }
}

function runsNow({ reported }: Case): string {
  return reported?.active == null ? '' : `; it runs ${reported.active.model} ${reported.active.version}`
}
