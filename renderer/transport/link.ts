import { Problem } from '../../shared/domain/problem.ts'
import { createRpcClient, type RpcClient, type Transport } from '../../shared/rpc/client.ts'
import { contract, isMethodName, type InputOf, type MethodName, type OutputOf } from '../../shared/rpc/contract.ts'
import type { ChangeTopic } from '../../shared/rpc/frames.ts'

export type LinkState =
  | { kind: 'connecting'; since: number }
  | { kind: 'connected'; since: number }
  | { kind: 'lost'; since: number; reason: string; nextTryAt: number }
  | { kind: 'denied'; reason: string }

/** The page's one way to the core: it comes back by itself, and a call that was under way when it broke is sent again. */
export interface Link {
  call<Name extends MethodName>(method: Name, input: InputOf<Name>, options?: { commandId?: string }): Promise<OutputOf<Name>>
  onChanged(handler: (topics: ChangeTopic[]) => void): () => void
  state(): LinkState
  onState(handler: () => void): () => void
  /** Tries at once, not at the end of the pause. */
  retryNow(): void
  close(): void
}

const RETRY_MS = { first: 300, most: 5000 } as const

/**
 * Keeps a connection.
 *
 * INVARIANTS
 * 1. At most one transport is open; a new one is opened only after the old one told its end.
 * 2. A command is sent again under the id of its first try, so that it happens once.
 * 3. `access.denied` ends the tries: the same key would be refused again.
 */
export function keepLink(options: { open(): Promise<Transport>; makeId(): string; now(): number }): Link {
  const { open, makeId, now } = options
  let state: LinkState = { kind: 'connecting', since: now() }
  let client: RpcClient | null = null
  let pause: number = RETRY_MS.first
  let timer: ReturnType<typeof setTimeout> | null = null
  let isClosed = false
  const stateHandlers = new Set<() => void>()
  const changeHandlers = new Set<(topics: ChangeTopic[]) => void>()

  const become = (next: LinkState): void => {
    state = next
    for (const handler of stateHandlers) handler()
  }
  const lose = (reason: string): void => {
    client = null
    if (isClosed) return
    become({ kind: 'lost', since: state.kind === 'lost' ? state.since : now(), reason, nextTryAt: now() + pause })
    timer = setTimeout(() => void connect(), pause)
    pause = Math.min(pause * 2, RETRY_MS.most)
  }
  const connect = async (): Promise<void> => {
    timer = null
    try {
      const transport = await open()
      transport.onClose((reason) => lose(reason))
      client = createRpcClient(transport, makeId)
      client.onChanged((topics) => {
        for (const handler of changeHandlers) handler(topics)
      })
      pause = RETRY_MS.first
      become({ kind: 'connected', since: now() })
    } catch (error) {
      if (error instanceof Problem && error.code === 'access.denied') become({ kind: 'denied', reason: error.message })
      else lose(error instanceof Error ? error.message : String(error))
    }
  }
  const connected = (): Promise<RpcClient> =>
    new Promise((resolve, reject) => {
      const settle = (): boolean => {
        if (client !== null) resolve(client)
        else if (isClosed || state.kind === 'denied') reject(new Problem('console.unreachable', 'The console is not connected.'))
        else return false
        return true
      }
      if (settle()) return
      const handler = (): void => {
        if (settle()) stateHandlers.delete(handler)
      }
      stateHandlers.add(handler)
    })

  void connect()
  return {
    async call(method, input, { commandId } = {}) {
      const isCommand = isMethodName(method) && contract[method].kind === 'command'
      const id = commandId ?? (isCommand ? makeId() : undefined)
      for (;;) {
        const over = await connected()
        try {
          return await over.call(method, input, id === undefined ? {} : { commandId: id })
        } catch (error) {
          const isBroken = error instanceof Problem && error.code === 'console.unreachable'
          if (!isBroken || isClosed) throw error
        }
      }
    },
    onChanged(handler) {
      changeHandlers.add(handler)
      return () => changeHandlers.delete(handler)
    },
    state: () => state,
    onState(handler) {
      stateHandlers.add(handler)
      return () => stateHandlers.delete(handler)
    },
    retryNow() {
      if (timer === null) return
      clearTimeout(timer)
      pause = RETRY_MS.first
      void connect()
    },
    close() {
      isClosed = true
      if (timer !== null) clearTimeout(timer)
      client?.close()
    },
  }
}
