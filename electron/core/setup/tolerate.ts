import { Problem } from '../../../shared/domain/problem.ts'
import type { Log } from '../log.ts'

/** A broker that was chosen in the UI and cannot start, as on a port that is taken by now, must not keep the person from choosing another. */
export function tolerate(error: unknown, { hasBrokerFlags, log }: { hasBrokerFlags: boolean; log: Log }): void {
  const isChoice = error instanceof Problem && (error.code === 'port.in-use' || error.code === 'input.invalid')
  if (hasBrokerFlags || !isChoice) throw error
  log('error', 'the broker does not start; choose another one in the settings', { reason: error.message })
}
