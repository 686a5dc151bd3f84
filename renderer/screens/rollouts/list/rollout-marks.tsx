import { StateMark, type State } from '../../../components/state-mark.tsx'
import type { Verdict } from '../../../../shared/domain/rollout/judge.ts'
import type { RolloutState } from '../../../../shared/domain/rollout/life.ts'
import type { RolloutSummary } from '../../../../shared/rpc/contract/rollouts.ts'
import { verdictMarks } from '../live/rollout-words.ts'

/** How the state of a rollout is drawn, and its word. */
const rolloutMarks: Record<RolloutState, { state: State; word: string }> = {
  draft: { state: 'offline', word: 'draft' },
  'awaiting-approval': { state: 'attention', word: 'needs approval' },
  scheduled: { state: 'working', word: 'scheduled' },
  running: { state: 'working', word: 'running' },
  paused: { state: 'attention', word: 'paused' },
  completed: { state: 'ok', word: 'completed' },
  stopped: { state: 'failed', word: 'stopped' },
  reverting: { state: 'attention', word: 'reverting' },
  reverted: { state: 'failed', word: 'reverted' },
}

/** How a rollout stands, with its shape; one that something holds says so. */
export function RolloutMark({ of: { state, heldBy } }: { of: Pick<RolloutSummary, 'state' | 'heldBy'> }) {
  const mark = rolloutMarks[state]
  const isHeld = heldBy !== null && state === 'running'
  return <StateMark state={isHeld ? 'attention' : mark.state} word={isHeld ? 'running, held' : mark.word} />
}

/** What the newest judgement says. @param verdict null: nothing was judged */
export function VerdictMark({ verdict }: { verdict: Verdict | null }) {
  return verdict === null ? <span className="dim">not judged</span> : <StateMark state={verdictMarks[verdict]} word={verdict} />
}
