import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LocalAgent } from './local-fleet.ts'
import type { SampleStream } from './sample-stream.ts'

export interface LoadCounts {
  sent: number
  answered: number
  /** Requests that got no answer: only a killed agent may cause them. */
  failed: number
  correct: number
  labelled: number
  firstFailure: string | null
}

/** Sends rows of a stream to one agent over keep-alive HTTP, each followed by its true label as feedback, until told to stop. */
export class Load {
  readonly agent: LocalAgent
  readonly counts: LoadCounts = { sent: 0, answered: 0, failed: 0, correct: 0, labelled: 0, firstFailure: null }
  readonly #stream: SampleStream
  readonly #model: string
  readonly #perSecond: number
  readonly #http = new Agent({ keepAlive: true, maxSockets: 2 })
  #isRunning = true
  #running: Promise<void>

  constructor(options: { agent: LocalAgent; stream: SampleStream; model: string; perSecond: number }) {
    this.agent = options.agent
    this.#stream = options.stream
    this.#model = options.model
    this.#perSecond = options.perSecond
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#isRunning = false
    await this.#running
    this.#http.destroy()
  }

  async #run(): Promise<void> {
    for (let i = 0; this.#isRunning; i += 1) {
      const pause = sleep(1000 / this.#perSecond)
      const row = i % this.#stream.rows.length
      await this.#one(this.#stream.rows[row]!, this.#stream.labels[row]!)
      await pause
    }
  }

  async #one(row: number[], label: string): Promise<void> {
    this.counts.sent += 1
    try {
      const body = { inputs: [{ name: 'pixels', shape: [1, row.length], datatype: 'FP32', data: row }] }
      const answer = await this.#post(`/v2/models/${this.#model}/infer`, body)
      this.counts.answered += 1
      const outputs = answer['outputs'] as { name: string; data: number[] }[]
      if (String(outputs.find((output) => output.name === 'label')?.data[0]) === label) this.counts.correct += 1
      await this.#post(`/v2/models/${this.#model}/feedback`, { id: answer['id'], label })
      this.counts.labelled += 1
    } catch (error) {
      this.counts.failed += 1
      this.counts.firstFailure ??= error instanceof Error ? error.message : String(error)
      await sleep(100)
    }
  }

  #post(path: string, body: unknown): Promise<Record<string, unknown>> {
    const text = JSON.stringify(body)
    return new Promise((resolve, reject) => {
      const call = request(
        `${this.agent.url}${path}`,
        {
          agent: this.#http,
          method: 'POST',
          timeout: 10_000,
          headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
        },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('error', reject)
          response.on('end', () => {
            const answer = Buffer.concat(chunks).toString()
            if (response.statusCode === 200) resolve(JSON.parse(answer) as Record<string, unknown>)
            else reject(new Error(`${path}: ${response.statusCode ?? 0} ${answer.slice(0, 200)}`))
          })
        },
      )
      call.on('error', reject)
      call.on('timeout', () => call.destroy(new Error('no answer within 10 s')))
      call.end(text)
    })
  }
}
