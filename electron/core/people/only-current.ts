import { Problem } from '../../../shared/domain/problem.ts'
import { contract, isMethodName } from '../../../shared/rpc/contract.ts'
import type { Caller } from '../../../shared/rpc/dispatch.ts'
import type { AnswerFrame } from '../../../shared/rpc/frames.ts'
import type { Access } from './access.ts'

type Dispatch = (frame: unknown, caller: Caller) => Promise<AnswerFrame>

/** Answers only callers who may still come in; a call of any other ends the connection as well. */
export function onlyCurrent(dispatch: Dispatch, { access, recheck }: { access: Access; recheck(): void }): Dispatch {
  return (frame, caller) => {
    if (!access.isCurrent(caller)) {
      recheck()
      const error = new Problem('access.session-ended', 'The session has ended.').toReport()
      return Promise.resolve({ id: idOf(frame), ok: false, error })
    }
    // A page asks by itself all day: only what a person does keeps a session in use. A program has no other way to show that it is at work.
    if (caller.by === 'token' || (caller.by === 'session' && isCommand(frame))) access.noteUse(caller)
    return dispatch(frame, caller)
  }
}

function isCommand(frame: unknown): boolean {
  const method = typeof frame === 'object' && frame !== null && 'method' in frame ? frame.method : null
  return typeof method === 'string' && isMethodName(method) && contract[method].kind === 'command'
}

function idOf(frame: unknown): number {
  const id = typeof frame === 'object' && frame !== null && 'id' in frame ? frame.id : null
  return typeof id === 'number' && Number.isSafeInteger(id) && id >= 0 ? id : 0
}
