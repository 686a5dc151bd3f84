import { EventEmitter } from 'node:events'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import type * as Electron from 'electron'
import type { CoreChild, DesktopContents, DesktopFrame, DesktopPort, DesktopWindow } from '../../electron/main/desktop-electron.ts'

// Objects of the stand-in for Electron that a test plays with; `electron-double.ts` puts them together.

/** An event that a listener can prevent. */
export class Preventable {
  isPrevented = false
  preventDefault(): void {
    this.isPrevented = true
  }
}

export class DoubleFrame implements DesktopFrame {
  origin = 'null'
  url = ''
  detached = false
  parent: DesktopFrame | null = null
}

export class DoubleContents extends EventEmitter implements DesktopContents {
  readonly mainFrame = new DoubleFrame()
  readonly sent: { channel: string; args: unknown[] }[] = []
  readonly posted: { channel: string; message: unknown; ports: DoublePort[] }[] = []
  reloads = 0
  windowOpen: ((details: { url: string }) => { action: 'deny' }) | null = null
  #isDestroyed = false

  isDestroyed(): boolean {
    return this.#isDestroyed
  }
  reload(): void {
    this.reloads += 1
    this.show(this.mainFrame.url)
  }
  send(channel: string, ...args: unknown[]): void {
    if (this.#isDestroyed) throw new TypeError('Object has been destroyed')
    this.sent.push({ channel, args: structuredClone(args) })
  }
  postMessage(channel: string, message: unknown, transfer: DesktopPort[] = []): void {
    if (this.#isDestroyed) throw new TypeError('Object has been destroyed')
    this.posted.push({ channel, message, ports: transfer as DoublePort[] })
  }
  setWindowOpenHandler(handler: (details: { url: string }) => { action: 'deny' }): void {
    this.windowOpen = handler
  }

  /** The page asks to go somewhere; returns whether it got there. */
  navigate(url: string, { isMainFrame = true } = {}): boolean {
    const frameEvent = Object.assign(new Preventable(), { url, isMainFrame })
    this.emit('will-frame-navigate', frameEvent)
    if (frameEvent.isPrevented) return false
    if (!isMainFrame) return true
    const event = Object.assign(new Preventable(), { url })
    this.emit('will-navigate', event)
    if (event.isPrevented) return false
    this.show(url)
    return true
  }
  /** The server answers with another address; returns whether it was followed. */
  redirect(url: string): boolean {
    const event = Object.assign(new Preventable(), { url })
    this.emit('will-redirect', event)
    return !event.isPrevented
  }
  /** The page has a `<webview>`; returns whether it was attached. */
  attachWebview(): boolean {
    const event = new Preventable()
    this.emit('will-attach-webview', event, {}, {})
    return !event.isPrevented
  }
  /** The page moves within itself, as `history.pushState` does. */
  moveWithin(url: string): void {
    this.emit('did-start-navigation', { isMainFrame: true, isSameDocument: true })
    this.mainFrame.url = url
  }
  show(url: string): void {
    this.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false })
    this.mainFrame.url = url
    // Schemes that are registered as standard have an origin of scheme and host.
    this.mainFrame.origin = /^[a-z]+:\/\/[^/]*/.exec(url)?.[0] ?? 'null'
    this.emit('did-finish-load')
  }
  destroy(): void {
    this.#isDestroyed = true
  }
}

export class DoubleWindow extends EventEmitter implements DesktopWindow {
  readonly webContents = new DoubleContents()
  readonly options: Electron.BrowserWindowConstructorOptions
  isShown: boolean
  bounds: Electron.Rectangle
  #isMaximized = false
  #isMinimized = false
  #isFocused = false

  constructor(options: Electron.BrowserWindowConstructorOptions) {
    super()
    this.options = options
    this.isShown = options.show !== false
    this.bounds = { x: options.x ?? 0, y: options.y ?? 0, width: options.width ?? 800, height: options.height ?? 600 }
  }
  async loadURL(url: string): Promise<void> {
    await Promise.resolve()
    if (this.webContents.isDestroyed()) throw new Error('ERR_ABORTED')
    this.webContents.show(url)
    this.emit('ready-to-show')
  }
  show(): void {
    this.isShown = true
    this.#isFocused = true
  }
  focus(): void {
    this.#isFocused = true
  }
  blur(): void {
    this.#isFocused = false
  }
  minimize(): void {
    this.#isMinimized = true
    this.#isFocused = false
  }
  restore(): void {
    this.#isMinimized = false
  }
  maximize(): void {
    this.#isMaximized = true
    this.isShown = true
    this.emit('maximize')
  }
  isFocused(): boolean {
    return this.#isFocused
  }
  isMinimized(): boolean {
    return this.#isMinimized
  }
  isMaximized(): boolean {
    return this.#isMaximized
  }
  getNormalBounds(): Electron.Rectangle {
    return this.bounds
  }
  /** The person drags or sizes the window. */
  place(bounds: Electron.Rectangle): void {
    this.bounds = bounds
    this.emit('move')
    this.emit('resize')
  }
  close(): void {
    if (this.webContents.isDestroyed()) return
    this.emit('close', new Preventable())
    this.webContents.destroy()
    this.emit('closed')
  }
}

/** A port of the main process over a real MessagePort: what comes waits until `start`, and the other end hears of a close. */
export class DoublePort extends EventEmitter implements DesktopPort {
  readonly port: MessagePort
  #hasStarted = false

  constructor(port: MessagePort) {
    super()
    this.port = port
    port.on('close', () => this.emit('close'))
  }
  start(): void {
    if (this.#hasStarted) return
    this.#hasStarted = true
    this.port.on('message', (data: unknown) => this.emit('message', { data, ports: [] }))
  }
  close(): void {
    this.port.close()
  }
  postMessage(message: unknown, transfer: DesktopPort[] = []): void {
    this.port.postMessage(
      message,
      transfer.map((one) => (one as DoublePort).port),
    )
  }
}

export class DoubleChannel {
  readonly port1: DoublePort
  readonly port2: DoublePort
  constructor() {
    const { port1, port2 } = new MessageChannel()
    this.port1 = new DoublePort(port1)
    this.port2 = new DoublePort(port2)
  }
}

/** A utility process that a test plays. */
export class DoubleChild extends EventEmitter implements CoreChild {
  readonly path: string
  readonly options: Electron.ForkOptions
  readonly heard: { message: unknown; ports: DoublePort[] }[] = []
  isAlive = true

  constructor(path: string, options: Electron.ForkOptions) {
    super()
    this.path = path
    this.options = options
  }
  postMessage(message: unknown, transfer: DesktopPort[] = []): void {
    if (this.isAlive) this.heard.push({ message: structuredClone(message), ports: transfer as DoublePort[] })
  }
  kill(): boolean {
    if (!this.isAlive) return false
    this.end(15)
    return true
  }
  /** The process says something. */
  say(message: unknown): void {
    this.emit('message', message)
  }
  end(code: number): void {
    if (!this.isAlive) return
    this.isAlive = false
    // Ports that it was given go with it.
    for (const { ports } of this.heard) for (const port of ports) port.close()
    this.emit('exit', code)
  }
}

export class DoubleNotification extends EventEmitter {
  static shown: DoubleNotification[] = []
  static isSupported(): boolean {
    return true
  }
  readonly options: { title: string; body: string }
  constructor(options: { title: string; body: string }) {
    super()
    this.options = options
  }
  show(): void {
    DoubleNotification.shown.push(this)
  }
}

export class DoubleTray extends EventEmitter {
  text = ''
  menu: Electron.MenuItemConstructorOptions[] = []
  isDestroyed = false
  setToolTip(text: string): void {
    this.text = text
  }
  setContextMenu(menu: Electron.Menu | null): void {
    this.menu = templateOf(menu)
  }
  destroy(): void {
    this.isDestroyed = true
  }
}

/** What a menu was built from. */
export function templateOf(menu: Electron.Menu | null): Electron.MenuItemConstructorOptions[] {
  return menu === null ? [] : (menu as unknown as { template: Electron.MenuItemConstructorOptions[] }).template
}
