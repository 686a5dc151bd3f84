import { lookAtAbortRules, lookAtUnreachable, lookAtVerdicts } from './abort.ts'
import { stepDevice } from './device-step.ts'
import { engineActor, openDraft, type Draft } from './draft.ts'
import type { Decision, DeviceFacts, Facts } from './facts.ts'
import type { Live } from './live.ts'
import { beginWhenDue, takeJoiners } from './membership.ts'
import { offerAll } from './offers.ts'
import { mayBeReverted, takeBack } from './take-back.ts'
import { mayComplete, reopenGates, reopenRollout, stepWaves } from './wave-step.ts'

/**
 * What is to be done now. Pure: it changes neither the rollout nor anything else, and asks no clock. Once its events are applied, the same facts give
 * nothing more to do.
 */
export function advance(live: Live, facts: Facts): Decision {
  const draft = openDraft(live, { now: facts.now, actor: engineActor })
  const { state } = live.run
  if (state === 'draft' || state === 'awaiting-approval') return draft.done()
  beginWhenDue(draft, facts)
  takeJoiners(draft, facts, facts.changed ?? facts.targets)
  stepDevices(draft, facts)
  reopenRollout(draft, facts)
  lookAtAbortRules(draft)
  moveOn(draft, facts)
  takeBack(draft, facts)
  mayBeReverted(draft, facts)
  return draft.done()
}

function stepDevices(draft: Draft, facts: Facts): void {
  const hasBegun = draft.events.some(({ kind }) => kind === 'target')
  const looked = (hasBegun ? null : facts.changed) ?? [...draft.run.devices.keys()]
  // What went well is written first: the log never shows a share of failures that the reports of the same moment do not.
  const byNews: [good: News[], none: News[], bad: News[]] = [[], [], []]
  for (const id of looked) {
    if (!draft.run.devices.has(id)) continue
    const known = facts.of(id)
    byNews[kindOfNews(known)].push({ id, known })
  }
  for (const { id, known } of byNews.flat()) stepDevice(draft, draft.run.devices.get(id)!, { facts: known, all: facts })
  const fallen = draft.events.filter(({ kind }) => kind === 'fall-back').map(({ wave }) => wave ?? 0)
  reopenGates(draft, new Set(fallen))
}

interface News {
  id: string
  known: DeviceFacts | null
}

function kindOfNews(facts: DeviceFacts | null): 0 | 1 | 2 {
  if (facts?.place === 'active') return 0
  return facts?.place === 'refused' || facts?.place === 'back' ? 2 : 1
}

/** Waves and offers follow from each other: a wave that passes opens the next one, whose last offer may bring it to its gate. */
function moveOn(draft: Draft, facts: Facts): void {
  let before: number
  do {
    before = draft.events.length
    lookAtVerdicts(draft, facts)
    lookAtUnreachable(draft)
    stepWaves(draft, facts)
    offerAll(draft, facts)
    mayComplete(draft)
  } while (draft.events.length > before)
}
