import { runtimeConfig } from '../../shared/protocol/assignment.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Problem } from '../../shared/domain/problem.ts'
import type { RuntimeDeployment, UnspooledRecord } from '../../agent/runtime/messages.ts'
import { startGenerations, type Crash, type Generations, type GenerationsOptions } from '../../agent/supervise/generations.ts'

/** An answer of the local API. */
export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  // Tests look into bodies of many forms; each looks only at what it asserts.
  body: any // oxlint-disable-line typescript/no-explicit-any
}

/** One HTTP exchange; a body that is no Buffer or text is sent as JSON. */
export function call(
  url: string,
  options: { method?: string; body?: unknown; headers?: Record<string, string>; agent?: Agent } = {},
): Promise<Answer> {
  const { body } = options
  const bytes =
    body === undefined ? null : typeof body === 'string' || Buffer.isBuffer(body) ? Buffer.from(body) : Buffer.from(JSON.stringify(body))
  return new Promise((resolve, reject) => {
    const headers = bytes === null ? { ...options.headers } : { 'Content-Length': String(bytes.length), ...options.headers }
    const sent = request(
      url,
      { method: options.method ?? (bytes === null ? 'GET' : 'POST'), headers, agent: options.agent ?? new Agent() },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8')
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text === '' ? null : JSON.parse(text) })
        })
        response.on('error', reject)
      },
    )
    sent.on('error', reject)
    sent.end(bytes ?? undefined)
  })
}

/** An inference request with one FP32 input. */
export function inferBody(input: string, rows: number[][], more: object = {}): object {
  return { inputs: [{ name: input, shape: [rows.length, rows[0]!.length], datatype: 'FP32', data: rows.flat() }], ...more }
}

/** Generations with a spool in memory that can be made to refuse, and everything they told. */
export interface TestedGenerations {
  generations: Generations
  url: string
  records: UnspooledRecord[]
  crashes: Crash[]
  logged: { level: string; message: string; detail: unknown }[]
  directory: string
  /** Not null: the spool throws it. */
  refuseWith: { problem: Problem | null }
  /** Prepares and promotes a set. */
  serve(set: RuntimeDeployment[]): Promise<void>
  stop(): Promise<void>
}

/** Starts generations on a free port of loopback. */
export async function startTestedGenerations(options: Partial<GenerationsOptions> = {}): Promise<TestedGenerations> {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'muster-run-'))
  const records: UnspooledRecord[] = []
  const crashes: Crash[] = []
  const logged: TestedGenerations['logged'] = []
  const refuseWith: TestedGenerations['refuseWith'] = { problem: null }
  const generations = await startGenerations({
    directory,
    http: { host: '127.0.0.1', port: 0 },
    config: runtimeConfig.parse({ windowSeconds: 60 }),
    tokenKey: 'key of this test',
    agentVersion: '0.1.0',
    spool: (given) => {
      if (refuseWith.problem !== null) throw refuseWith.problem
      records.push(...given)
    },
    onCrash: (crash) => crashes.push(crash),
    log: (level, message, detail) => logged.push({ level, message, detail }),
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    ...options,
  })
  return {
    generations,
    url: generations.address.url,
    records,
    crashes,
    logged,
    directory,
    refuseWith,
    async serve(set) {
      const prepared = await generations.prepare(set, new AbortController().signal)
      await prepared.promote()
    },
    async stop() {
      await generations.stop()
      if (options.directory === undefined) rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Waits until `condition` holds, at most 15 s. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const giveUpAt = performance.now() + 15_000
  while (!(await condition())) {
    if (performance.now() > giveUpAt) throw new Error(`never happened: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
