import { Problem } from '../../../../shared/domain/problem.ts'
import { mayHappen, type RolloutState } from '../../../../shared/domain/rollout/life.ts'
import type { RolloutDetail } from '../../../../shared/rpc/contract/rollouts.ts'
import type { RolloutRun } from '../rollout-run.ts'
import type { Act, ActKind } from './acts.ts'

const started: readonly RolloutState[] = ['awaiting-approval', 'scheduled', 'running', 'paused', 'completed']

/** True if a person did it before, so that nothing is left to do. */
export function isDoneAlready(run: RolloutRun, request: Act): boolean {
  const { state } = run
  switch (request.kind) {
    case 'start':
      return started.includes(state)
    case 'approve':
      return run.approvals.at(-1)?.decision === 'approved' && state !== 'awaiting-approval' && started.includes(state)
    case 'refuse':
      return state === 'draft' && run.approvals.at(-1)?.decision === 'refused'
    case 'letThrough':
      return run.waves[request.wave]?.state === 'passed' || run.waves[request.wave]?.isLetThrough === true
    case 'setPriority':
      return run.plan.priority === request.priority
    case 'promote':
    case 'discard':
      return run.decided === request.kind
    case 'pause':
      return state === 'paused' && (run.isHalted || !request.halt)
    case 'resume':
    case 'stop':
    case 'revert':
      return statesAfter[request.kind].includes(state)
    case 'edit':
    case 'retry':
    case 'annotate':
      return false
  }
}

const statesAfter: Record<'resume' | 'stop' | 'revert', readonly RolloutState[]> = {
  resume: ['running'],
  stop: ['stopped'],
  revert: ['reverting', 'reverted'],
}

/** True if a person may do it now. */
export function isActAllowed(run: RolloutRun, request: Pick<Act, 'kind'> & { wave?: number; halt?: boolean }): boolean {
  const { state } = run
  switch (request.kind) {
    case 'edit':
      return state === 'draft'
    case 'start':
      return mayHappen(state, 'submit')
    case 'approve':
      return state === 'awaiting-approval'
    case 'pause':
      // Whoever paused first may halt afterwards.
      return mayHappen(state, 'pause') || (state === 'paused' && request.halt === true && !run.isHalted)
    case 'refuse':
    case 'resume':
    case 'stop':
    case 'revert':
      return mayHappen(state, request.kind)
    case 'promote':
      return isUndecidedComparison(run) && state === 'running' && run.begunAt !== null
    case 'discard':
      return isUndecidedComparison(run) && (state === 'running' || state === 'paused')
    case 'letThrough':
      return state === 'running' && isWaveAtWork(run, request.wave)
    case 'setPriority':
      return state !== 'stopped' && state !== 'reverted' && state !== 'reverting'
    case 'retry':
      return (state === 'running' || state === 'paused' || state === 'completed') && run.decided === null
    case 'annotate':
      return true
  }
}

/** What a person may do now, for screens. */
export function allowedActs(run: RolloutRun): RolloutDetail['acts'] {
  const may = (kind: ActKind): boolean => isActAllowed(run, { kind })
  // Before it is paused, a halt is a choice of the pause.
  const halt = run.state === 'paused' && isActAllowed(run, { kind: 'pause', halt: true })
  return {
    ...{ start: may('start'), approve: may('approve'), pause: may('pause'), halt, resume: may('resume'), stop: may('stop') },
    ...{ revert: may('revert'), letThrough: may('letThrough'), promote: may('promote'), discard: may('discard'), edit: may('edit') },
    remove: run.state === 'draft',
  }
}

/** The refusal, with what there is. */
export function refuseAct(run: RolloutRun, { kind, ...request }: Pick<Act, 'kind'> & { wave?: number }): Problem {
  const words = actWords[kind]
  const isWave = kind === 'letThrough' && run.state === 'running'
  const because = isWave ? `wave ${(request.wave ?? 0) + 1} is not at work` : whyNot(run, kind)
  return new Problem('rollout.not-allowed', `Rollout ${run.id} cannot be ${words}: ${because}.`)
}

const actWords: Record<ActKind, string> = {
  ...{ edit: 'edited', start: 'started', approve: 'approved', refuse: 'refused', pause: 'paused', resume: 'resumed', stop: 'stopped' },
  ...{ revert: 'reverted', promote: 'promoted', discard: 'discarded', letThrough: 'let through', setPriority: 'given a priority' },
  ...{ retry: 'tried again', annotate: 'annotated' },
}

function whyNot(run: RolloutRun, kind: ActKind): string {
  if ((kind === 'promote' || kind === 'discard') && !run.plan.isComparison) return 'it is not a comparison'
  return `it is ${run.state === 'awaiting-approval' ? 'waiting for approval' : run.state}`
}

function isUndecidedComparison({ plan, decided }: RolloutRun): boolean {
  return plan.isComparison && decided === null
}

/** @param wave left out: any wave that its gate keeps */
function isWaveAtWork(run: RolloutRun, wave?: number): boolean {
  const atWork = run.waves.findIndex(({ state }) => state === 'open' || state === 'at-gate')
  return atWork !== -1 && (wave === undefined || wave === atWork) && !run.waves[atWork]!.isLetThrough
}
