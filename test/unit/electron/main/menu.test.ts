import type { MenuItemConstructorOptions } from 'electron'
import { describe, expect, test } from 'vitest'
import { menuTemplate } from '../../../../electron/main/menu.ts'
import { menuCommands, uiPath } from '../../../../shared/host/window-messages.ts'

const kinds = [
  { isMac: false, isDevelopment: false },
  { isMac: false, isDevelopment: true },
  { isMac: true, isDevelopment: false },
]
const systems = kinds.map((kind) => [kind.isMac ? 'macOS' : kind.isDevelopment ? 'development' : 'Linux and Windows', kind] as const)

/** Keys that Electron gives to roles by itself. */
const keysOfRoles: Record<string, string> = {
  reload: 'CmdOrCtrl+R',
  resetZoom: 'CmdOrCtrl+0',
  zoomIn: 'CmdOrCtrl+Plus',
  zoomOut: 'CmdOrCtrl+-',
  togglefullscreen: 'F11',
  toggleDevTools: 'CmdOrCtrl+Shift+I',
  close: 'CmdOrCtrl+W',
  hide: 'CmdOrCtrl+H',
  hideOthers: 'CmdOrCtrl+Alt+H',
  editMenu: 'CmdOrCtrl+Z CmdOrCtrl+X CmdOrCtrl+C CmdOrCtrl+V CmdOrCtrl+A',
  windowMenu: 'CmdOrCtrl+M',
}

function template(kind: { isMac: boolean; isDevelopment: boolean }, done: string[] = []): MenuItemConstructorOptions[] {
  return menuTemplate(kind, {
    navigate: (path) => done.push(`navigate ${path}`),
    command: (id) => done.push(`command ${id}`),
    openWindow: () => done.push('window'),
    openExternal: (url) => done.push(`external ${url}`),
    showDataFolder: () => done.push('folder'),
    checkForUpdates: () => done.push('updates'),
    quit: () => done.push('quit'),
  })
}

function itemsOf(items: MenuItemConstructorOptions[]): MenuItemConstructorOptions[] {
  return items.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? itemsOf(item.submenu) : [])])
}

describe.each(systems)('on %s', (_, kind) => {
  const items = itemsOf(template(kind))

  test('no two items share a key', () => {
    const keys = items.flatMap(({ accelerator, role }) => [
      ...(accelerator === undefined ? [] : [accelerator]),
      ...(role === undefined ? [] : (keysOfRoles[role]?.split(' ') ?? [])),
    ])
    expect(keys.length).toBeGreaterThan(15)
    expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([])
  })

  test('every item says what it does', () => {
    expect(items.filter(({ type, role, label }) => type !== 'separator' && role === undefined && (label ?? '') === '')).toEqual([])
  })

  test('development tools are for development', () => {
    expect(items.some(({ role }) => role === 'toggleDevTools')).toBe(kind.isDevelopment)
  })

  test('there is one way to quit', () => {
    expect(items.filter(({ label, role }) => label === 'Quit Muster' || role === 'quit')).toHaveLength(1)
  })
})

test('macOS has the menus that belong there', () => {
  expect(template({ isMac: true, isDevelopment: false }).map(({ role, label }) => role ?? label)).toEqual([
    'appMenu',
    'File',
    'editMenu',
    'Go',
    'View',
    'windowMenu',
    'help',
  ])
})

test('items lead to pages, commands and documentation of the console', () => {
  const done: string[] = []
  for (const item of itemsOf(template({ isMac: false, isDevelopment: false }, done))) (item.click as (() => void) | undefined)?.()
  expect(done.filter((one) => one.startsWith('navigate'))).toEqual([
    'navigate /',
    'navigate /devices',
    'navigate /models',
    'navigate /deployments',
    'navigate /monitoring',
    'navigate /labelling',
    'navigate /alerts',
    'navigate /events',
    'navigate /settings',
  ])
  for (const path of done.filter((one) => one.startsWith('navigate'))) expect(uiPath.safeParse(path.slice(9)).success).toBe(true)
  expect(done.filter((one) => one.startsWith('command')).sort()).toEqual(menuCommands.map((id) => `command ${id}`).sort())
  expect(done).toEqual(expect.arrayContaining(['window', 'folder', 'quit', 'external https://onnx.ai']))
})
