import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  MessageChannelMain,
  nativeImage,
  nativeTheme,
  net,
  Notification,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
  Tray,
  utilityProcess,
} from 'electron'
import { createLog } from '../core/log.ts'
import { musterVersion } from '../../shared/domain/version.ts'
import { desktopArguments } from './desktop-arguments.ts'
import { desktopPaths } from './desktop-paths.ts'
import { startDesktop } from './desktop.ts'
import { updateFeedOf } from './updates.ts'

const argv = process.argv.slice(app.isPackaged ? 1 : 2)
const flags = desktopArguments(argv, process.env)

process.on('SIGINT', () => app.quit()).on('SIGTERM', () => app.quit())
startDesktop({
  electron: {
    app,
    BrowserWindow,
    chooseFiles: (window, options) =>
      window instanceof BrowserWindow ? dialog.showOpenDialog(window, options) : dialog.showOpenDialog(options),
    showMessage: (window, options) =>
      window instanceof BrowserWindow ? dialog.showMessageBox(window, options) : dialog.showMessageBox(options),
    ipcMain,
    Menu,
    MessageChannelMain,
    nativeImage,
    nativeTheme,
    net: { fetch: (url, init) => net.fetch(url, init) },
    Notification,
    protocol,
    safeStorage,
    screen,
    // The default session exists only once the application is ready.
    session: {
      get defaultSession() {
        return session.defaultSession
      },
    },
    shell,
    Tray,
    utilityProcess,
  },
  paths: desktopPaths({
    appPath: app.getAppPath(),
    resourcesPath: process.resourcesPath,
    isPackaged: app.isPackaged,
    platform: process.platform,
  }),
  arguments: flags,
  argv,
  workingDirectory: process.cwd(),
  platform: process.platform,
  architecture: process.arch,
  isPackaged: app.isPackaged,
  updateFeed: app.isPackaged ? updateFeedOf(app.getAppPath()) : null,
  versions: { muster: musterVersion, electron: process.versions.electron },
  monotonic: () => performance.now(),
  log: createLog({ service: 'muster-desktop', level: flags.logLevel }),
})
