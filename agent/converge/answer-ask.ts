import type { AgentStatus } from '../control/status.ts'
import type { LocalAsk } from '../runtime/messages.ts'
import type { Convergence } from './converge.ts'

/** What answers are made from. */
export interface AskParts {
  convergence: Pick<Convergence, 'lock' | 'unlock' | 'revert'>
  status(): AgentStatus
}

/**
 * Answers what somebody on this device asks, over the local API or the control socket.
 * @throws Problem `lock.invalid`, `revert.nothing`, `store.*`
 */
export function answerAsk(ask: LocalAsk, { convergence, status }: AskParts): object {
  switch (ask.kind) {
    case 'status':
      return status()
    case 'lock':
      return convergence.lock(ask.lock.reason, ask.lock.until)
    case 'unlock':
      return { wasLocked: convergence.unlock() }
    case 'revert':
      return { deployment: ask.deployment, ...convergence.revert(ask.deployment, ask.reason) }
  }
}
