import type { Clock } from '../../shared/domain/clock.ts'
import { reportOf } from '../../shared/domain/problem.ts'
import type { AgentConfig } from '../config.ts'
import type { AgentStatus } from '../control/status.ts'
import type { JournalState } from '../converge/journal.ts'
import type { Identity } from '../identity.ts'

/** What a check found, and what to do about it. */
export interface Finding {
  check: string
  state: 'ok' | 'attention' | 'failed'
  message: string
  hint: string | null
}

/** What the checks know of the agent; null: it could not be read, or is not there yet. */
export interface Patient {
  directory: string
  clock: Clock
  identity: Identity | null
  config: AgentConfig | null
  journal: JournalState | null
  /** Of the running agent; null: none runs. */
  status: AgentStatus | null
}

/** A finding that all is well. */
export function ok(check: string, message: string): Finding {
  return { check, state: 'ok', message, hint: null }
}

/** A finding of something that works and will not for long, or not fully. */
export function attention(check: string, message: string, hint: string): Finding {
  return { check, state: 'attention', message, hint }
}

/** A finding of what was thrown. */
export function failedBy(check: string, error: unknown): Finding {
  const { code, message, hint } = reportOf(error)
  return { check, state: 'failed', message: `${message} (${code})`, hint: hint?.replaceAll('--data', '--dir') ?? null }
}
