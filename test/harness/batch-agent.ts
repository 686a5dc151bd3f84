import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startStatusSocket } from '../../agent/control/socket.ts'
import { agentStatus } from '../../agent/control/status.ts'
import { identity, writeIdentity } from '../../agent/identity.ts'
import type { RuntimeDeployment } from '../../agent/runtime/messages.ts'
import { startTestedGenerations, type TestedGenerations } from './local-api.ts'

/** What a command on the device finds of a running agent: identity, status socket, stored manifests, and a real runtime behind them. */
export interface BatchAgent {
  directory: string
  tested: TestedGenerations
  stop(): Promise<void>
}

/** Starts a runtime with one deployment, and the files and socket of its agent in a directory. */
export async function startBatchAgent(directory: string, of: RuntimeDeployment): Promise<BatchAgent> {
  const tested = await startTestedGenerations()
  const bytes = Buffer.from(JSON.stringify(of.manifest))
  const digest = createHash('sha256').update(bytes).digest('hex')
  await tested.serve([{ ...of, digest }])
  mkdirSync(join(directory, 'artifacts'), { recursive: true })
  writeFileSync(join(directory, 'artifacts', digest), bytes)
  const key = `${'A'.repeat(43)}=`
  writeIdentity(
    directory,
    identity.parse({
      ...{ v: 1, fleet: 'lab', device: 'cam-1', username: 'cam-1', secret: 'secret', brokerUrl: 'mqtt://127.0.0.1:1', enrolledAt: 0 },
      trust: { assignment: [key], bundle: [key] },
    }),
  )
  const status = agentStatus.parse({
    ...{ running: true, fleet: 'lab', device: 'cam-1', agentVersion: '0.1.0', pid: process.pid, startedAt: 0, httpUrl: tested.url },
    broker: { url: 'mqtt://127.0.0.1:1', connected: false, since: null, problem: null },
    order: { counter: 1, problem: null },
    spool: { records: 0, bytes: 0, lastAckAt: null, problem: null },
    deployments: {
      [of.deployment]: {
        ...{ state: 'active', candidate: null, lastGood: null, progress: null, problem: null },
        active: { digest, model: of.manifest.model, version: of.manifest.version, since: 0 },
      },
    },
  })
  const socket = await startStatusSocket(directory, { status: () => status, answer: () => ({}), carry: () => ({}) })
  return {
    directory,
    tested,
    async stop() {
      await socket.stop()
      await tested.stop()
    },
  }
}
