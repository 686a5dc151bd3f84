import type { Log } from '../core/log.ts'
import { messageOf } from '../../shared/domain/problem.ts'
import { takeControl, type Desktop } from './console-desktop.ts'
import { pathInArguments, pathOfDeepLink, deepLinkScheme } from './deep-links.ts'
import type { DesktopArguments } from './desktop-arguments.ts'
import type { DesktopElectron } from './desktop-electron.ts'
import type { DesktopPaths } from './desktop-paths.ts'
import { fileInArguments, keepOpenedFiles, listenForFiles } from './opened-files.ts'
import { pageScheme } from './page-origin.ts'
import { pagePrivileges } from './protocol.ts'
import { guardApp } from './security.ts'
import { listenForLinks, takeInstanceLock } from './single-instance.ts'
import { join } from 'node:path'

export interface DesktopOptions {
  electron: DesktopElectron
  paths: DesktopPaths
  arguments: DesktopArguments
  argv: readonly string[]
  /** Where it was started; paths on its command line begin there. */
  workingDirectory: string
  platform: NodeJS.Platform
  architecture: string
  isPackaged: boolean
  /** Where a person may ask for newer versions; `null`: nowhere. */
  updateFeed: string | null
  versions: { muster: string; electron: string }
  monotonic(): number
  log: Log
}

/** Starts the desktop: what must happen before the application is ready, then everything else. */
export function startDesktop(options: DesktopOptions): void {
  const { electron, log } = options
  const { app } = electron
  electron.protocol.registerSchemesAsPrivileged([{ scheme: pageScheme, privileges: pagePrivileges }])
  app.enableSandbox()
  guardApp(app, (what) => log('warn', 'the window was refused something', { what }))
  if (options.arguments.isOwnDirectory) app.setPath('userData', join(options.arguments.dataDirectory, 'desktop'))
  let desktop: Desktop | null = null
  const opened = keepOpenedFiles()
  const file = fileInArguments(options.argv, options.workingDirectory)
  let asked = file === null ? pathInArguments(options.argv) : opened.offer(file)
  const open = (path: string | null): void => {
    if (desktop === null) asked = path ?? asked
    else desktop.open(path)
  }
  listenForLinks(app, open, pathOfDeepLink)
  listenForFiles(app, (path) => open(opened.offer(path)))
  if (!takeInstanceLock(app, open, opened.offer)) {
    log('info', 'Muster runs already; its window is shown')
    app.quit()
    return
  }
  if (options.platform === 'win32') app.setAppUserModelId('dev.muster.console')
  // A checkout must not take the scheme away from an installed console.
  if (options.isPackaged) app.setAsDefaultProtocolClient(deepLinkScheme)
  app
    .whenReady()
    .then(() => takeControl(options, opened))
    .then((made) => {
      desktop = made
      made.open(asked)
    })
    .catch((error: unknown) => {
      log('error', 'the desktop does not start', { reason: messageOf(error) })
      app.exit(1)
    })
}
