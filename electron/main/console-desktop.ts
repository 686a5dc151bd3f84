import { join } from 'node:path'
import { hostChannels } from '../../shared/host/channels.ts'
import { documentationUrl } from '../../shared/host/contract.ts'
import { openChosenFiles } from './chosen-files.ts'
import { linkCore, type CoreLink } from './core-link.ts'
import type { DesktopOptions } from './desktop.ts'
import { startFleetWatch } from './fleet-watch.ts'
import { hostHandler, type HostParts } from './host.ts'
import { menuTemplate } from './menu.ts'
import { startNotifier, type Notifier } from './notifier.ts'
import { notesOf } from './notifications.ts'
import type { OpenedFiles } from './opened-files.ts'
import { listPageFiles } from './page-files.ts'
import { pageScheme } from './page-origin.ts'
import { pageProtocol } from './protocol.ts'
import { openSecretKey, type SecretKey } from './secrets.ts'
import { guardSession } from './security.ts'
import { startTray } from './tray.ts'
import { askForUpdate, updateMessage } from './updates.ts'
import { trustedIpc } from './trusted-sender.ts'
import { readWindowState, writeWindowState } from './window-state.ts'
import { consoleWindow, type ConsoleWindow } from './window.ts'

/** The running desktop. */
export interface Desktop {
  open(path: string | null): void
}

interface Parts {
  window: ConsoleWindow
  core: CoreLink
  notifier: Notifier
  secretKey: SecretKey
  userData: string
  opened: OpenedFiles
}

/** Builds the parts of the desktop and ties them together; the application is ready. */
export async function takeControl(options: DesktopOptions, opened: OpenedFiles): Promise<Desktop> {
  const { electron, log } = options
  const userData = electron.app.getPath('userData')
  const secretKey = await openSecretKey({ safeStorage: electron.safeStorage, platform: options.platform, directory: userData })
  if (secretKey.state === 'unavailable') log('warn', 'secrets are not sealed', { reason: secretKey.reason })
  electron.nativeTheme.themeSource = readWindowState(userData).theme
  guardSession(electron.session.defaultSession, (what) => log('warn', 'the window was refused something', { what }))

  const window = openWindow(options, userData)
  const notifier = startNotifier(electron.Notification, window)
  const tray = openTray(options, window)
  const watch = startFleetWatch(
    (now, before) => {
      tray.show(now)
      if (now !== null) for (const note of notesOf(before, now)) notifier.tellUnseen(note)
    },
    (reason) => log('warn', 'the health of the fleet is not known', { reason }),
  )
  const core = linkCore(
    {
      fork: () => forkCore(options),
      createChannel: () => new electron.MessageChannelMain(),
      start: { argv: options.arguments.core, secretKey: secretKey.state === 'encrypted' ? secretKey.key : null },
      monotonic: options.monotonic,
      log,
    },
    { window, watch },
  )
  serveWindow(options, { window, core, notifier, secretKey, userData, opened })
  electron.Menu.setApplicationMenu(electron.Menu.buildFromTemplate(menuOf(options, window)))
  keepUntilQuit(options, {
    reopen: () => window.open(null),
    async stop() {
      watch.stop()
      tray.destroy()
      await core.stop()
    },
  })
  return { open: window.open }
}

function openWindow({ electron, paths, isPackaged, log }: DesktopOptions, userData: string): ConsoleWindow {
  return consoleWindow({
    create: (settings) => new electron.BrowserWindow(settings),
    displays: () => electron.screen.getAllDisplays(),
    isDark: () => electron.nativeTheme.shouldUseDarkColors,
    preload: paths.preload,
    isDevelopment: !isPackaged,
    readState: () => readWindowState(userData),
    writeState: (state) => writeWindowState(userData, state),
    log,
  })
}

function openTray({ electron, paths, platform }: DesktopOptions, window: ConsoleWindow): ReturnType<typeof startTray> {
  return startTray({
    create: (icon) => new electron.Tray(icon),
    icon: electron.nativeImage.createFromPath(join(paths.icons, platform === 'darwin' ? 'trayTemplate.png' : 'tray.png')),
    buildMenu: (template) => electron.Menu.buildFromTemplate(template),
    open: window.open,
    quit: () => electron.app.quit(),
  })
}

function forkCore({ electron, paths, isPackaged }: DesktopOptions): ReturnType<DesktopOptions['electron']['utilityProcess']['fork']> {
  return electron.utilityProcess.fork(paths.core, [], {
    serviceName: 'Muster core',
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      MUSTER_NODE: paths.node,
      ...(isPackaged ? { NODE_ENV: 'production' } : {}),
    },
  })
}

/** Everything that the page reaches: its files and uploads over its scheme, the port to the core, and the few calls to the desktop. */
function serveWindow(options: DesktopOptions, parts: Parts): void {
  const { electron, log } = options
  const { window, core } = parts
  const chosen = openChosenFiles()
  electron.app.on('web-contents-created', (_event, contents) => {
    contents.on('did-start-navigation', ({ isSameDocument }) => {
      if (!isSameDocument) chosen.clear()
    })
  })
  const ipc = trustedIpc(electron.ipcMain, {
    owner: window.contents,
    onRefused: (channel, origin) => log('warn', 'a page that is not ours called the desktop', { channel, origin }),
  })
  ipc.on(hostChannels.connect, core.wantPort)
  ipc.handle(hostChannels.call, hostHandler(hostParts(options, { ...parts, chosen })))
  electron.protocol.handle(
    pageScheme,
    pageProtocol({
      files: listPageFiles(options.paths.renderer),
      upload: core.upload,
      commands: options.isPackaged ? 'path' : 'npm',
      onError: (reason) => log('error', 'a request of the page failed', { reason }),
    }),
  )
}

function hostParts(options: DesktopOptions, parts: Parts & Pick<HostParts, 'chosen'>): HostParts {
  const { electron, platform, versions } = options
  const { window, core, notifier, secretKey, userData, chosen, opened } = parts
  const hasBadge = platform !== 'win32'
  return {
    facts: {
      platform: platform === 'win32' ? 'windows' : platform === 'darwin' ? 'macos' : 'linux',
      version: versions.muster,
      electron: versions.electron,
      secrets: secretKey.state,
      hasBadge,
      hasNotifications: notifier.isSupported,
    },
    chosen,
    takeOpened: opened.take,
    openDialog: (settings) => electron.chooseFiles(window.current(), settings),
    upload: core.upload,
    openFolder: (folder) =>
      electron.shell.openPath(folder === 'data' ? options.arguments.dataDirectory : electron.app.getPath('downloads')),
    openExternal: (url) => electron.shell.openExternal(url),
    notify: notifier.tell,
    setBadge: (count) => hasBadge && electron.app.setBadgeCount(count),
    setTheme(theme) {
      electron.nativeTheme.themeSource = theme
      writeWindowState(userData, { ...readWindowState(userData), theme })
    },
    restartCore() {
      core.retry()
      return core.now.state
    },
  }
}

function menuOf(options: DesktopOptions, window: ConsoleWindow): ReturnType<typeof menuTemplate> {
  const { electron, log, platform, isPackaged } = options
  const report = (error: unknown): void => log('warn', 'the system did not open it', { reason: String(error) })
  return menuTemplate(
    { isMac: platform === 'darwin', isDevelopment: !isPackaged },
    {
      navigate: (path) => window.open(path),
      command(id) {
        window.open(null)
        window.tell({ muster: 'command', id })
      },
      openWindow: () => window.open(null),
      openExternal: (url) => void electron.shell.openExternal(documentationUrl.parse(url)).catch(report),
      checkForUpdates: updateCheck(options, window),
      showDataFolder: () => void electron.shell.openPath(options.arguments.dataDirectory).catch(report),
      quit: () => electron.app.quit(),
    },
  )
}

/** Asks for a newer version and shows what was found; a second click meanwhile asks nobody. */
function updateCheck(options: DesktopOptions, window: ConsoleWindow): (() => void) | null {
  const { electron, log, platform, architecture, updateFeed: feed, versions } = options
  if (feed === null) return null
  const parts = { feed, platform, architecture, version: versions.muster, fetch: electron.net.fetch }
  let isAsking = false
  return () => {
    if (isAsking) return
    isAsking = true
    askForUpdate(parts)
      .then((answer) => electron.showMessage(window.current(), updateMessage(answer, parts)))
      .catch((error: unknown) => log('warn', 'the answer about updates was not shown', { reason: String(error) }))
      .finally(() => {
        isAsking = false
      })
  }
}

/** Without its window Muster goes on in the tray, because devices report to it; it ends in order when it is told to quit. */
function keepUntilQuit({ electron, log }: DesktopOptions, { reopen, stop }: { reopen(): void; stop(): Promise<void> }): void {
  const { app } = electron
  let stopping: Promise<void> | null = null
  let hasStopped = false
  app.on('window-all-closed', () => undefined)
  // macOS: a click on the icon of the running application.
  app.on('activate', reopen)
  app.on('will-quit', (event) => {
    if (hasStopped) return
    event.preventDefault()
    stopping ??= stop()
      .catch((error: unknown) => log('error', 'the desktop did not stop cleanly', { reason: String(error) }))
      .then(() => {
        hasStopped = true
        app.quit()
      })
  })
}
