import { Agent } from 'node:http'
import { call, inferBody } from './local-api.ts'

/** What keep-alive clients met. */
export interface Met {
  requests: number
  /** What was not answered with 200. */
  failures: unknown[]
  versions: Set<string>
}

/** Clients that each ask one deployment on one connection, without a pause, until they are stopped. */
export function askAlways(
  at: { url: string; deployment: string; input: string },
  rows: readonly number[][],
  clients: number,
): { met: Met; stop(): Promise<Met> } {
  const met: Met = { requests: 0, failures: [], versions: new Set() }
  let isOver = false
  const client = async (offset: number): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (let i = offset; !isOver; i += 1) {
      met.requests += 1
      try {
        const answer = await call(`${at.url}/v2/models/${at.deployment}/infer`, {
          body: inferBody(at.input, [rows[i % rows.length]!]),
          agent,
        })
        if (answer.status === 200) met.versions.add(answer.body.model_version)
        else met.failures.push(answer)
      } catch (error) {
        met.failures.push(error)
      }
    }
    agent.destroy()
  }
  const all = Array.from({ length: clients }, (_, i) => client(i * 13))
  return {
    met,
    async stop() {
      isOver = true
      await Promise.all(all)
      return met
    },
  }
}
