import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { startDesktop } from '../../electron/main/desktop.ts'
import { desktopArguments } from '../../electron/main/desktop-arguments.ts'
import { openFrameLinks, type FrameLinks } from '../../electron/core/serve/frame-links.ts'
import type { ChangeTopic } from '../../shared/rpc/frames.ts'
import type { OutputOf } from '../../shared/rpc/contract.ts'
import { DoubleMachine, electronDouble, ownSender, type ElectronDouble } from './electron-double.ts'
import type { DoubleChild, DoublePort, DoubleWindow } from './electron-objects.ts'
import { temporaryDirectory } from './fleet.ts'

/** What the stand-in of the core answers; a test changes it and tells that it changed. */
export interface CoreAnswers {
  status: OutputOf<'system.status'>
  deployments: OutputOf<'deployments.list'>
}

/** A desktop over the stand-in of Electron, with a core that a test plays: real frames over real ports. */
export interface TestDesktop extends ElectronDouble {
  machine: DoubleMachine
  userData: string
  dataDirectory: string
  answers: CoreAnswers
  window(): DoubleWindow
  child(): DoubleChild
  /** The core says that it runs, and serves the ports that it is given. */
  serve(child?: DoubleChild): void
  changed(...topics: ChangeTopic[]): void
}

const well: CoreAnswers = {
  status: {
    version: '0.1.0',
    fleet: 'plant',
    fleetName: 'Plant',
    dataDirectory: '/data',
    startedAt: 0,
    broker: { kind: 'embedded', url: 'mqtt://127.0.0.1:1883', state: 'running', problem: null },
    setupDone: true,
    disk: null,
    memory: { coreBytes: 1, hubBytes: null },
    hub: { pid: 1, restarts: 0 },
    ingest: { batches: 0, records: 0, duplicates: 0, quarantined: 0, refused: 0, pending: 0, recordsPerSecond: 0, problem: null },
    devices: { enrolled: 5, online: 4 },
    outbox: { waiting: 0 },
  },
  deployments: { deployments: [] },
}

export const readyFacts = {
  type: 'ready' as const,
  url: 'http://127.0.0.1:9',
  uploadKey: 'key-of-the-core',
  brokerUrl: 'mqtt://127.0.0.1:1883',
  fleet: 'plant',
  dataDirectory: '/data',
}

export function testDesktop(
  options: { machine?: DoubleMachine; argv?: string[]; root?: string; platform?: NodeJS.Platform; updateFeed?: string } = {},
): TestDesktop {
  const root = options.root ?? temporaryDirectory()
  const renderer = join(root, 'renderer')
  mkdirSync(renderer, { recursive: true })
  writeFileSync(join(renderer, 'index.html'), '<meta nonce="__CSP_NONCE__">')
  const userData = join(root, 'user-data')
  const machine = options.machine ?? new DoubleMachine()
  const argv = options.argv ?? []
  const double = electronDouble({ userData, machine, argv })
  const answers = structuredClone(well)
  const served: FrameLinks[] = []
  startDesktop({
    electron: double.electron,
    paths: { renderer, preload: '/app/preload.cjs', core: '/app/desktop-core.mjs', icons: '/app/icons', node: '/app/node' },
    arguments: desktopArguments(argv, {}),
    argv,
    workingDirectory: '/home/person',
    platform: options.platform ?? 'linux',
    architecture: 'x64',
    isPackaged: true,
    updateFeed: options.updateFeed ?? null,
    versions: { muster: '0.1.0', electron: '45.4.1' },
    monotonic: () => performance.now(),
    log: () => undefined,
  })
  onTestFinished(() => {
    for (const child of double.children) child.end(0)
  })
  return Object.assign(double, {
    ...{ machine, userData, dataDirectory: desktopArguments(argv, {}).dataDirectory, answers },
    window: () => double.windows.at(-1)!,
    child: () => double.children.at(-1)!,
    serve(child = double.children.at(-1)!) {
      const links = openFrameLinks({ dispatch: (frame) => Promise.resolve(answer(answers, frame)), log: () => undefined })
      served.push(links)
      const given = child.postMessage.bind(child)
      child.postMessage = (message, ports) => {
        given(message, ports)
        for (const port of ports ?? []) links.connect(linkOver(port as DoublePort), { actor: 'desktop', role: 'admin' })
        if ((message as { type: string }).type === 'stop') setImmediate(() => child.end(0))
      }
      child.say(readyFacts)
    },
    changed(...topics: ChangeTopic[]) {
      for (const links of served) links.broadcast({ event: 'changed', topics })
    },
  })
}

/** The page asks for a port, as the preload does. */
export function pageConnects(desktop: TestDesktop): void {
  desktop.ipcSend('muster:connect', ownSender(desktop.window()))
}

/** Ports that the page was given. */
export function pagePorts(desktop: TestDesktop): DoublePort[] {
  return desktop
    .window()
    .webContents.posted.filter(({ channel }) => channel === 'muster:port')
    .flatMap(({ ports }) => ports)
}

/** Messages that the page was told. */
export function pageTold(desktop: TestDesktop): unknown[] {
  return desktop
    .window()
    .webContents.sent.filter(({ channel }) => channel === 'muster:tell')
    .flatMap(({ args }) => args)
}

function answer(answers: CoreAnswers, frame: unknown): { id: number; ok: true; output: unknown } {
  const { id, method } = frame as { id: number; method: string }
  return { id, ok: true, output: structuredClone(method === 'system.status' ? answers.status : answers.deployments) }
}

function linkOver(port: DoublePort): Parameters<FrameLinks['connect']>[0] {
  return {
    send: (frame) => port.postMessage(frame),
    onFrame(handler) {
      port.on('message', ({ data }: { data: unknown }) => handler(data))
      port.start()
    },
    onClose: (handler) => void port.on('close', handler),
    close: () => port.close(),
  }
}
