import { needsOrder, type Answer, type Case, type Rule, type Under } from './case.ts'
import { momentWords, rolloutWords } from './words.ts'

/** Reasons that hold for the rollout as a whole, or take the device out of it. */
export const rolloutRules = {
  overridden: (of) => {
    const rollout = of.under?.own?.takenBy?.rollout ?? of.under?.here?.takenBy?.rollout ?? null
    if (rollout === null) return null
    return {
      sentence: `${of.not}: rollout ${rollout} outranks rollout ${of.under!.run.id} (priority ${of.under!.run.plan.priority}) and has the device.`,
      change: `End rollout ${rollout}, or give rollout ${of.under!.run.id} a higher priority.`,
    }
  },

  'other-order': (of) => {
    const { under } = of
    if (under === null) return null
    const order = under.own?.takenBy?.order ?? under.here?.takenBy?.order ?? null
    if (order === null && under.own?.state !== 'superseded') return null
    const by = order === null ? 'A newer order' : `Order ${order}`
    return {
      sentence: `${of.not}: ${by[0]!.toLowerCase()}${by.slice(1)} took the device out of ${rolloutWords(under)}.`,
      change: order === null ? 'Undo the newer order.' : `Undo the order: muster orders undo ${order}.`,
    }
  },

  draft: when('draft', (of, under) => ({
    sentence: `${of.not}: ${rolloutWords(under)} is a draft and was not started.`,
    change: `Start it: muster rollouts start ${under.run.id}.`,
  })),

  'awaiting-approval': when('awaiting-approval', (of, under) => ({
    sentence: `${of.not}: ${rolloutWords(under)} waits for an approver since ${momentWords(under.run.startedAt ?? under.run.createdAt, of.now)}.`,
    change: `An approver approves it: muster rollouts approve ${under.run.id}.`,
  })),

  'not-yet': when('scheduled', (of, under) => {
    const { startAt } = under.run.plan.windows
    const isLater = startAt !== null && startAt > of.now
    return {
      sentence: `${of.not}: ${rolloutWords(under)} begins ${isLater ? `at ${momentWords(startAt, of.now)}` : 'at the next look'}.`,
      change: isLater ? 'Time.' : null,
    }
  }),

  stopped: when('stopped', (of, under) => ({
    sentence: `${of.not}: ${rolloutWords(under)} was stopped${under.run.endedAt === null ? '' : ` at ${momentWords(under.run.endedAt, of.now)}`}${held(under)}.`,
    change: 'Start another rollout, or deploy the version.',
  })),

  reverting: when('reverting', (of, under) => backAnswer(of, under, 'takes the version back')),
  reverted: when('reverted', (of, under) => backAnswer(of, under, 'took the version back')),

  halted: (of) => {
    const { under } = of
    if (under === null || !under.run.isHalted || under.run.state !== 'paused') return null
    if (under.own === null || under.own.attempts === 0) return null
    const counter = of.entry?.row.reported?.haltCounter ?? 0
    return {
      sentence: `${of.not}: ${rolloutWords(under)} is paused with a halt, and the device keeps from the version (halt list ${counter}).`,
      change: `Resume the rollout: muster rollouts resume ${under.run.id}.`,
    }
  },

  paused: when('paused', (of, under) =>
    needsOrder(under)
      ? {
          sentence: `${of.not}: ${rolloutWords(under)} is paused${held(under)}.`,
          change: `Resume the rollout: muster rollouts resume ${under.run.id}.`,
        }
      : null,
  ),

  held: (of) => {
    const { under } = of
    if (under === null || under.run.despiteAlerts || !needsOrder(under)) return null
    const alert = under.facts.alert ?? (under.run.held?.code === 'alert' ? under.run.held.sentence : null)
    if (alert === null) return null
    return {
      sentence: `${of.not}: an alert holds releases to ${of.deployment}: ${alert.replace(/\.$/, '')}.`,
      change: 'It goes on by itself when the alert resolves.',
    }
  },
} satisfies Partial<Record<string, Rule>>

/** A rule of one state of the rollout. */
function when(state: Under['run']['state'], answer: (of: Case, under: Under) => Answer | null): Rule {
  return (of) => (of.under !== null && of.under.run.state === state ? answer(of, of.under) : null)
}

function held({ run }: Under): string {
  return run.held === null ? '' : `: ${run.held.sentence.replace(/\.$/, '')}`
}

function backAnswer(of: Case, under: Under, does: string): Answer {
  const { device, reported, wanted } = of
  const serves = reported?.active == null ? 'nothing' : `${reported.active.model} ${reported.active.version}`
  const before = under.own?.previous ?? null
  const isStill = reported?.active != null && reported.active.digest === wanted?.digest
  const gets = before === null ? 'it gets back what it had' : `it gets ${before.model} ${before.version} back`
  return {
    sentence: `${device} serves ${serves}: ${rolloutWords(under)} ${does}${isStill ? `, and ${gets}` : ''}.`,
    change: backChange(under, isStill),
  }
}

function backChange({ run, own }: Under, isStill: boolean): string {
  if (isStill && run.state === 'reverting') return 'The device takes the order up when it is online.'
  if (own?.state === 'reverting') return 'It could not go back in time: see what it reports, e.g. a lock. It goes back as soon as it can.'
  return 'Start another rollout, or deploy the version.'
}
