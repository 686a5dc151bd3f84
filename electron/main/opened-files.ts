import { resolve } from 'node:path'
import type { DesktopApp } from './desktop-electron.ts'

/** Ending of the files that the system opens with the console. */
const ENDING = '.muster'
/** Longer than any path that the systems of today take. */
const MOST_LENGTH = 4096

/** A file that the system was told to open with the console, until the page asks for it. Only the newest counts: one import is done at a time. */
export interface OpenedFiles {
  /** Keeps the file. @returns the page that imports it, another address with every file, so that an open page sees the next one */
  offer(path: string): string
  /** The path, once. */
  take(): string | null
}

export function keepOpenedFiles(): OpenedFiles {
  let waiting: string | null = null
  let count = 0
  return {
    offer(path) {
      waiting = path
      count += 1
      return `/import/file?opened=${count}`
    },
    take() {
      const path = waiting
      waiting = null
      return path
    },
  }
}

/**
 * The whole path of the first `.muster` file among arguments of a command line, or `null`. Opening a file only ever shows the page that can
 * import it: its bytes are read when the page sends them, and stored when the person says so.
 * @param directory where the arguments were given
 */
export function fileInArguments(argv: readonly string[], directory: string): string | null {
  const file = argv.find((argument) => isBundleFile(argument) && !argument.startsWith('-') && !argument.includes('://'))
  return file === undefined ? null : resolve(directory, file)
}

/** Hears of files that macOS opens; it tells them by an event and not by an argument. */
export function listenForFiles(app: Pick<DesktopApp, 'on'>, onFile: (path: string) => void): void {
  app.on('open-file', (event, path) => {
    event.preventDefault()
    if (isBundleFile(path)) onFile(path)
  })
}

function isBundleFile(path: string): boolean {
  return path.length <= MOST_LENGTH && path.toLowerCase().endsWith(ENDING) && !path.includes('\0')
}
