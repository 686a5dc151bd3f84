import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { freePort, until } from '../../build/demo/child.ts'
import { missingLines, type DocumentedCommand } from './documented-commands.ts'
import { temporaryDirectory } from './fleet.ts'

/** A word of a document that stands for something the reader was shown, and how it is found in what was printed. */
export type Placeholders = Readonly<Record<string, RegExp>>

/** What stands beside the reader, beyond a bare machine. */
export interface Surroundings {
  /** What commands may need, by the word of the document, and whether it is there. */
  things?: Readonly<Record<string, boolean>>
  /** Environment variables that a document says to be set. */
  env?: Readonly<Record<string, string>>
  /** Ports on loopback that a document names for programs of others, and where those really are. */
  ports?: Readonly<Record<string, number>>
}

/** Programs start on a machine that may have other work. */
const START_SECONDS = 300
const COMMAND_MS = 600_000
/** How long one looks again. */
const AGAIN_SECONDS = 300
/** `MUSTER_TRANSCRIPT=FILE` writes down each command with its time and what it printed: for whoever writes a document. */
const TRANSCRIPT = process.env['MUSTER_TRANSCRIPT']

/** Where a command names a port. */
const PORT = /(127\.0\.0\.1:|localhost:|--http-port |--port )(\d+)/g

interface Running {
  child: ChildProcess
  kind: 'console' | 'agent'
}

/** Somebody who follows a document word by word: with a home and ports of their own, and else the places that the programs choose. */
export class Reader {
  readonly home: string
  readonly #env: NodeJS.ProcessEnv
  readonly #things: Readonly<Record<string, boolean>>
  readonly #ports: Map<string, number>
  readonly #running: Running[] = []
  #printed = ''

  constructor({ things = {}, env = {}, ports = {} }: Surroundings = {}) {
    this.#things = things
    this.#ports = new Map(Object.entries(ports))
    const directory = temporaryDirectory()
    this.home = join(directory, 'home')
    mkdirSync(this.home)
    // The same programs start from the source again and again: kept in compiled form they take half of the time.
    const cache = { NODE_COMPILE_CACHE: join(directory, 'compiled') }
    const own = { HOME: this.home, MUSTER_DATA: undefined, MUSTER_URL: undefined, MUSTER_TOKEN: undefined }
    this.#env = { ...process.env, ...cache, ...env, ...own }
    onTestFinished(async () => {
      for (const running of this.#running.toReversed()) await end(running)
    })
  }

  /**
   * Runs the commands in order; each must succeed. Those that need what is not there are not run, and it says so.
   * @returns what the document shows as printed and was not, with its command
   */
  async follow(commands: readonly DocumentedCommand[], placeholders: Placeholders = {}): Promise<string[]> {
    const faults: string[] = []
    for (const { command, prints, isRepeated, needs } of commands) {
      if (!this.#has(needs, command)) continue
      const filled = this.#filled(command, placeholders)
      const missing = async (): Promise<string[]> => missingLines(prints, await this.run(filled))
      if (kindOf(filled) !== null) await this.start(filled)
      else if (isRepeated)
        await until(`${filled} to print ${prints.join(' / ')}`, AGAIN_SECONDS, async () => (await missing()).length === 0)
      else faults.push(...(await missing()).map((line) => `${filled}: ${line}`))
    }
    return faults
  }

  /** Runs a command to its end. @returns what it printed @throws Error with what it said if it fails */
  async run(command: string): Promise<string> {
    const startedAt = Date.now()
    // Not synchronously: what runs in the background writes meanwhile, and must find somebody who reads.
    const child = spawn('bash', ['-eo', 'pipefail', '-c', await this.#here(command)], { env: this.#env, timeout: COMMAND_MS })
    child.stdin.end()
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    const [status] = (await once(child, 'close')) as [number | null]
    if (TRANSCRIPT !== undefined)
      appendFileSync(TRANSCRIPT, `$ ${command}   [${(Date.now() - startedAt) / 1000} s, ${status}]\n${stdout}${stderr}\n`)
    if (status !== 0) throw new Error(`${command} ended with ${status ?? 'no status'}:\n${stdout}${stderr}`)
    this.#printed += stdout
    return stdout
  }

  /** Starts a console or an agent, which a reader leaves running; a console that runs already is ended first. */
  async start(command: string): Promise<void> {
    const kind = kindOf(command)!
    if (kind === 'console') for (const running of this.#running.filter((one) => one.kind === 'console')) await end(running)
    const child = spawn('bash', ['-c', await this.#here(command)], { env: this.#env, detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
    let errors = ''
    child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-8000)))
    this.#running.push({ child, kind })
    const port = await this.port(/--http-port (\d+)/.exec(command)?.[1] ?? '8321')
    await until(command, START_SECONDS, async () => {
      if (child.exitCode !== null) throw new Error(`${command} ended:\n${errors}`)
      if (kind === 'console') return existsSync(join(this.home, '.muster', 'console.json'))
      // It is alive before it serves: metrics come from the process that answers.
      return (await fetch(`http://127.0.0.1:${port}/metrics`).catch(() => null))?.ok === true
    })
  }

  #has(needs: string | null, command: string): boolean {
    const isThere = needs === null ? true : this.#things[needs]
    if (isThere === undefined) throw new Error(`nobody looks whether there is ${needs}, for: ${command}`)
    if (!isThere) process.stderr.write(`not run, because there is no ${needs} here: ${command}\n`)
    return isThere
  }

  /** The port of this reader that takes the place of one in the document. */
  async port(documented: string): Promise<number> {
    const port = this.#ports.get(documented) ?? (await freePort())
    this.#ports.set(documented, port)
    return port
  }

  #filled(command: string, placeholders: Placeholders): string {
    return Object.entries(placeholders).reduce((text, [word, pattern]) => {
      if (!new RegExp(`\\b${word}\\b`).test(text)) return text
      // The newest: a document may show a second code.
      const found = [...this.#printed.matchAll(new RegExp(pattern, 'gm'))].at(-1)?.[1]
      if (found === undefined) throw new Error(`nothing that was printed so far is ${word}, for: ${command}`)
      return text.replaceAll(new RegExp(`\\b${word}\\b`, 'g'), () => found)
    }, command)
  }

  /** The command with the ports of this reader. */
  async #here(command: string): Promise<string> {
    for (const [, , documented] of command.matchAll(PORT)) await this.port(documented!)
    const text = command.replaceAll(PORT, (_, before: string, documented: string) => `${before}${this.#ports.get(documented)}`)
    const kind = kindOf(command)
    if (kind === 'agent') return /--http-port/.test(command) ? text : `${text} --http-port ${await this.port('8321')}`
    if (kind !== 'console') return text
    const isTls = command.includes('--broker-tls')
    const broker = isTls
      ? `--mqtt-port ${await this.port('8883')} --mqtt-local-port ${await this.port('1883')}`
      : `--mqtt-port ${await this.port('1883')}`
    return `${text}${command === 'npm start' ? ' --' : ''} --port ${await this.port('8320')} ${broker}`
  }
}

/** What goes on running, if a command starts such a program. */
function kindOf(command: string): Running['kind'] | null {
  if (/^(?:\w+=\S+ )*npm (?:start\b|run -s muster -- console\b)/.test(command)) return 'console'
  return /^npm run -s muster-agent -- run\b/.test(command) ? 'agent' : null
}

async function end({ child }: Running): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  process.kill(-child.pid!, 'SIGTERM')
  await ended
}
