import type { Clock } from '../shared/domain/clock.ts'
import { ECS_VERSION, ecsLabels, labelText, labelValue } from '../shared/domain/ecs.ts'
import { Problem } from '../shared/domain/problem.ts'

/** How much is logged, least first. */
export const logLevels = ['error', 'warn', 'info', 'debug'] as const
export type LogLevel = (typeof logLevels)[number]

/** Writes one log entry; `detail` becomes labels, a `Problem` in `detail.problem` becomes the error fields. */
export type Log = (level: LogLevel, message: string, detail?: Record<string, unknown>) => void

/** A logger whose level can be changed while it is used. */
export interface LeveledLog {
  log: Log
  /** Sets the level; null: the one it was made with. */
  setLevel(level: LogLevel | null): void
}

interface LogOptions {
  level: LogLevel
  /** True for one readable line per entry, false for JSON. */
  isHuman: boolean
  version: string
  device: string | null
  clock: Clock
  write(line: string): void
}

/** A logger that writes JSON lines with the field names of the Elastic Common Schema, or readable lines. */
export function createLog(options: LogOptions): Log {
  return createLeveledLog(options).log
}

/** The same, and its level can be changed: an order may ask for more. */
export function createLeveledLog(options: LogOptions): LeveledLog {
  let most = logLevels.indexOf(options.level)
  const log: Log = (level, message, detail = {}) => {
    if (logLevels.indexOf(level) > most) return
    const at = new Date(options.clock.now()).toISOString()
    const entry = options.isHuman
      ? humanLine(at, { level, message, detail })
      : JSON.stringify(ecsEntry(options, at, { level, message, detail }))
    options.write(`${entry}\n`)
  }
  return {
    log,
    setLevel(level) {
      most = logLevels.indexOf(level ?? options.level)
    },
  }
}

interface Entry {
  level: LogLevel
  message: string
  detail: Record<string, unknown>
}

function ecsEntry(options: LogOptions, at: string, entry: Entry): Record<string, unknown> {
  const { problem, ...rest } = entry.detail
  const labels = ecsLabels(rest)
  return {
    '@timestamp': at,
    'log.level': entry.level,
    message: entry.message,
    'ecs.version': ECS_VERSION,
    'service.name': 'muster-agent',
    'service.version': options.version,
    ...(options.device === null ? {} : { 'service.node.name': options.device }),
    ...errorFields(problem),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
  }
}

function errorFields(problem: unknown): Record<string, string> {
  if (problem === undefined) return {}
  if (problem instanceof Problem) return { 'error.code': problem.code, 'error.message': problem.message }
  if (problem instanceof Error) return { 'error.message': problem.message, 'error.stack_trace': problem.stack ?? '' }
  return { 'error.message': labelText(problem) }
}

function humanLine(at: string, entry: Entry): string {
  const { problem, ...rest } = entry.detail
  const details = Object.entries(rest).map(([key, value]) => `${key}=${labelValue(value)}`)
  const error = Object.values(errorFields(problem)).slice(0, 2).join(': ')
  const line = [`${at.slice(11, 23)} ${entry.level.padEnd(5)} ${entry.message}`, error, ...details].filter((part) => part !== '').join('  ')
  // A name from elsewhere must not steer the terminal.
  return line.replace(/[\p{Cc}\u2028\u2029]/gu, ' ')
}
