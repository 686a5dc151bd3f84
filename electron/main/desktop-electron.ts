import type * as Electron from 'electron'

// What the desktop uses of Electron. `main.ts` passes the real thing, which the compiler compares with these shapes; tests pass a double of
// the same shapes. Whatever is not named here is not used.

export interface DesktopFrame {
  readonly origin: string
  readonly url: string
  readonly detached: boolean
  readonly parent: DesktopFrame | null
}

export interface DesktopContents {
  readonly mainFrame: Pick<DesktopFrame, 'origin'>
  isDestroyed(): boolean
  reload(): void
  send(channel: string, ...args: unknown[]): void
  postMessage(channel: string, message: unknown, transfer?: DesktopPort[]): void
  setWindowOpenHandler(handler: (details: { url: string }) => { action: 'deny' }): void
  on(event: 'did-finish-load', listener: () => void): unknown
  on(event: 'did-start-navigation', listener: (details: { isMainFrame: boolean; isSameDocument: boolean }) => void): unknown
  on(event: 'will-frame-navigate', listener: (details: { url: string; isMainFrame: boolean; preventDefault(): void }) => void): unknown
  on(event: 'will-navigate', listener: (details: { url: string; preventDefault(): void }) => void): unknown
  on(event: 'will-redirect', listener: (details: { url: string; preventDefault(): void }) => void): unknown
  on(event: 'will-attach-webview', listener: (event: { preventDefault(): void }) => void): unknown
  on(event: 'render-process-gone', listener: (event: unknown, details: { reason: string }) => void): unknown
}

export interface DesktopWindow {
  readonly webContents: DesktopContents
  loadURL(url: string): Promise<void>
  show(): void
  focus(): void
  restore(): void
  maximize(): void
  isFocused(): boolean
  isMinimized(): boolean
  isMaximized(): boolean
  getNormalBounds(): Electron.Rectangle
  once(event: 'ready-to-show', listener: () => void): unknown
  on(event: 'resize' | 'move' | 'maximize' | 'unmaximize' | 'close' | 'closed', listener: () => void): unknown
}

/** One end of a channel in the main process. */
export interface DesktopPort {
  start(): void
  close(): void
  postMessage(message: unknown, transfer?: DesktopPort[]): void
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown
  on(event: 'close', listener: () => void): unknown
}

/** The utility process of the core. */
export interface CoreChild {
  postMessage(message: unknown, transfer?: DesktopPort[]): void
  kill(): boolean
  on(event: 'message', listener: (message: unknown) => void): unknown
  on(event: 'exit', listener: (code: number) => void): unknown
}

export interface DesktopTray {
  setToolTip(text: string): void
  setContextMenu(menu: Electron.Menu | null): void
  destroy(): void
  on(event: 'click', listener: () => void): unknown
}

export interface DesktopNotification {
  show(): void
  on(event: 'click' | 'close', listener: () => void): unknown
}

export interface DesktopSession {
  setPermissionRequestHandler(
    handler: (contents: unknown, permission: string, callback: (isGiven: boolean) => void, details: { requestingUrl: string }) => void,
  ): void
  setPermissionCheckHandler(handler: (contents: unknown, permission: string, requestingOrigin: string) => boolean): void
  setDevicePermissionHandler(handler: () => boolean): void
  setDisplayMediaRequestHandler(handler: (request: unknown, callback: (streams: null) => void) => void): void
}

/** Who sent a message to the main process. */
export interface DesktopSender {
  readonly senderFrame: DesktopFrame | null
  readonly sender: DesktopContents
}

export interface DesktopIpc {
  on(channel: string, listener: (event: DesktopSender) => void): unknown
  handle(channel: string, listener: (event: DesktopSender, input: unknown) => Promise<unknown>): void
}

export interface DesktopApp {
  quit(): void
  exit(code?: number): void
  whenReady(): Promise<void>
  enableSandbox(): void
  requestSingleInstanceLock(): boolean
  setAsDefaultProtocolClient(protocol: string): boolean
  setAppUserModelId(id: string): void
  getPath(name: 'userData' | 'downloads'): string
  setPath(name: 'userData', path: string): void
  setBadgeCount(count?: number): boolean
  on(event: 'second-instance', listener: (event: unknown, argv: string[], workingDirectory: string) => void): unknown
  on(event: 'open-file', listener: (event: { preventDefault(): void }, path: string) => void): unknown
  on(event: 'open-url', listener: (event: { preventDefault(): void }, url: string) => void): unknown
  on(event: 'web-contents-created', listener: (event: unknown, contents: DesktopContents) => void): unknown
  on(event: 'window-all-closed', listener: () => void): unknown
  on(event: 'activate', listener: () => void): unknown
  on(event: 'will-quit', listener: (event: { preventDefault(): void }) => void): unknown
}

export interface DesktopElectron {
  app: DesktopApp
  BrowserWindow: new (options: Electron.BrowserWindowConstructorOptions) => DesktopWindow
  Menu: Pick<typeof Electron.Menu, 'buildFromTemplate' | 'setApplicationMenu'>
  MessageChannelMain: new () => { port1: DesktopPort; port2: DesktopPort }
  Notification: (new (options: { title: string; body: string }) => DesktopNotification) & { isSupported(): boolean }
  Tray: new (icon: Electron.NativeImage) => DesktopTray
  /** Asks for files, in front of the window where there is one. */
  chooseFiles(window: DesktopWindow | null, options: Electron.OpenDialogOptions): Promise<{ canceled: boolean; filePaths: string[] }>
  /** Tells the person something, in front of the window where there is one. */
  showMessage(window: DesktopWindow | null, options: Electron.MessageBoxOptions): Promise<unknown>
  ipcMain: DesktopIpc
  nativeImage: Pick<typeof Electron.nativeImage, 'createFromPath'>
  nativeTheme: Pick<Electron.NativeTheme, 'shouldUseDarkColors' | 'themeSource'>
  net: { fetch(url: string, init: RequestInit): Promise<Response> }
  protocol: Pick<Electron.Protocol, 'registerSchemesAsPrivileged' | 'handle'>
  safeStorage: Pick<
    Electron.SafeStorage,
    'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync' | 'getSelectedStorageBackend'
  >
  screen: { getAllDisplays(): Pick<Electron.Display, 'workArea'>[] }
  session: { readonly defaultSession: DesktopSession }
  shell: Pick<Electron.Shell, 'openExternal' | 'openPath'>
  utilityProcess: { fork(modulePath: string, args: string[], options: Electron.ForkOptions): CoreChild }
}
