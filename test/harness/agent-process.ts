import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { agentStatus, type AgentStatus } from '../../agent/control/status.ts'

const CLI = join(import.meta.dirname, '../../agent/cli.ts')

/** How a finished command of the agent went. */
export interface Ran {
  code: number
  stdout: string
  stderr: string
}

/** Runs one command of `muster-agent` to its end; the directory comes first, then the arguments. */
export function runAgentCommand(directory: string, args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  return new Promise((resolve) => {
    const [command, ...rest] = args
    execFile(
      process.execPath,
      [CLI, command!, '--dir', directory, ...rest],
      { env: { ...process.env, ...env }, timeout: 60_000 },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr })
      },
    )
  })
}

/** A real agent in a process of its own. */
export interface AgentProcess {
  pid: number
  httpUrl: string
  stderr(): string
  status(): Promise<AgentStatus>
  /** SIGKILL. */
  kill(): Promise<void>
  /** SIGTERM. @returns the exit code */
  terminate(): Promise<number | null>
}

/** Starts `muster-agent run` on a free port and waits until it says its address. */
export async function startAgentProcess(directory: string, args: readonly string[] = []): Promise<AgentProcess> {
  const child = spawn(process.execPath, [CLI, 'run', '--json', '--dir', directory, '--http-port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  const httpUrl = await addressOf(child, () => stderr)
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
    return child.exitCode
  }
  return {
    pid: child.pid!,
    httpUrl,
    stderr: () => stderr,
    async status() {
      const { stdout } = await runAgentCommand(directory, ['status', '--json'])
      return agentStatus.parse(JSON.parse(stdout))
    },
    kill: async () => void (await end('SIGKILL')),
    terminate: () => end('SIGTERM'),
  }
}

function addressOf(child: ChildProcess, stderr: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    let stdout = ''
    child.stdout!.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
      const match = /"httpUrl": "([^"]+)"/.exec(stdout)
      if (match !== null) resolve(match[1]!)
    })
    child.once('exit', (code) => reject(new Error(`the agent ended with ${String(code)} before it served: ${stdout}${stderr()}`)))
  })
}
