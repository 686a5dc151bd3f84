import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import { build } from 'rolldown'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { preloadBundle } from '../../../../build/desktop/desktop-bundles.ts'
import type { HostBridge } from '../../../../shared/host/bridge.ts'

let code: string
let files: number
beforeAll(async () => {
  const { output } = await build({ ...preloadBundle, write: false })
  code = output[0].code
  files = output.length
})

let exposed: Record<string, unknown>
let ipc: EventEmitter & { sent: unknown[][]; send(...args: unknown[]): void; invoke(...args: unknown[]): Promise<unknown> }
let posted: unknown[][]
let required: string[]

beforeEach(() => {
  exposed = {}
  posted = []
  required = []
  const sent: unknown[][] = []
  ipc = Object.assign(new EventEmitter(), {
    sent,
    send: (...args: unknown[]) => void sent.push(args),
    invoke: (...args: unknown[]) => {
      sent.push(args)
      return Promise.resolve({ ok: true, output: 1 })
    },
  })
  const window = { location: { origin: 'app://muster' }, postMessage: (...args: unknown[]) => posted.push(args) }
  // What a preload in the sandbox has: `require` of a few modules, the window, and no Node.
  runInNewContext(code, {
    window,
    exports: {},
    module: { exports: {} },
    require(name: string) {
      required.push(name)
      if (name !== 'electron') throw new Error(`module not found: ${name}`)
      return { ipcRenderer: ipc, contextBridge: { exposeInMainWorld: (key: string, value: unknown) => (exposed[key] = value) } }
    },
  })
})

test('one name is exposed, with exactly the two members of HostBridge', () => {
  expect(Object.keys(exposed)).toEqual(['muster'])
  expect(Object.keys(exposed['muster'] as object).sort()).toEqual(['call', 'connect'])
  expect(required).toEqual(['electron'])
})

test('the page reaches two channels, with nothing but data', async () => {
  const bridge = exposed['muster'] as HostBridge
  bridge.connect()
  expect(await bridge.call('host.describe', { a: 1 })).toEqual({ ok: true, output: 1 })
  expect(structuredClone(ipc.sent)).toEqual([['muster:connect'], ['muster:call', { method: 'host.describe', input: { a: 1 } }]])
})

test('a port and what the desktop tells go to the page as messages of its own origin', () => {
  ipc.emit('muster:port', { ports: ['port'], sender: ipc }, null)
  ipc.emit('muster:tell', { sender: ipc }, { muster: 'navigate', path: '/devices' })
  expect(structuredClone(posted)).toEqual([
    [{ muster: 'port' }, 'app://muster', ['port']],
    [{ muster: 'navigate', path: '/devices' }, 'app://muster', []],
  ])
})

test('the preload stays small: source under 50 lines, bundle under 1 kB', () => {
  expect(readFileSync('electron/preload/preload.ts', 'utf8').split('\n').length).toBeLessThan(50)
  expect(files).toBe(1)
  expect(code.length).toBeLessThan(1000)
})
