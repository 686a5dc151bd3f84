import type { BrowserWindowConstructorOptions, Display } from 'electron'
import { hostChannels } from '../../shared/host/channels.ts'
import type { ToldMessage } from '../../shared/host/window-messages.ts'
import type { DesktopContents, DesktopWindow } from './desktop-electron.ts'
import { pageOrigin, pageUrl } from './page-origin.ts'
import { smallestWindow, visibleBounds, type WindowState } from './window-state.ts'

/** The window of the console. There is at most one; it comes back when it was closed. */
export interface ConsoleWindow {
  /** Shows the window, at a page where one is given. */
  open(path: string | null): void
  /** Tells the page something; a page that is not there yet needs no telling, it asks when it comes. */
  tell(message: ToldMessage): void
  contents(): DesktopContents | null
  current(): DesktopWindow | null
}

export interface WindowParts {
  create(options: BrowserWindowConstructorOptions): DesktopWindow
  displays(): Pick<Display, 'workArea'>[]
  isDark(): boolean
  preload: string
  isDevelopment: boolean
  readState(): WindowState
  writeState(state: WindowState): void
  log(level: 'warn' | 'error', message: string, detail?: Record<string, unknown>): void
}

/** First paint, before the page draws itself: the background of its themes. */
const background = { dark: '#0f1115', light: '#ffffff' } as const
/** A window that is being dragged changes many times a second. */
const WRITE_AFTER_MS = 500
/** A page that crashes again and again is left as it is; the menu reloads it. */
const MOST_RELOADS = 5

/** Preferences of the page: a sandbox without Node, isolated from the preload, with the web's own security. */
export function pagePreferences(preload: string, isDevelopment: boolean): BrowserWindowConstructorOptions['webPreferences'] {
  return {
    preload,
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInSubFrames: false,
    nodeIntegrationInWorker: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    spellcheck: false,
    devTools: isDevelopment,
  }
}

/** Opens windows of the console one at a time. */
export function consoleWindow(parts: WindowParts): ConsoleWindow {
  let window: DesktopWindow | null = null
  let hasPage = false
  let reloadsLeft = MOST_RELOADS

  const make = (path: string): DesktopWindow => {
    const state = parts.readState()
    const made = parts.create({
      ...visibleBounds(state.bounds, parts.displays()),
      minWidth: smallestWindow.width,
      minHeight: smallestWindow.height,
      show: false,
      title: 'Muster',
      backgroundColor: parts.isDark() ? background.dark : background.light,
      webPreferences: pagePreferences(parts.preload, parts.isDevelopment) ?? {},
    })
    hasPage = false
    made.once('ready-to-show', () => {
      if (state.isMaximized) made.maximize()
      made.show()
    })
    made.webContents.on('did-finish-load', () => {
      hasPage = true
    })
    made.webContents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
      if (isMainFrame && !isSameDocument) hasPage = false
    })
    made.webContents.on('render-process-gone', (_event, { reason }) => {
      parts.log('error', 'the page of the window went away', { reason })
      if (reason === 'clean-exit' || reason === 'killed' || reloadsLeft === 0) return
      reloadsLeft -= 1
      // The address holds the state of the view, so loading it again restores the view.
      made.webContents.reload()
    })
    remember(made, parts)
    made.on('closed', () => {
      window = null
    })
    made.loadURL(pageUrl(path)).catch((error: unknown) => parts.log('error', 'the page did not load', { reason: String(error) }))
    return made
  }
  const tell = (message: ToldMessage): void => {
    if (window === null || window.webContents.isDestroyed()) return
    // Whatever the window shows, only our own page is told anything.
    if (window.webContents.mainFrame.origin === pageOrigin) window.webContents.send(hostChannels.tell, message)
  }
  return {
    open(path) {
      if (window === null) {
        window = make(path ?? '/')
        return
      }
      if (window.isMinimized()) window.restore()
      window.show()
      window.focus()
      if (path === null) return
      if (hasPage) tell({ muster: 'navigate', path })
      else void window.loadURL(pageUrl(path)).catch(() => undefined)
    },
    tell,
    contents: () => (window === null || window.webContents.isDestroyed() ? null : window.webContents),
    current: () => window,
  }
}

/** Stores size and place soon after they change, and when the window closes. */
function remember(window: DesktopWindow, parts: WindowParts): void {
  let timer: NodeJS.Timeout | null = null
  const store = (): void => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    try {
      parts.writeState({ ...parts.readState(), bounds: window.getNormalBounds(), isMaximized: window.isMaximized() })
    } catch (error) {
      parts.log('warn', 'the place of the window was not stored', { reason: String(error) })
    }
  }
  const later = (): void => {
    timer ??= setTimeout(store, WRITE_AFTER_MS)
  }
  window.on('resize', later)
  window.on('move', later)
  window.on('maximize', later)
  window.on('unmaximize', later)
  window.on('close', store)
}
