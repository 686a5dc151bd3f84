import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startGenerations } from '../../agent/supervise/generations.ts'
import { runtimeConfig } from '../../shared/protocol/assignment.ts'
import { digitsDeployment, INPUT, pixelRows } from './digits.ts'
import { KeepAliveClient } from './keep-alive-client.ts'
import { quantile } from './quantile.ts'

/** One form and size of request over the local API. */
export interface OverHttp {
  /** `bare`: binary, against a server that does nothing but run the model. */
  form: 'json' | 'binary' | 'bare'
  rows: number
  requestBytes: number
  /** On one connection, microseconds. */
  p50: number
  p99: number
  /** On eight connections. */
  requestsPerSecond: number
  /** CPU time of the runtime process per request, microseconds. */
  serverCpu: number
}

const CONNECTIONS = 8

/** Runs every form and size against one generation with the sample model. */
export async function benchOverHttp(of: { form: OverHttp['form']; rows: number }[], seconds: number): Promise<OverHttp[]> {
  const directory = mkdtempSync(join(tmpdir(), 'muster-bench-'))
  const generations = await startGenerations({
    ...{ directory, http: { host: '127.0.0.1', port: 0 }, config: runtimeConfig.parse({}), tokenKey: 'bench', agentVersion: '0' },
    ...{ spool: () => undefined, onCrash: () => undefined, log: () => undefined },
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
  })
  try {
    const prepared = await generations.prepare([digitsDeployment('reader')], new AbortController().signal)
    await prepared.promote()
    const { port } = generations.address
    const measured: OverHttp[] = []
    for (const one of of) if (one.form !== 'bare') measured.push(await measure(port, one, seconds))
    for (const one of of) if (one.form === 'bare') measured.push(await withBareServer((bare) => measure(bare, one, seconds)))
    return measured
  } finally {
    await generations.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

async function withBareServer<Made>(work: (port: number) => Promise<Made>): Promise<Made> {
  // The same young generation as the runtime has.
  const child = fork(join(import.meta.dirname, 'bare-server.ts'), [], { execArgv: ['--max-semi-space-size=2'] })
  try {
    const [said] = (await once(child, 'message')) as [{ port: number }]
    return await work(said.port)
  } finally {
    child.disconnect()
  }
}

async function measure(port: number, of: { form: OverHttp['form']; rows: number }, seconds: number): Promise<OverHttp> {
  const request = requestOf(of.form, of.rows)
  const clients = await Promise.all(Array.from({ length: CONNECTIONS }, () => KeepAliveClient.open(port)))
  for (const client of clients) await repeat(client, request, { count: 50 })
  const times: number[] = []
  await repeat(clients[0]!, request, { seconds: seconds / 2, times })
  const cpuBefore = await cpuSeconds(port)
  const startedAt = performance.now()
  const counts = await Promise.all(clients.map((client) => repeat(client, request, { seconds: seconds / 2 })))
  const took = (performance.now() - startedAt) / 1000
  const requests = counts.reduce((sum, count) => sum + count, 0)
  const serverCpu = ((await cpuSeconds(port)) - cpuBefore) / requests
  for (const client of clients) client.close()
  return {
    ...{ ...of, requestBytes: request.length, p50: quantile(times, 0.5), p99: quantile(times, 0.99) },
    ...{ requestsPerSecond: requests / took, serverCpu: serverCpu * 1e6 },
  }
}

async function repeat(
  client: KeepAliveClient,
  request: Buffer,
  until: { count?: number; seconds?: number; times?: number[] },
): Promise<number> {
  const endAt = performance.now() + (until.seconds ?? Number.POSITIVE_INFINITY) * 1000
  let sent = 0
  for (let now = performance.now(); now < endAt && sent < (until.count ?? Number.POSITIVE_INFINITY); sent += 1) {
    const answer = await client.send(request)
    const after = performance.now()
    until.times?.push((after - now) * 1000)
    now = after
    if (answer.toString('latin1', 9, 12) !== '200') throw new Error(`the local API answered: ${answer.toString('utf8', 0, 500)}`)
  }
  return sent
}

/** What the runtime says of itself. */
async function cpuSeconds(port: number): Promise<number> {
  const text = await fetch(`http://127.0.0.1:${port}/metrics`).then((response) => response.text())
  return Number(/^process_cpu_seconds_total (\S+)$/m.exec(text)?.[1])
}

function requestOf(form: OverHttp['form'], rows: number): Buffer {
  const data = pixelRows(rows)
  const spec = { name: INPUT, shape: [rows, 64], datatype: 'FP32' }
  if (form === 'json') {
    const body = Buffer.from(JSON.stringify({ inputs: [{ ...spec, data: Array.from(data) }] }))
    return Buffer.concat([head(body.length, 'Content-Type: application/json'), body])
  }
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  const json = { inputs: [{ ...spec, parameters: { binary_data_size: bytes.length } }], parameters: { binary_data_output: true } }
  const text = Buffer.from(JSON.stringify(json))
  const length = `Inference-Header-Content-Length: ${text.length}`
  return Buffer.concat([head(text.length + bytes.length, length), text, bytes])
}

function head(length: number, more: string): Buffer {
  return Buffer.from(`POST /v2/models/reader/infer HTTP/1.1\r\nHost: localhost\r\n${more}\r\nContent-Length: ${length}\r\n\r\n`)
}
