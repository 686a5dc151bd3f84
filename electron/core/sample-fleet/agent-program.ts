import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Problem, problemFrom, type ProblemReport } from '../../../shared/domain/problem.ts'
import { nodeBinary } from '../node-binary.ts'
import { agentProgram } from './sample-plan.ts'

/** The agent ends within 5 s when it is told to. */
const STOP_GRACE_MS = 6500
/** Output that a process wrote as its last may come a moment after its end. */
const LAST_OUTPUT_MS = 300
/** What it prints is one JSON document; its log is kept by nobody. */
const KEPT_OUTPUT = 64 * 1024

/** `muster-agent` as a child process. Its end of the channel closes when the console goes away, however that happens, and then it stops. */
export interface AgentProgram {
  readonly pid: number | null
  /** What it printed on standard output, as far as it is a JSON document by now. */
  answer(): Record<string, unknown> | null
  /** Resolves with what ended it, in words. */
  readonly ended: Promise<string>
  /** Called for each piece of output. */
  onOutput(handler: () => void): void
  /** Lets it stop in order; after some seconds it is killed. */
  stop(): Promise<void>
}

/** Starts `muster-agent <args>`. @param env what it finds beside the environment of the console, of which it gets nothing that is Muster's */
export function startAgentProgram(args: readonly string[], env: Record<string, string> = {}): AgentProgram {
  const child = fork(agentProgram, args, {
    execPath: nodeBinary(),
    execArgv: [],
    env: { ...foreignEnvironment(), MUSTER_AGENT_LOG_LEVEL: 'error', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let output = ''
  let errors = ''
  const handlers: (() => void)[] = []
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    output = (output + chunk).slice(0, KEPT_OUTPUT)
    for (const handler of handlers) handler()
  })
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (errors = (errors + chunk).slice(-2000)))
  const ended = endOf(child).then((reason) => [reason, errors.trim().split('\n').at(-1) ?? ''].filter((part) => part !== '').join(': '))
  return {
    pid: child.pid ?? null,
    answer: () => parsed(output),
    ended,
    onOutput: (handler) => void handlers.push(handler),
    async stop() {
      if (child.connected) child.disconnect()
      const killer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS)
      await ended
      clearTimeout(killer)
    },
  }
}

/** Runs a command of the agent to its end. @returns what it printed @throws Problem of the command, `cancelled` */
export async function runAgentProgram(
  args: readonly string[],
  { env, signal }: { env: Record<string, string>; signal: AbortSignal },
): Promise<unknown> {
  const program = startAgentProgram([...args, '--json'], env)
  const onAbort = (): void => void program.stop()
  signal.addEventListener('abort', onAbort, { once: true })
  const reason = await program.ended
  signal.removeEventListener('abort', onAbort)
  if (signal.aborted) throw new Problem('cancelled', 'It was cancelled.')
  const answer = program.answer()
  if (answer === null) throw new Problem('internal', `muster-agent ${args[0] ?? ''} ended without an answer (${reason}).`)
  if ('error' in answer) throw problemFrom(answer['error'] as ProblemReport)
  return answer
}

function parsed(output: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(output)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

/** How a process ended, told after its last output: `close` says that, but does not come where this side has closed the channel. */
async function endOf(child: ChildProcess): Promise<string> {
  const failed = new Promise<string>((resolve) => child.once('error', (error) => resolve(`it could not be started: ${error.message}`)))
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const exited = once(child, 'exit').then(async ([code, signal]) => {
    await Promise.race([closed, sleep(LAST_OUTPUT_MS)])
    return signal === null ? `it ended with exit code ${String(code)}` : `it was ended by ${String(signal)}`
  })
  // `once` rejects on an error, which `failed` tells.
  return Promise.race([failed, exited.catch(() => failed)])
}

function foreignEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('MUSTER_')))
}
