import { randomBytes } from 'node:crypto'
import type { FleetStore } from '../store/fleet/fleet-store.ts'

/** The token of the interface that stands in `console.json`, and what only this process knows. */
export interface ConsoleKey {
  /** The token as it is now. */
  current(): string
  /** Sends files for pages of the desktop, whose tickets say who began them; never leaves the processes of the desktop. */
  readonly uploads: string
  /**
   * Makes another token, in the transaction of the caller: whoever has seen the old one, in an address or the history of a browser, has nothing.
   * @returns what to do after the commit
   */
  renew(): () => void
}

/**
 * Opens the token of the interface: made at the first start and kept, so that an open page connects again after a restart.
 * @param isNew makes another one
 * @param onRenewed after the commit that made another one
 */
export function openConsoleKey(
  { settings, transact }: Pick<FleetStore, 'settings' | 'transact'>,
  { isNew, onRenewed }: { isNew: boolean; onRenewed(): void },
): ConsoleKey {
  const make = (): void => settings.set('consoleToken', randomBytes(32).toString('base64url'))
  if (isNew || settings.get('consoleToken') === undefined) transact(make)
  return {
    current: () => settings.get('consoleToken')!,
    uploads: randomBytes(32).toString('base64url'),
    renew() {
      make()
      return onRenewed
    },
  }
}
