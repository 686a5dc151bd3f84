import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { MessageChannel, Worker } from 'node:worker_threads'
import { onTestFinished } from 'vitest'
import type { FromCore, ToCore } from '../../electron/core/desktop/messages.ts'
import { createRpcClient, type RpcClient } from '../../shared/rpc/client.ts'

/** The desktop's core in a worker that plays the utility process; what it says, and RPC with it over a real MessagePort. */
export interface CoreWorker {
  said: FromCore[]
  tell(message: ToCore): void
  connect(): RpcClient & { closed: Promise<void> }
  /** Resolves with the exit code. */
  ended: Promise<number>
}

/** @param entry file of the core, as source or as bundle, absolute @param env further variables of its environment */
export function startCoreWorker(entry: string, env: Record<string, string> = {}): CoreWorker {
  const worker = new Worker(new URL('./parent-port-shim.ts', import.meta.url), {
    workerData: { entry },
    env: { ...process.env, ...env },
    stderr: true,
  })
  worker.stderr.resume()
  const said: FromCore[] = []
  worker.on('message', (message: FromCore) => said.push(message))
  const ended = once(worker, 'exit').then(([code]) => code as number)
  onTestFinished(async () => void (await worker.terminate()))
  return {
    said,
    ended,
    tell: (message) => worker.postMessage({ message, ports: [] }, []),
    connect() {
      const { port1, port2 } = new MessageChannel()
      worker.postMessage({ message: { type: 'port', for: 'page' } satisfies ToCore, ports: [port2] }, [port2])
      const closed = once(port1, 'close').then(() => undefined)
      const client = createRpcClient(
        {
          send: (frame) => port1.postMessage(frame),
          onFrame: (handler) => void port1.on('message', handler),
          onClose: (handler) => void port1.on('close', () => handler('it went away')),
          close: () => port1.close(),
        },
        randomUUID,
      )
      return { ...client, closed }
    },
  }
}
