import type { MenuItemConstructorOptions } from 'electron'
import { documentationSites } from '../../shared/host/contract.ts'
import type { MenuCommand } from '../../shared/host/window-messages.ts'

export interface MenuActions {
  navigate(path: string): void
  command(id: MenuCommand): void
  /** Brings the window back where it was closed. */
  openWindow(): void
  openExternal(url: string): void
  showDataFolder(): void
  /** `null`: there is nobody to ask. */
  checkForUpdates: (() => void) | null
  quit(): void
}

/** Pages of the rail, in its order; the number is their key. */
const pages = [
  ['Overview', '/'],
  ['Devices', '/devices'],
  ['Models', '/models'],
  ['Deployments', '/deployments'],
  ['Monitoring', '/monitoring'],
  ['Labelling', '/labelling'],
  ['Alerts', '/alerts'],
  ['Events', '/events'],
  ['Settings', '/settings'],
] as const

/** The application menu. Every action of it is also reachable in the page; the menu is where people look for shortcuts. */
export function menuTemplate(
  { isMac, isDevelopment }: { isMac: boolean; isDevelopment: boolean },
  actions: MenuActions,
): MenuItemConstructorOptions[] {
  const separator: MenuItemConstructorOptions = { type: 'separator' }
  const quit: MenuItemConstructorOptions = { label: 'Quit Muster', accelerator: 'CmdOrCtrl+Q', click: actions.quit }
  const application: MenuItemConstructorOptions[] = isMac
    ? [
        {
          role: 'appMenu',
          label: 'Muster',
          submenu: [
            { role: 'about' },
            separator,
            { role: 'services' },
            separator,
            { role: 'hide' },
            { role: 'hideOthers' },
            { role: 'unhide' },
            separator,
            quit,
          ],
        },
      ]
    : []
  return [
    ...application,
    {
      label: 'File',
      submenu: [
        { label: 'New deployment…', accelerator: 'CmdOrCtrl+N', click: () => actions.command('new-deployment') },
        { label: 'Import a model…', accelerator: 'CmdOrCtrl+I', click: () => actions.command('import-model') },
        separator,
        { label: 'Show the data folder', click: actions.showDataFolder },
        separator,
        { label: 'Open the window', accelerator: 'CmdOrCtrl+Shift+O', click: actions.openWindow },
        { role: 'close' },
        ...(isMac ? [] : [quit]),
      ],
    },
    { role: 'editMenu' },
    {
      label: 'Go',
      submenu: [
        { label: 'Command palette…', accelerator: 'CmdOrCtrl+K', click: () => actions.command('command-palette') },
        separator,
        ...pages.map(([label, path], i) => ({ label, accelerator: `CmdOrCtrl+${i + 1}`, click: () => actions.navigate(path) })),
      ],
    },
    {
      label: 'View',
      submenu: [
        { role: 'reload' },
        separator,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        separator,
        { role: 'togglefullscreen' },
        ...(isDevelopment ? ([separator, { role: 'toggleDevTools' }] satisfies MenuItemConstructorOptions[]) : []),
      ],
    },
    ...(isMac ? ([{ role: 'windowMenu' }] satisfies MenuItemConstructorOptions[]) : []),
    {
      role: 'help',
      label: 'Help',
      submenu: [
        { label: 'Keyboard shortcuts', accelerator: 'CmdOrCtrl+/', click: () => actions.command('keyboard-map') },
        separator,
        ...(actions.checkForUpdates === null ? [] : [{ label: 'Check for updates…', click: actions.checkForUpdates }, separator]),
        ...documentationSites.map((url) => ({ label: `About ${new URL(url).host}`, click: () => actions.openExternal(url) })),
      ],
    },
  ]
}
