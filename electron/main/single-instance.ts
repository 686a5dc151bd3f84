import { pathInArguments } from './deep-links.ts'
import type { DesktopApp } from './desktop-electron.ts'
import { fileInArguments } from './opened-files.ts'

/**
 * Takes the lock of the application. The second instance hands its address or file to the first one and ends; the first shows itself.
 * @param onFile told of a file; returns the page that imports it
 * @returns false if this is the second instance, which must do nothing more
 */
export function takeInstanceLock(
  app: Pick<DesktopApp, 'requestSingleInstanceLock' | 'on'>,
  onOpen: (path: string | null) => void,
  onFile: (path: string) => string,
): boolean {
  if (!app.requestSingleInstanceLock()) return false
  app.on('second-instance', (_event, argv, directory) => {
    // The first argument is the program itself.
    const file = fileInArguments(argv.slice(1), directory)
    onOpen(file === null ? pathInArguments(argv) : onFile(file))
  })
  return true
}

/** Opens the page of an address that macOS hands over; it does so by an event and not by an argument. */
export function listenForLinks(
  app: Pick<DesktopApp, 'on'>,
  onOpen: (path: string | null) => void,
  pathOf: (link: string) => string | null,
): void {
  app.on('open-url', (event, url) => {
    event.preventDefault()
    const path = pathOf(url)
    if (path !== null) onOpen(path)
  })
}
