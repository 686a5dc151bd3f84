import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { freePort, until } from '../../build/demo/child.ts'
import { missingLines, type DocumentedCommand } from './documented-commands.ts'
import { temporaryDirectory } from './fleet.ts'

/** A word of a document that stands for something the reader was shown, and how it is found in what was printed. */
export type Placeholders = Readonly<Record<string, RegExp>>

/** Programs start on a machine that may have other work. */
const START_SECONDS = 120
const COMMAND_MS = 330_000
/** How long one looks again. */
const AGAIN_SECONDS = 180

interface Running {
  child: ChildProcess
  kind: 'console' | 'agent'
}

/** Somebody who follows a document word by word: with a home and ports of their own, and else the places that the programs choose. */
export class Reader {
  readonly home: string
  readonly #env: NodeJS.ProcessEnv
  readonly #ports = new Map<string, number>()
  readonly #running: Running[] = []
  #printed = ''

  constructor() {
    this.home = join(temporaryDirectory(), 'home')
    mkdirSync(this.home)
    this.#env = { ...process.env, HOME: this.home, MUSTER_DATA: undefined, MUSTER_URL: undefined, MUSTER_TOKEN: undefined }
    onTestFinished(async () => {
      for (const running of this.#running.toReversed()) await end(running)
    })
  }

  /**
   * Runs the commands in order; each must succeed.
   * @returns what the document shows as printed and was not, with its command
   */
  async follow(commands: readonly DocumentedCommand[], placeholders: Placeholders = {}): Promise<string[]> {
    const faults: string[] = []
    for (const { command, prints, isRepeated } of commands) {
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
    // Not synchronously: what runs in the background writes meanwhile, and must find somebody who reads.
    const child = spawn('bash', ['-eo', 'pipefail', '-c', await this.#here(command)], { env: this.#env, timeout: COMMAND_MS })
    child.stdin.end()
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    const [status] = (await once(child, 'close')) as [number | null]
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
      return (await fetch(`http://127.0.0.1:${port}/v2/health/live`).catch(() => null))?.ok === true
    })
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
    let text = command
    for (const documented of new Set([...command.matchAll(/(?:127\.0\.0\.1:|--http-port )(\d+)/g)].map((match) => match[1]!))) {
      const port = String(await this.port(documented))
      text = text.replaceAll(`127.0.0.1:${documented}`, `127.0.0.1:${port}`).replaceAll(`--http-port ${documented}`, `--http-port ${port}`)
    }
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
