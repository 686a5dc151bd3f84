import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { connectConsole } from '../../electron/core/cli/connect.ts'
import type { RpcClient } from '../../shared/rpc/client.ts'
import { freePort, runProgram, startProgram, until, type Program } from './child.ts'

/** The programs as source; a bundle in `dist/` may take their place. */
export interface Programs {
  console: string
  agent: string
}
/** A start takes a second or two; a machine with other work may need many more. */
const START_SECONDS = 120
const source: Programs = { console: 'electron/core/cli.ts', agent: 'agent/cli.ts' }

/** A console as a process: it can be stopped, killed and started again on the same data, ports included. */
export class LocalConsole {
  readonly data: string
  readonly mqttPort: number
  readonly httpPort: number
  readonly #extra: readonly string[]
  readonly #script: string
  program: Program | null = null
  rpc: RpcClient | null = null

  private constructor(
    data: string,
    ports: { mqtt: number; http: number },
    { extra, script }: { extra: readonly string[]; script: string },
  ) {
    this.data = data
    this.mqttPort = ports.mqtt
    this.httpPort = ports.http
    this.#extra = extra
    this.#script = script
  }

  /** Starts a console in a data directory. @param extra further flags of `muster console` */
  static async start(data: string, extra: readonly string[] = [], programs: Programs = source): Promise<LocalConsole> {
    const made = new LocalConsole(data, { mqtt: await freePort(), http: await freePort() }, { extra, script: programs.console })
    await made.launch()
    return made
  }

  get address(): { url: string; token: string } {
    return JSON.parse(readFileSync(join(this.data, 'console.json'), 'utf8')) as { url: string; token: string }
  }

  /** Starts the process (again) and connects to it. */
  async launch(): Promise<RpcClient> {
    rmSync(join(this.data, 'console.json'), { force: true })
    const ports = ['--port', String(this.httpPort), '--mqtt-port', String(this.mqttPort)]
    const program = startProgram(this.#script, ['--data', this.data, 'console', '--headless', ...ports, ...this.#extra], { isGroup: true })
    this.program = program
    await until('the console to start', START_SECONDS, () => {
      if (program.child.exitCode !== null) throw new Error(`the console ended:\n${program.output()}`)
      return existsSync(join(this.data, 'console.json'))
    })
    this.rpc = await connectConsole({ data: this.data })
    return this.rpc
  }

  async stop(): Promise<void> {
    this.rpc?.close()
    await this.program?.kill('SIGTERM')
  }

  /** Ends console, hub and whatever else it started at one instant. */
  async crash(): Promise<void> {
    this.rpc?.close()
    await this.program?.killGroup()
  }
}

/** An agent as a process: it can be killed and started again with the same directory and HTTP port. */
export class LocalAgent {
  readonly device: string
  readonly directory: string
  readonly httpPort: number
  readonly #extra: readonly string[]
  readonly #script: string
  program: Program | null = null

  constructor(options: { device: string; directory: string; httpPort: number; extra?: readonly string[]; programs?: Programs }) {
    this.device = options.device
    this.directory = options.directory
    this.httpPort = options.httpPort
    this.#extra = options.extra ?? []
    this.#script = (options.programs ?? source).agent
  }

  /** Enrols a new agent with a one-time code and starts it. */
  static async join(
    rpc: RpcClient,
    directory: string,
    options: { device: string; labels?: Record<string, string>; brokerUrl?: string; extra?: readonly string[]; programs?: Programs },
  ): Promise<LocalAgent> {
    const programs = options.programs ?? source
    const made = await rpc.call('devices.createCode', { device: options.device, labels: options.labels ?? {} })
    const agent = new LocalAgent({
      device: options.device,
      directory,
      httpPort: await freePort(),
      ...(options.extra === undefined ? {} : { extra: options.extra }),
      programs,
    })
    await runProgram(programs.agent, [
      'enroll',
      '--dir',
      directory,
      '--broker',
      options.brokerUrl ?? made.brokerUrl,
      '--code',
      made.code,
      '--id',
      options.device,
    ])
    await agent.launch()
    return agent
  }

  get url(): string {
    return `http://127.0.0.1:${this.httpPort}`
  }

  /** Starts the process (again) and waits until its HTTP interface answers. */
  async launch(): Promise<void> {
    const program = startProgram(this.#script, ['run', '--dir', this.directory, '--http-port', String(this.httpPort), ...this.#extra], {
      isGroup: true,
    })
    this.program = program
    await until(`the agent ${this.device} to start`, START_SECONDS, async () => {
      if (program.child.exitCode !== null) throw new Error(`the agent ${this.device} ended:\n${program.output()}`)
      return this.isLive()
    })
  }

  async isLive(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/v2/health/live`, { signal: AbortSignal.timeout(2000) })).ok
    } catch {
      return false
    }
  }

  async stop(): Promise<void> {
    await this.program?.kill('SIGTERM')
  }

  /** Ends supervisor and runtime at one instant. */
  async crash(): Promise<void> {
    await this.program?.killGroup()
  }

  /** What `muster-agent status --json` prints. */
  async status(): Promise<unknown> {
    const program = startProgram(this.#script, ['status', '--dir', this.directory, '--json'])
    await program.ended
    return JSON.parse(program.output())
  }
}
