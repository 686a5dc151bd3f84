import { messageOf } from '../../../shared/domain/problem.ts'
import type { BrokerOptions, HubTls } from '../hub/messages.ts'
import type { Log } from '../log.ts'
import type { CertificateOffice } from './office.ts'

const EVERY_MS = 6 * 3_600_000

/** What looking after the certificates needs. */
export interface ServerRenewalOptions {
  office: CertificateOffice
  broker(): BrokerOptions
  show(tls: HubTls): void
  /** Devices that stay connected for months are reminded of theirs as well. */
  remind(): void
  log: Log
}

/** Looks after the certificate of the broker: one that is due, or lacks a new address of this machine, is replaced while connections go on. */
export function startServerRenewal({ office, broker, show, remind, log }: ServerRenewalOptions): { stop(): void } {
  const look = async (): Promise<void> => {
    const before = office.hubTls()?.certificate
    await office.prepare(broker())
    const tls = office.hubTls()
    if (tls === null || tls.certificate === before) return
    show(tls)
    log('info', 'the certificate of the broker was replaced', {})
  }
  const timer = setInterval(() => {
    remind()
    look().catch((error: unknown) => log('error', 'the certificate of the broker could not be replaced', { reason: messageOf(error) }))
  }, EVERY_MS)
  return { stop: () => clearInterval(timer) }
}
