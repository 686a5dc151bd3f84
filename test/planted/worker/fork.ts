import { EventEmitter } from 'node:events'
import type { Readable } from 'node:stream'
import { Worker } from 'node:worker_threads'

/** The part of a child process that the supervisor uses, played by a thread: what the planted bug `worker-instead-of-child` puts in its place. */
class ThreadAsChild extends EventEmitter {
  readonly pid = undefined
  readonly stderr: Readable
  connected = true
  readonly #worker: Worker

  constructor(entry: string, env: Record<string, string>) {
    super()
    this.#worker = new Worker(new URL('boot.ts', import.meta.url), { workerData: { entry }, env, stderr: true })
    this.stderr = this.#worker.stderr
    this.#worker.on('message', (message) => this.emit('message', message))
    this.#worker.on('error', () => undefined)
    this.#worker.once('exit', (code) => {
      this.connected = false
      this.emit('exit', code, null)
      this.emit('close', code, null)
    })
  }

  /** A thread takes messages; sockets cannot be handed to it. */
  send(message: unknown): void {
    this.#worker.postMessage(message, [])
  }

  kill(): void {
    void this.#worker.terminate()
  }
}

/** In the place of `fork` of node:child_process. */
export function fork(entry: string, _words: string[], { env }: { env: Record<string, string> }): ThreadAsChild {
  return new ThreadAsChild(entry, env)
}
