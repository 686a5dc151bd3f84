import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** A Node program of this repository as a child process, its output kept. */
export interface Program {
  readonly child: ChildProcess
  /** What it has printed so far, standard output and error together; the newest 256 kB. */
  output(): string
  kill(signal: NodeJS.Signals): Promise<void>
  /** Kills the program and everything it started at one instant, as a power cut of the process would. Needs `isGroup`. */
  killGroup(): Promise<void>
  /** Resolves with the exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>
}

const KEPT_OUTPUT = 256 * 1024

/** Starts `node <script> <args>` with the Node that runs this. @param isGroup in a process group of its own */
export function startProgram(script: string, args: readonly string[], { isGroup = false } = {}): Program {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'], detached: isGroup })
  let output = ''
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-KEPT_OUTPUT)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const ended = once(child, 'exit').then(([code, signal]) => (code as number | null) ?? (signal as NodeJS.Signals))
  return {
    child,
    output: () => output,
    ended,
    async kill(signal) {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal)
      await ended
    },
    async killGroup() {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, 'SIGKILL')
      await ended
    },
  }
}

/** Runs a program to its end. @throws Error with its output if it fails */
export async function runProgram(script: string, args: readonly string[]): Promise<string> {
  const program = startProgram(script, args)
  const code = await program.ended
  if (code !== 0) throw new Error(`${script} ${args.join(' ')} ended with ${code}:\n${program.output()}`)
  return program.output()
}

/** Asks again until there is an answer. @throws Error when time is up, with what was waited for */
export async function until<Value>(
  what: string,
  seconds: number,
  ask: () => Value | null | undefined | false | Promise<Value | null | undefined | false>,
): Promise<Value> {
  const deadline = performance.now() + seconds * 1000
  for (;;) {
    const value = await ask()
    if (value !== null && value !== undefined && value !== false) return value
    if (performance.now() > deadline) throw new Error(`waited ${seconds} s in vain for: ${what}`)
    await sleep(25)
  }
}

/** A port on loopback that was free a moment ago: for a program that must come back on the port it had. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
