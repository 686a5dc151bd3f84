import type { Command } from 'commander'
import { timeOf } from './time-flag.ts'
import type { AuditFilterInput } from '../../../shared/domain/audit/export.ts'
import { Problem } from '../../../shared/domain/problem.ts'

/** Which entries a command is about. */
export interface FilterFlags {
  actor?: string
  action?: string
  device?: string
  text?: string
  from?: string
  through?: string
}

/** Adds the flags of a filter to a command. */
export function withFilterFlags(command: Command): Command {
  return command
    .option('--actor <part>', 'only of actors whose name holds this, such as anna')
    .option('--action <part>', 'only actions that hold this, such as rollouts.')
    .option('--device <device>', 'only about a device')
    .option('--text <part>', 'only entries that say this')
    .option('--from <time>', 'at or after, such as 24h (ago) or 2026-01-31T12:00:00Z')
    .option('--through <time>', 'at or before')
}

/** The filter that flags ask for. @throws Problem `usage` */
export function filterOf({ actor, action, device, text, from, through }: FilterFlags): AuditFilterInput {
  const given = { actor, action, device, text, from: timeFlag('--from', from), through: timeFlag('--through', through) }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

/** The number of an entry. @throws Problem `usage` */
export function entryOf(text: string): number {
  const seq = Number(text)
  if (Number.isSafeInteger(seq) && seq >= 1) return seq
  throw new Problem('usage', `'${text}' is no number of an entry.`, { hint: '`muster audit list` shows them.' })
}

function timeFlag(flag: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : timeOf(flag, text)
}
