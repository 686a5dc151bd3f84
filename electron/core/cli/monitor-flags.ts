import type { Command } from 'commander'
import { referenceKinds, type ReferenceKind } from '../../../shared/domain/alert.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import { referenceOf } from './model-reference.ts'
import { timeOf } from './time-flag.ts'

/** Flags that say which records a question of monitoring is about. */
export interface SliceFlags {
  device?: string
  query: string
  since: string
  until?: string
  deployment?: string
  window: string
  reference: string
  failOn?: string
}

/** Adds the flags of a slice to a command. */
export function withSlice(command: Command): Command {
  return command
    .option('--device <device>', 'of one device')
    .option('-q, --query <query>', 'of the devices that a query selects; default: the whole fleet', '')
    .option('--since <time>', 'from this time on: ISO time, or 15m, 24h, 7d', '24h')
    .option('--until <time>', 'up to this time; default: now')
}

/** Adds what a verdict is made against, and how it ends the command. */
export function withReference(command: Command): Command {
  return withFailOn(
    command
      .option('--reference <kind>', `what to compare with: ${referenceKinds.join(', ')}`, 'training')
      .option('--window <span>', 'shortest verdict window, such as 5m, 1h, 1d', '1h'),
  )
}

/** Adds the flag for pipelines. */
export function withFailOn(command: Command): Command {
  return command.option('--fail-on <level>', 'warn or alarm: exit code 1 if a verdict is at this level or above')
}

/** The slice that flags say. @throws Problem `usage` */
export function sliceOf(flags: Pick<SliceFlags, 'device' | 'query' | 'since' | 'until'>) {
  return {
    ...(flags.device === undefined ? {} : { device: flags.device }),
    query: flags.query,
    from: timeOf('--since', flags.since),
    ...(flags.until === undefined ? {} : { through: timeOf('--until', flags.until) }),
  }
}

/** The slice of one bundle in one deployment. @throws Problem `usage` */
export function bundleSliceOf(flags: SliceFlags, deployment: string, model: string) {
  return { ...sliceOf(flags), deployment, ...referenceOf(model) }
}

/** @throws Problem `usage` */
export function referenceKindOf(text: string): ReferenceKind {
  const kind = referenceKinds.find((one) => one === text)
  if (kind === undefined) throw new Problem('usage', `--reference: '${text}' is none of ${referenceKinds.join(', ')}.`)
  return kind
}

const units: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A length of time. @throws Problem `usage` */
export function spanOf(flag: string, text: string): number {
  const span = /^(\d+)([smhd])$/.exec(text)
  if (span === null) throw new Problem('usage', `${flag}: '${text}' is no length of time.`, { hint: 'Write 5m, 1h or 1d' })
  return Number(span[1]) * units[span[2]!]!
}

/** A whole number. @throws Problem `usage` */
export function wholeOf(flag: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Problem('usage', `${flag}: '${text}' is no whole number.`)
  return Number(text)
}

/**
 * Ends the command with code 1 if a verdict is at the level that the flag names; the answer is printed all the same.
 * @param states of all verdicts that the answer holds
 * @throws Problem `usage`
 */
export function failOn(level: string | undefined, states: readonly string[]): void {
  if (level === undefined) return
  if (level !== 'warn' && level !== 'alarm') throw new Problem('usage', `--fail-on: '${level}' is neither warn nor alarm.`)
  if (states.includes('alarm') || (level === 'warn' && states.includes('warn'))) process.exitCode = 1
}
