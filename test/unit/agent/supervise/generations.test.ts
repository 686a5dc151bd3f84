import { spawnSync } from 'node:child_process'
import { Agent } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { labelledRows, sampleDeployment, samples } from '../../../harness/manifest.ts'
import { call, inferBody, startTestedGenerations, until, type TestedGenerations } from '../../../harness/local-api.ts'

let tested: TestedGenerations
afterEach(() => tested.stop())

const rows = labelledRows('digits/stream.csv', 200)

describe('switching generations', () => {
  test('keep-alive clients meet no failure in 12 switches, and the windows add up to their requests', { timeout: 60_000 }, async () => {
    tested = await startTestedGenerations()
    const versions = [sampleDeployment('reader', samples.digits110), sampleDeployment('reader', samples.digits120)]
    await tested.serve([versions[0]!])
    let isOver = false
    let requests = 0
    let right = 0
    const failures: unknown[] = []
    const client = async (offset: number): Promise<void> => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      for (let i = offset; !isOver; i += 1) {
        const { row, label } = rows[i % rows.length]!
        requests += 1
        try {
          const answer = await call(`${tested.url}/v2/models/reader/infer`, { body: inferBody('pixels', [row]), agent })
          if (answer.status !== 200) failures.push(answer)
          if (answer.body.parameters.label === label) right += 1
        } catch (error) {
          failures.push(error)
        }
      }
      agent.destroy()
    }
    const clients = Array.from({ length: 8 }, (_, i) => client(i * 17))
    for (let i = 1; i <= 12; i += 1) await tested.serve([versions[i % 2]!])
    isOver = true
    await Promise.all(clients)
    await tested.generations.stop()
    expect(failures).toEqual([])
    expect(right / requests).toBeGreaterThan(0.93)
    const bodiesOf = (kind: string): unknown[] => tested.records.filter((record) => record.kind === kind).map(({ body }) => body)
    const counted = bodiesOf('window') as { requests: number; rows: number; errors: object; latencyMs: { count: number } }[]
    const distributions = bodiesOf('distribution') as { rows: number }[]
    expect(distributions.reduce((sum, { rows: part }) => sum + part, 0)).toBe(requests)
    expect(counted.reduce((sum, body) => sum + body.requests, 0)).toBe(requests)
    expect(counted.reduce((sum, body) => sum + body.latencyMs.count, 0)).toBe(requests)
    expect(counted.every((body) => Object.keys(body.errors).length === 0)).toBe(true)
    expect(tested.crashes).toEqual([])
  })

  test('a connection that was open before makes one last request there, and an idle one is closed after its grace', async () => {
    tested = await startTestedGenerations({ deadlines: { drainMs: 500 } })
    await tested.serve([sampleDeployment('reader', samples.digits110)])
    const talking = new Agent({ keepAlive: true, maxSockets: 1 })
    const idle = new Agent({ keepAlive: true, maxSockets: 1 })
    const ask = async (agent: Agent): Promise<unknown[]> => {
      const { body, headers } = await call(`${tested.url}/v2/models/reader/infer`, { body: inferBody('pixels', [rows[0]!.row]), agent })
      return [body.model_version, headers['connection']]
    }
    const sockets = (agent: Agent): number => Object.values(agent.freeSockets).flat().length
    const before = [await ask(talking), await ask(idle), sockets(talking), sockets(idle)]
    await tested.serve([sampleDeployment('reader', samples.digits120)])
    const after = [await ask(talking), await ask(talking)]
    await until(() => sockets(idle) === 0, 'the idle connection is closed')
    expect([before, after, await ask(idle)]).toEqual([
      [['1.1.0', 'keep-alive'], ['1.1.0', 'keep-alive'], 1, 1],
      [
        ['1.1.0', 'close'],
        ['1.2.0', 'keep-alive'],
      ],
      ['1.2.0', 'keep-alive'],
    ])
    talking.destroy()
    idle.destroy()
  })

  test('a connection to the generation before is not told that a model is missing which has just come', async () => {
    tested = await startTestedGenerations()
    const first = sampleDeployment('first', samples.digits110)
    await tested.serve([first])
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const ask = async (): Promise<unknown[]> => {
      const { status, body, headers } = await call(`${tested.url}/v2/models/second`, { agent })
      return [status, body.code ?? body.name, headers['connection']]
    }
    const before = await ask()
    await tested.serve([first, sampleDeployment('second', samples.digits120)])
    expect([before, await ask(), await ask()]).toEqual([
      [404, 'inference.not-found', 'keep-alive'],
      [503, 'runtime.not-ready', 'close'],
      [200, 'second', 'keep-alive'],
    ])
    agent.destroy()
  })

  test('a signal to the runtime alone loses no count, and the set serves again', async () => {
    tested = await startTestedGenerations()
    await tested.serve([sampleDeployment('reader', samples.digits110)])
    const ask = () => call(`${tested.url}/v2/models/reader/infer`, { body: inferBody('pixels', [rows[0]!.row]) })
    for (let i = 0; i < 3; i += 1) await ask()
    const [child] = spawnSync('pgrep', ['-P', String(process.pid), '-f', 'runtime/main.ts'], { encoding: 'utf8' })
      .stdout.split('\n')
      .map(Number)
    process.kill(child!, 'SIGTERM')
    await until(() => tested.crashes.length === 1, 'it ended')
    expect((await ask()).status).toBe(200)
    expect(tested.crashes).toMatchObject([{ serving: true, reason: 'it was asked to end by a signal' }])
    expect(tested.records.map(({ kind, body }) => [kind, (body as { rows: number }).rows])).toEqual([
      ['window', 3],
      ['distribution', 3],
    ])
  })
})
