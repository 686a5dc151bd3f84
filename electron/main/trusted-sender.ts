import type { DesktopContents, DesktopIpc, DesktopSender } from './desktop-electron.ts'
import { pageOrigin } from './page-origin.ts'

/** Channels of the window, opened to nobody else. */
export interface TrustedIpc {
  on(channel: string, listener: () => void): void
  handle(channel: string, listener: (input: unknown) => Promise<unknown>): void
}

/**
 * True for the main frame of our own window while it shows our own page: not for a frame within it, a page it navigated to, a frame that
 * is being replaced, or another window.
 */
export function isTrustedSender({ senderFrame: frame, sender }: DesktopSender, owner: DesktopContents | null): boolean {
  if (frame === null || owner === null || sender !== owner) return false
  return !frame.detached && frame.parent === null && frame.origin === pageOrigin && frame.url.startsWith(`${pageOrigin}/`)
}

/** The only place that listens to `ipcMain`: every channel checks its sender. @param owner contents of the window, while there is one */
export function trustedIpc(
  ipc: DesktopIpc,
  { owner, onRefused }: { owner(): DesktopContents | null; onRefused(channel: string, origin: string): void },
): TrustedIpc {
  const check = (event: DesktopSender, channel: string): boolean => {
    if (isTrustedSender(event, owner())) return true
    onRefused(channel, event.senderFrame?.origin ?? 'no frame')
    return false
  }
  return {
    on(channel, listener) {
      ipc.on(channel, (event) => {
        if (check(event, channel)) listener()
      })
    },
    handle(channel, listener) {
      ipc.handle(channel, async (event, input) => {
        if (!check(event, channel)) throw new Error('This page may not call the desktop.')
        return await listener(input)
      })
    },
  }
}
