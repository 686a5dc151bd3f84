import { Problem } from '../../../shared/domain/problem.ts'
import type { Log } from '../log.ts'

const ownFaults = new Set(['port.in-use', 'input.invalid', 'trust.key-exposed', 'certificate.key-invalid'])

/**
 * A broker that was chosen in the UI and cannot start, as on a port that is taken by now or with a key that others may read, must not keep the person
 * from choosing another, or from restoring a backup.
 */
export function tolerate(error: unknown, { hasBrokerFlags, log }: { hasBrokerFlags: boolean; log: Log }): void {
  const isChoice = error instanceof Problem && ownFaults.has(error.code)
  if (hasBrokerFlags || !isChoice) throw error
  log('error', 'the broker does not start; mend the cause, or choose another broker in the settings', { reason: error.message })
}
