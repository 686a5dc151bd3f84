import type { Command } from 'commander'
import { messageOf } from '../../shared/domain/problem.ts'
import { musterVersion } from '../../shared/domain/version.ts'
import { systemClock } from '../clock.ts'
import { agentConfig, loadConfig, type AgentConfig } from '../config.ts'
import { prepareDirectory } from '../directory.ts'
import { requireIdentity } from '../identity.ts'
import { createLeveledLog, type LeveledLog, type Log } from '../log.ts'
import { startAgent, type Agent } from '../main.ts'
import { printResult } from './output.ts'
import { addCommand, parsePort, type CommonOptions } from './program.ts'

/** The agent ends within 5 s of a SIGTERM; what the spool has is safe at any moment. */
const STOP_WITHIN_MS = 4500

interface RunOptions extends CommonOptions {
  httpPort?: number
  httpHost?: string
  logLevel?: string
}

/** Adds `muster-agent run`. */
export function addRunCommand(program: Command): void {
  addCommand(program, 'run', 'serve the assigned models until SIGTERM')
    .option('--http-port <port>', 'port of the local API; 0: any free one', parsePort)
    .option('--http-host <host>', 'address that the local API listens on')
    .option('--log-level <level>', 'error, warn, info or debug')
    .addHelpText('after', settingsHelp())
    .action((options: RunOptions) => runAgent(options))
}

/** Every setting with its default: most have no flag. */
function settingsHelp(): string {
  const lines = Object.entries(agentConfig.shape).map(([name, schema]) => {
    const words = [schema.description, `Default: ${[schema.parse(undefined)].flat().join(', ') || 'none'}.`].filter(
      (text) => text !== undefined,
    )
    return `  ${name.padEnd(20)}${words.join(' ')}`
  })
  const where = 'Settings, read from <dir>/agent.toml, then MUSTER_AGENT_* (httpPort is MUSTER_AGENT_HTTP_PORT), then flags:'
  return ['', where, ...lines].join('\n')
}

async function runAgent(options: RunOptions): Promise<void> {
  const directory = prepareDirectory(options.dir)
  const identity = requireIdentity(directory)
  const { httpPort, httpHost, logLevel } = options
  const config = loadConfig({ directory, env: process.env, flags: { httpPort, httpHost, logLevel } })
  const { log, setLevel } = logOf(config, identity.device)
  const stopping = stopSignal(log)
  const agent = await startAgent({ directory, identity, config, log, setLogLevel: setLevel })
  printResult(options.json, { device: identity.device, fleet: identity.fleet, httpUrl: agent.httpUrl, pid: process.pid }, [
    `${identity.device} of fleet ${identity.fleet} serves on ${agent.httpUrl}`,
  ])
  await stopping
  await stopInTime(agent, log)
}

function logOf(config: AgentConfig, device: string): LeveledLog {
  const isHuman = process.stderr.isTTY
  return createLeveledLog({
    level: config.logLevel,
    isHuman,
    version: musterVersion,
    device,
    clock: systemClock,
    write: (line) => process.stderr.write(line),
  })
}

function stopSignal(log: Log): Promise<void> {
  process.on('uncaughtException', (error) => {
    log('error', `The agent stops because of a fault: ${messageOf(error)}`, { problem: error })
    process.exit(1)
  })
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      process.on(signal, () => {
        log('info', 'The agent is stopping.', { signal })
        resolve()
      })
    }
    // Forked by a console for its sample fleet: it ends with it, also when that was killed.
    if (process.send === undefined) return
    if (process.connected) process.once('disconnect', resolve)
    else resolve()
  })
}

async function stopInTime(agent: Agent, log: Log): Promise<void> {
  const late = setTimeout(() => {
    log('warn', 'Something did not end in time; the process ends now.')
    process.exit(0)
  }, STOP_WITHIN_MS)
  await agent.stop()
  clearTimeout(late)
  // A half-open socket must not keep the process.
  process.exit(0)
}
