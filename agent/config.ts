import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse as parseToml } from 'smol-toml'
import { z } from 'zod'
import { errorCodeOf, messageOf, Problem } from '../shared/domain/problem.ts'
import { firstIssue } from '../shared/protocol/decode.ts'
import { logLevels } from './log.ts'
import { isolations } from './supervise/sandbox.ts'

const MiB = 1024 * 1024

/** Settings of an agent; each has a default, so that a new directory needs no file. */
export const agentConfig = z.strictObject({
  httpHost: z.string().min(1).max(255).default('127.0.0.1').describe('Address that the local API listens on.'),
  httpPort: z.int().min(0).max(65_535).default(8321).describe('Port of the local API; 0: any free one.'),
  spoolMaxBytes: z
    .int()
    .min(MiB)
    .max(64 * 1024 * MiB)
    .default(64 * MiB)
    .describe('Most bytes of records kept while the console is away.'),
  spoolMaxAgeDays: z.number().positive().max(3650).default(30).describe('Records older than this are dropped, days.'),
  logLevel: z.enum(logLevels).default('info'),
  runtimeMemoryBytes: z
    .int()
    .min(128 * MiB)
    .max(1024 * 1024 * MiB)
    .default(2048 * MiB)
    .describe('Resident memory at which a runtime generation is ended.'),
  isolation: z
    .enum(isolations)
    .default('sandbox')
    .describe('How models are shut in: sandbox (as strong as this machine can) or limits (without bubblewrap).'),
  allowOperators: z
    .array(z.string().min(1).max(256))
    .max(256)
    .default([])
    .describe('Operators of models that are accepted beyond the standard ones without control flow.'),
})
export type AgentConfig = z.infer<typeof agentConfig>

/** Where each setting may come from, strongest last: file, environment, flags. */
export interface ConfigSources {
  directory: string
  env: Readonly<Record<string, string | undefined>>
  flags: Readonly<Record<string, unknown>>
}

const ENV_PREFIX = 'MUSTER_AGENT_'

/**
 * Reads `agent.toml`, then `MUSTER_AGENT_*`, then flags: the later wins.
 * @throws Problem `input.invalid` naming the source and the setting
 */
export function loadConfig(sources: ConfigSources): AgentConfig {
  const fromFile = checked(readToml(join(sources.directory, 'agent.toml')), 'agent.toml')
  const fromEnv = checked(readEnvironment(sources.env), 'environment')
  const given = Object.fromEntries(Object.entries(sources.flags).filter(([, value]) => value !== undefined))
  return agentConfig.parse({ ...fromFile, ...fromEnv, ...checked(given, 'flags') })
}

function checked(values: Record<string, unknown>, source: string): Record<string, unknown> {
  const parsed = agentConfig.partial().safeParse(values)
  if (parsed.success) return Object.fromEntries(Object.keys(values).map((key) => [key, parsed.data[key as keyof AgentConfig]]))
  throw new Problem('input.invalid', `${source}: ${firstIssue(parsed.error)}`, {
    hint: `The settings are: ${Object.keys(agentConfig.shape).join(', ')}.`,
  })
}

function readToml(file: string): Record<string, unknown> {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return {}
    throw new Problem('input.invalid', `${file} cannot be read: ${messageOf(error)}`, { cause: error })
  }
  try {
    return parseToml(text)
  } catch (error) {
    throw new Problem('input.invalid', `${file} is not TOML: ${messageOf(error).split('\n')[0] ?? ''}`, { cause: error })
  }
}

/** `MUSTER_AGENT_HTTP_PORT=0` is `httpPort: 0`; a variable that names no setting is left alone, other tools may use the prefix. */
function readEnvironment(env: ConfigSources['env']): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const key of Object.keys(agentConfig.shape)) {
    const text = env[ENV_PREFIX + key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()]
    if (text === undefined || text === '') continue
    if (key === 'allowOperators') values[key] = text.split(',').map((name) => name.trim())
    else values[key] = /^-?\d+(\.\d+)?$/.test(text) && key !== 'httpHost' ? Number(text) : text
  }
  return values
}
