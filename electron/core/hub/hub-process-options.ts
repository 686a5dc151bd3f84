import type { ForwardedMessage, HubOptions, Refusal } from './messages.ts'

/** What the core gives to the hub, and is told by it. */
export interface HubProcessOptions {
  /** Made anew for each start of the hub. */
  options(): HubOptions
  /** Makes ready what the options of a wanted restart need. */
  prepare?(): Promise<void>
  onMessages(messages: ForwardedMessage[]): void
  /** The hub is (again) ready: everything that must be said is said again. */
  onReady(): void
  onIngest(): void
  onTransfers(): void
  onBroker(): void
  onRefusals(refusals: Refusal[]): void
  onClone(clone: { device: string; why: string; at: number }): void
  onCut(cut: { device: string; at: number }): void
  onCertificateUsed(use: { device: string; serial: string; at: number }): void
  log(level: 'info' | 'warn' | 'error', message: string, detail?: Record<string, unknown>): void
}
