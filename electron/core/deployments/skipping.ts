import type { ResultOf } from '../../../shared/rpc/contract.ts'

/** Devices that an order passes over, by reason. */
export type Skipped = ResultOf<'deployments.endBeside'>['skipped']
/** Why a device gets no order. */
export type SkipReason = Skipped[number]['reason']

/** Why a device gets no order; for people. */
const messages: Record<SkipReason, string> = {
  'no-active': 'No version of the deployment is ordered there: nothing can stand beside it.',
  'is-active': 'The version is the active one there already.',
  'other-inputs': 'The version takes other inputs than the active one.',
  'not-on-order': 'The device does not run what was ordered. Cancel or undo the order instead.',
  'no-last-good': 'The device reports no last good version, and the deployment has no fallback version.',
  'unknown-version': 'The last good version of the device is not in this registry.',
  withdrawn: 'The last good version of the device was withdrawn, and the deployment has no other version to fall back to.',
  'nothing-beside': 'Nothing stands beside the active version there.',
  'not-ready': 'The version beside is not ready on the device yet.',
}

/** Why a device gets no order, in words. */
export function skipMessage(reason: SkipReason): string {
  return messages[reason]
}

/** Collects devices that are passed over, by reason. */
export function skipper() {
  const byReason = new Map<SkipReason, string[]>()
  return {
    add(reason: SkipReason, device: string): void {
      const devices = byReason.get(reason)
      if (devices === undefined) byReason.set(reason, [device])
      else devices.push(device)
    },
    /** Notes a device that has a reason. @returns true if it has none */
    passes({ row }: { row: { device: string } }, reason: SkipReason | null): boolean {
      if (reason !== null) this.add(reason, row.device)
      return reason === null
    },
    has: (reason: SkipReason): boolean => byReason.has(reason),
    list: (): Skipped => [...byReason].map(([reason, devices]) => ({ reason, message: messages[reason], devices })),
    /** The reasons in words, for the case that no device is left. */
    sentence: (): string => [...byReason].map(([reason, devices]) => `${devices.length} of them: ${messages[reason]}`).join(' '),
  }
}
