import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../../../shared/domain/problem.ts'
import type { SampleStream } from './sample-stream.ts'

export interface LoadCounts {
  sent: number
  answered: number
  /** Requests that got no answer: only an agent that was killed or serves another model may cause them. */
  failed: number
  correct: number
  labelled: number
  firstFailure: string | null
}

/** Who is asked: its address may change when it is started again, and be missing while it is not there. */
export interface LoadedAgent {
  readonly device: string
  readonly url: string | null
}

export interface LoadOptions {
  agent: LoadedAgent
  stream: SampleStream
  /** Deployment that is asked, and the name of its one input. */
  model: string
  input: string
  perSecond: number
  /** The application tells the truth of each row afterwards; default: yes. */
  tellsTruth?: boolean
  /** Row to begin with: agents that ask the same ones at once would all tell the same. */
  firstRow?: number
  /** Wait after a failure; nobody hammers an agent that is starting. */
  pauseMs?: number
}

/** Sends rows of a stream to one agent over keep-alive HTTP, each followed by its true label as feedback, until told to stop. */
export class Load {
  readonly agent: LoadedAgent
  readonly counts: LoadCounts = { sent: 0, answered: 0, failed: 0, correct: 0, labelled: 0, firstFailure: null }
  readonly #options: LoadOptions
  readonly #http = new Agent({ keepAlive: true, maxSockets: 2 })
  readonly #ended = new AbortController()
  readonly #running: Promise<void>

  constructor(options: LoadOptions) {
    this.agent = options.agent
    this.#options = options
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#ended.abort()
    await this.#running
    this.#http.destroy()
  }

  async #run(): Promise<void> {
    const { stream, perSecond, firstRow = 0 } = this.#options
    for (let i = firstRow; !this.#ended.signal.aborted; i += 1) {
      const pause = this.#pause(1000 / perSecond)
      const row = i % stream.rows.length
      if (this.agent.url !== null) await this.#one(this.agent.url, stream.rows[row]!, stream.labels[row]!)
      await pause
    }
  }

  async #one(url: string, row: number[], label: string): Promise<void> {
    const { model, input, pauseMs = 100 } = this.#options
    this.counts.sent += 1
    try {
      const body = { inputs: [{ name: input, shape: [1, row.length], datatype: 'FP32', data: row }] }
      const answer = await this.#post(`${url}/v2/models/${model}/infer`, body)
      this.counts.answered += 1
      const outputs = answer['outputs'] as { name: string; data: number[] }[]
      if (String(outputs.find((output) => output.name === 'label')?.data[0]) === label) this.counts.correct += 1
      if (this.#options.tellsTruth === false) return
      await this.#post(`${url}/v2/models/${model}/feedback`, { id: answer['id'], label })
      this.counts.labelled += 1
    } catch (error) {
      this.counts.failed += 1
      this.counts.firstFailure ??= messageOf(error)
      await this.#pause(pauseMs)
    }
  }

  /** Waits, or less when the load is stopped. */
  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#ended.signal }).catch(() => undefined)
  }

  #post(url: string, body: unknown): Promise<Record<string, unknown>> {
    const text = JSON.stringify(body)
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
      const call = request(url, { agent: this.#http, method: 'POST', timeout: 10_000, headers }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const answer = Buffer.concat(chunks).toString()
          if (response.statusCode === 200) resolve(JSON.parse(answer) as Record<string, unknown>)
          else reject(new Error(`${url}: ${response.statusCode ?? 0} ${answer.slice(0, 200)}`))
        })
      })
      call.on('error', reject)
      call.on('timeout', () => call.destroy(new Error('no answer within 10 s')))
      call.end(text)
    })
  }
}
