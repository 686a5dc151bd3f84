import type { FromRuntime, RuntimeDeployment, ToRuntime, Vital } from '../../agent/runtime/messages.ts'

// A runtime that does what an inference message says: it stands for the real one where only its messages matter. It holds no model.

/** What a test can tell it to do, as the request of an inference. */
export interface Script {
  /** Answers so late, ms; -1: never. */
  afterMs?: number
  /** Counts from the next sign of life on, for its first deployment. */
  vital?: Partial<Vital>
  rssBytes?: number
  /** Asks the supervisor, and answers what it is told. */
  ask?: Extract<FromRuntime, { type: 'ask' }>['ask']
  exit?: number
}

let deployments: RuntimeDeployment[] = []
let vital: Partial<Vital> = {}
let rssBytes = 100_000_000

const post = (message: FromRuntime): void => void process.send?.(message)

function answer(id: number, script: Script): void {
  if (script.exit !== undefined) process.exit(script.exit)
  vital = { ...vital, ...script.vital }
  rssBytes = script.rssBytes ?? rssBytes
  if (script.ask !== undefined) return post({ type: 'ask', id, ask: script.ask })
  const { afterMs = 0 } = script
  const served = deployments.map(({ digest, role, serving }) => ({ digest, role: role.kind, cacheEntries: serving.cacheEntries }))
  if (afterMs >= 0) setTimeout(() => post({ type: 'inferred', id, status: 200, body: { served, pid: process.pid } }), afterMs)
}

process.on('message', (message: ToRuntime) => {
  switch (message.type) {
    case 'load':
      deployments = message.deployments
      for (const { deployment, digest } of deployments) {
        post({ type: 'loading', deployment })
        post({ type: 'probed', result: { deployment, digest, problem: null, cases: 1, medianMs: 1, memoryBytes: 0 } })
      }
      return post({ type: 'loaded' })
    case 'infer':
      return answer(message.id, message.request as Script)
    case 'told':
      return post({ type: 'inferred', id: message.id, status: message.status, body: message.body })
    case 'tune':
      deployments = deployments.map((one) => ({ ...one, ...message.deployments.find(({ digest }) => digest === one.digest) }))
      return
    case 'drain':
      return post({ type: 'drained', unsent: [] })
    case 'carried':
    case 'configure':
    case 'connection':
    case 'park':
    case 'serve':
    case 'stored':
      return
  }
})
process.on('disconnect', () => process.exit(0))
setInterval(() => {
  const counts = { inferences: 0, failed: 0, notFinite: 0, medianMs: null, ...vital }
  const vitals = deployments.slice(0, 1).map(({ deployment, digest }) => ({ deployment, digest, ...counts }))
  post({ type: 'heartbeat', rssBytes, cpuMicros: 0, openConnections: 0, inFlight: 0, vitals })
}, 100)
post({ type: 'booted' })
