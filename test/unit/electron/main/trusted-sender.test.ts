import { describe, expect, test } from 'vitest'
import { trustedIpc } from '../../../../electron/main/trusted-sender.ts'
import type { DesktopSender } from '../../../../electron/main/desktop-electron.ts'
import { electronDouble, ownSender } from '../../../harness/electron-double.ts'
import { DoubleFrame, DoubleWindow } from '../../../harness/electron-objects.ts'

function shown(url: string): DoubleWindow {
  const window = new DoubleWindow({})
  window.webContents.show(url)
  return window
}

function frame(change: Partial<DoubleFrame>): DoubleFrame {
  return Object.assign(new DoubleFrame(), { origin: 'app://muster', url: 'app://muster/' }, change)
}

const window = shown('app://muster/devices')
const own = ownSender(window)
const other = shown('app://muster/')

const foreign: [string, DesktopSender][] = [
  ['a frame that is gone', { ...own, senderFrame: null }],
  ['a frame that is being replaced', { ...own, senderFrame: frame({ detached: true }) }],
  ['a frame within the page', { ...own, senderFrame: frame({ parent: frame({}) }) }],
  [
    'a frame of another site within the page',
    { ...own, senderFrame: frame({ origin: 'https://evil.test', url: 'https://evil.test/', parent: frame({}) }) },
  ],
  ['another site in the main frame', { ...own, senderFrame: frame({ origin: 'https://evil.test', url: 'https://evil.test/' }) }],
  ['a host that begins like ours', { ...own, senderFrame: frame({ origin: 'app://muster.evil', url: 'app://muster.evil/' }) }],
  ['a file', { ...own, senderFrame: frame({ origin: 'file://', url: 'file:///etc/passwd' }) }],
  ['a blank page with our origin', { ...own, senderFrame: frame({ url: 'about:blank' }) }],
  ['a sandboxed page', { ...own, senderFrame: frame({ origin: 'null' }) }],
  ['another window with our page', ownSender(other)],
]

describe('case 50: a channel', () => {
  const double = electronDouble({ userData: '/nowhere' })
  const heard: unknown[] = []
  const refused: string[] = []
  const ipc = trustedIpc(double.electron.ipcMain, {
    owner: () => window.webContents,
    onRefused: (channel, origin) => refused.push(`${channel} ${origin}`),
  })
  ipc.on('told', () => heard.push('told'))
  ipc.handle('asked', (input) => {
    heard.push(input)
    return Promise.resolve('answer')
  })

  test('hears our own page', async () => {
    double.ipcSend('told', own)
    expect(await double.ipcInvoke('asked', own, { a: 1 })).toBe('answer')
    expect(heard.splice(0)).toEqual(['told', { a: 1 }])
    expect(refused).toEqual([])
  })

  test.each(foreign)('refuses %s', async (_, sender) => {
    double.ipcSend('told', sender)
    await expect(double.ipcInvoke('asked', sender, {})).rejects.toThrow('may not call')
    expect(heard).toEqual([])
    expect(refused.splice(0)).toEqual([
      `told ${sender.senderFrame?.origin ?? 'no frame'}`,
      `asked ${sender.senderFrame?.origin ?? 'no frame'}`,
    ])
  })
})

test('without a window nobody is trusted', async () => {
  const double = electronDouble({ userData: '/nowhere' })
  trustedIpc(double.electron.ipcMain, { owner: () => null, onRefused: () => undefined }).handle('asked', () => Promise.resolve(1))
  await expect(double.ipcInvoke('asked', own, {})).rejects.toThrow('may not call')
})
