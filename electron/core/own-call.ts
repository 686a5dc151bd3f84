import { randomUUID } from 'node:crypto'
import { problemFrom } from '../../shared/domain/problem.ts'
import { contract, type InputOf, type MethodName, type OutputOf } from '../../shared/rpc/contract.ts'
import type { Caller } from '../../shared/rpc/dispatch.ts'
import type { AnswerFrame } from '../../shared/rpc/frames.ts'

/** Calls a method of the interface from within the core. @throws Problem of the method */
export type OwnCall = <Name extends MethodName>(method: Name, input: InputOf<Name>) => Promise<OutputOf<Name>>

/** A caller within the core: its commands are checked, run once and audited like those of everybody, under a name of its own. */
export function ownCaller(dispatch: (frame: unknown, caller: Caller) => Promise<AnswerFrame>, actor: string): OwnCall {
  return async (method, input) => {
    const id = contract[method].kind === 'command' ? { commandId: randomUUID() } : {}
    const answer = await dispatch({ id: 1, method, input, ...id }, { actor, role: 'admin' })
    if (answer.ok) return contract[method].output.parse(answer.output) as OutputOf<typeof method>
    const { code, message, hint } = answer.error
    throw problemFrom(hint === undefined ? { code, message } : { code, message, hint })
  }
}
