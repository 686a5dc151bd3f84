import { Problem, problemFrom } from '../domain/problem.ts'
import type { InputOf, MethodName, OutputOf } from './contract.ts'
import { contract } from './contract.ts'
import { answerFrame, changedFrame, type CallFrame, type ChangeTopic } from './frames.ts'

/** Carries frames; a WebSocket, a MessagePort or a pair in memory. */
export interface Transport {
  send(frame: CallFrame): void
  onFrame(handler: (frame: unknown) => void): void
  /** Told once, when nothing will come any more. */
  onClose(handler: (reason: string) => void): void
  close(): void
}

export interface RpcClient {
  /** Calls a method. @throws Problem with the code of the console, or `console.unreachable`. */
  call<Name extends MethodName>(method: Name, input: InputOf<Name>, options?: { commandId?: string }): Promise<OutputOf<Name>>
  /** Calls a method by a name that is known at run time only. */
  callAny(method: string, input: unknown, options?: { commandId?: string }): Promise<unknown>
  /** Told what changed; returns the unsubscribe. */
  onChanged(handler: (topics: ChangeTopic[]) => void): () => void
  close(): void
}

/** A caller over any transport. @param makeId random ids for commands, so that a resend does nothing twice */
export function createRpcClient(transport: Transport, makeId: () => string): RpcClient {
  const waiting = new Map<number, { resolve: (output: unknown) => void; reject: (error: Problem) => void }>()
  const listeners = new Set<(topics: ChangeTopic[]) => void>()
  let nextId = 1
  let closed: Problem | null = null

  transport.onFrame((frame) => {
    const changed = changedFrame.safeParse(frame)
    if (changed.success) {
      for (const listener of listeners) listener(changed.data.topics)
      return
    }
    const answer = answerFrame.safeParse(frame)
    if (!answer.success) return
    const call = waiting.get(answer.data.id)
    waiting.delete(answer.data.id)
    if (answer.data.ok) call?.resolve(answer.data.output)
    else
      call?.reject(
        problemFrom({
          code: answer.data.error.code,
          message: answer.data.error.message,
          ...(answer.data.error.hint === undefined ? {} : { hint: answer.data.error.hint }),
        }),
      )
  })
  transport.onClose((reason) => {
    closed = new Problem('console.unreachable', `The console closed the connection: ${reason}`)
    for (const call of waiting.values()) call.reject(closed)
    waiting.clear()
  })

  const callAny = (method: string, input: unknown, options: { commandId?: string } = {}): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (closed !== null) {
        reject(closed)
        return
      }
      const id = nextId
      nextId += 1
      waiting.set(id, { resolve, reject })
      const isCommand = Object.hasOwn(contract, method) && contract[method as MethodName].kind === 'command'
      const commandId = options.commandId ?? (isCommand ? makeId() : undefined)
      transport.send(commandId === undefined ? { id, method, input } : { id, method, input, commandId })
    })

  return {
    callAny,
    call: async <Name extends MethodName>(method: Name, input: InputOf<Name>, options?: { commandId?: string }) =>
      contract[method].output.parse(await callAny(method, input, options)) as OutputOf<Name>,
    onChanged(handler) {
      listeners.add(handler)
      return () => listeners.delete(handler)
    },
    close: () => transport.close(),
  }
}
