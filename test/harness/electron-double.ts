import { EventEmitter } from 'node:events'
import type * as Electron from 'electron'
import type { DesktopElectron, DesktopSender } from '../../electron/main/desktop-electron.ts'
import { DoubleChannel, DoubleNotification, DoubleChild, DoubleTray, DoubleWindow, Preventable, templateOf } from './electron-objects.ts'

// A stand-in for Electron where its binary cannot be had. It does what the documentation of the few calls in `DesktopElectron` says, in that
// order, and lets a test play the person, the page and the system. `main.ts` compiles only while Electron's own types fit the same shapes.

type PermissionRequest = Parameters<DesktopElectron['session']['defaultSession']['setPermissionRequestHandler']>[0]
type PermissionCheck = Parameters<DesktopElectron['session']['defaultSession']['setPermissionCheckHandler']>[0]

/** The session, with what a page would ask of it. */
export class DoubleSession {
  #request: PermissionRequest = (_contents, _permission, callback) => callback(true)
  #check: PermissionCheck = () => true
  #device: () => boolean = () => true
  #display: ((request: unknown, callback: (streams: null) => void) => void) | null = null

  setPermissionRequestHandler(handler: PermissionRequest): void {
    this.#request = handler
  }
  setPermissionCheckHandler(handler: PermissionCheck): void {
    this.#check = handler
  }
  setDevicePermissionHandler(handler: () => boolean): void {
    this.#device = handler
  }
  setDisplayMediaRequestHandler(handler: (request: unknown, callback: (streams: null) => void) => void): void {
    this.#display = handler
  }
  /** A page asks for a permission; true if asking and checking both give it. */
  asks(permission: string, url: string): boolean {
    let isGiven = false
    this.#request(null, permission, (given) => (isGiven = given), { requestingUrl: url })
    return isGiven && this.#check(null, permission, new URL(url).origin === 'null' ? url : new URL(url).origin)
  }
  choosesDevice(): boolean {
    return this.#device()
  }
  sharesScreen(): boolean {
    let streams: unknown = 'asked the person'
    this.#display?.({}, (given) => (streams = given))
    return streams !== null
  }
}

/** What lives on the machine beside one running application: the lock, and the keeper of passwords. */
export class DoubleMachine {
  holder: DoubleApp | null = null
  displays: Pick<Electron.Display, 'workArea'>[] = [{ workArea: { x: 0, y: 0, width: 1920, height: 1040 } }]
  passwordKeeper: 'basic_text' | 'gnome_libsecret' | 'kwallet' | 'kwallet5' | 'kwallet6' | 'unknown' = 'gnome_libsecret'
  isEncryptionThere = true
  passwordKey = 0x5a
}

export class DoubleApp extends EventEmitter {
  readonly machine: DoubleMachine
  readonly paths: Record<string, string>
  readonly argv: readonly string[]
  readonly windows = new Set<DoubleWindow>()
  isReady = false
  isSandboxed = false
  hasQuit = false
  exitCode: number | null = null
  badge = 0
  readonly schemes: string[] = []
  #makeReady: () => void = () => undefined
  readonly #ready = new Promise<void>((resolve) => {
    this.#makeReady = resolve
  })

  constructor(machine: DoubleMachine, userData: string, argv: readonly string[]) {
    super()
    this.machine = machine
    this.argv = argv
    this.paths = { userData, downloads: '/home/person/Downloads' }
  }
  /** The system has started the application. */
  becomeReady(): void {
    this.isReady = true
    this.#makeReady()
  }
  whenReady(): Promise<void> {
    return this.#ready
  }
  enableSandbox(): void {
    if (this.isReady) throw new Error('app.enableSandbox() can only be called before app is ready')
    this.isSandboxed = true
  }
  requestSingleInstanceLock(): boolean {
    const { holder } = this.machine
    if (holder === null || holder.hasQuit || holder === this) {
      this.machine.holder = this
      return true
    }
    holder.emit('second-instance', {}, ['/opt/Muster/muster', '--some-chromium-switch', ...this.argv], '/', null)
    return false
  }
  setAsDefaultProtocolClient(scheme: string): boolean {
    this.schemes.push(scheme)
    return true
  }
  setAppUserModelId(): void {}
  getPath(name: string): string {
    return this.paths[name]!
  }
  setPath(name: string, path: string): void {
    this.paths[name] = path
  }
  setBadgeCount(count = 0): boolean {
    this.badge = count
    return true
  }
  quit(): void {
    if (this.hasQuit) return
    this.emit('before-quit', new Preventable())
    for (const window of [...this.windows]) window.close()
    const event = new Preventable()
    this.emit('will-quit', event)
    if (!event.isPrevented) this.exit(0)
  }
  exit(code = 0): void {
    this.hasQuit = true
    this.exitCode = code
    this.emit('quit', {}, code)
  }
}

/** An Electron that a test drives. */
export interface ElectronDouble {
  electron: DesktopElectron
  app: DoubleApp
  session: DoubleSession
  children: DoubleChild[]
  trays: DoubleTray[]
  windows: DoubleWindow[]
  menu: Electron.MenuItemConstructorOptions[]
  opened: string[]
  /** What the person picks in the next dialog. */
  picks: { canceled: boolean; filePaths: string[] }
  /** What the person was told. */
  messages: Electron.MessageBoxOptions[]
  /** Addresses that the main process fetched, and what the network answers. */
  fetched: string[]
  network(url: string): Promise<Response>
  /** The page sends on a channel. */
  ipcSend(channel: string, from: DesktopSender): void
  /** The page calls on a channel. */
  ipcInvoke(channel: string, from: DesktopSender, input: unknown): Promise<unknown>
  /** The page fetches. */
  fetch(url: string, init?: RequestInit & { initiatorOrigin?: string }): Promise<Response>
}

export function electronDouble(options: { userData: string; machine?: DoubleMachine; argv?: readonly string[] }): ElectronDouble {
  const machine = options.machine ?? new DoubleMachine()
  const app = new DoubleApp(machine, options.userData, options.argv ?? [])
  const session = new DoubleSession()
  const listeners = new EventEmitter()
  const handlers = new Map<string, (event: DesktopSender, input: unknown) => Promise<unknown>>()
  const schemes = new Map<string, (request: Request) => Response | Promise<Response>>()
  const afterReady = (what: string): void => {
    if (!app.isReady) throw new Error(`${what} cannot be used before the app is ready`)
  }
  const made: ElectronDouble = {
    ...{ app, session, children: [], trays: [], windows: [], menu: [], opened: [], picks: { canceled: true, filePaths: [] } },
    ...{ messages: [], fetched: [], network: () => Promise.reject(new Error('net::ERR_INTERNET_DISCONNECTED')) },
    ipcSend: (channel, from) => void listeners.emit(channel, from),
    async ipcInvoke(channel, from, input) {
      const handler = handlers.get(channel)
      if (handler === undefined) throw new Error(`Error invoking remote method '${channel}': No handler registered for '${channel}'`)
      return structuredClone(await handler(from, structuredClone(input)))
    },
    async fetch(url, init = {}) {
      const request = {
        method: init.method ?? 'GET',
        url,
        body: new Response(init.body ?? null).body,
        initiatorOrigin: init.initiatorOrigin,
      }
      return await schemes.get(new URL(url).protocol.slice(0, -1))!(request as unknown as Request)
    },
    electron: {
      app,
      BrowserWindow: class extends DoubleWindow {
        constructor(settings: Electron.BrowserWindowConstructorOptions) {
          afterReady('BrowserWindow')
          super(settings)
          made.windows.push(this)
          app.windows.add(this)
          this.on('closed', () => {
            app.windows.delete(this)
            if (app.windows.size === 0 && !app.emit('window-all-closed')) app.quit()
          })
          app.emit('web-contents-created', {}, this.webContents)
        }
      },
      Menu: {
        buildFromTemplate: (template) => ({ template }) as unknown as Electron.Menu,
        setApplicationMenu: (menu) => (made.menu = templateOf(menu)),
      },
      MessageChannelMain: DoubleChannel,
      Notification: DoubleNotification,
      Tray: class extends DoubleTray {
        constructor() {
          afterReady('Tray')
          super()
          made.trays.push(this)
        }
      },
      chooseFiles: () => Promise.resolve(made.picks),
      showMessage: (_window, message) => Promise.resolve(made.messages.push(message)),
      net: {
        fetch(url) {
          made.fetched.push(url)
          return made.network(url)
        },
      },
      ipcMain: {
        on: (channel, listener) => listeners.on(channel, listener),
        handle(channel, handler) {
          if (handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`)
          handlers.set(channel, handler)
        },
      },
      nativeImage: { createFromPath: (path) => ({ path }) as unknown as Electron.NativeImage },
      nativeTheme: { shouldUseDarkColors: true, themeSource: 'system' },
      protocol: {
        registerSchemesAsPrivileged() {
          if (app.isReady) throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready')
        },
        handle(scheme, handler) {
          afterReady('protocol')
          schemes.set(scheme, handler)
        },
      },
      safeStorage: safeStorageOf(machine),
      screen: {
        getAllDisplays() {
          afterReady('screen')
          return machine.displays
        },
      },
      session: {
        get defaultSession() {
          afterReady('session')
          return session
        },
      },
      shell: {
        async openExternal(url) {
          made.opened.push(url)
        },
        async openPath(path) {
          made.opened.push(path)
          return ''
        },
      },
      utilityProcess: {
        fork(path, _args, settings) {
          afterReady('utilityProcess')
          const child = new DoubleChild(path, settings)
          made.children.push(child)
          return child
        },
      },
    },
  }
  return made
}

/** Encrypts by turning bits over with the machine's key; whoever has another key gets an error, as from the real thing. */
function safeStorageOf(machine: DoubleMachine): DesktopElectron['safeStorage'] {
  const turned = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte) => byte ^ machine.passwordKey))
  const MARK = 'v10'
  return {
    isAsyncEncryptionAvailable: () => Promise.resolve(machine.isEncryptionThere),
    encryptStringAsync: (text) => Promise.resolve(turned(Buffer.from(MARK + text))),
    async decryptStringAsync(encrypted) {
      const text = turned(encrypted).toString()
      if (!text.startsWith(MARK)) throw new Error('Error while decrypting the ciphertext provided to safeStorage.decryptStringAsync.')
      return { result: text.slice(MARK.length), shouldReEncrypt: false }
    },
    getSelectedStorageBackend: () => machine.passwordKeeper,
  }
}

/** The sender of our own page in its main frame. */
export function ownSender(window: DoubleWindow): DesktopSender {
  return { sender: window.webContents, senderFrame: window.webContents.mainFrame }
}
