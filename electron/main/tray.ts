import type { Menu, MenuItemConstructorOptions, NativeImage } from 'electron'
import type { DesktopTray } from './desktop-electron.ts'
import { trayText, type FleetHealth } from './fleet-health.ts'

/** The icon by the clock: the fleet at a glance while the window is closed. */
export interface FleetTray {
  show(health: FleetHealth | null): void
  destroy(): void
}

export interface TrayParts {
  create(icon: NativeImage): DesktopTray
  icon: NativeImage
  buildMenu(template: MenuItemConstructorOptions[]): Menu
  open(path: string | null): void
  quit(): void
}

/** Menu of the tray. The state is its first line, because not every desktop shows a tooltip. */
export function trayTemplate(health: FleetHealth | null, { open, quit }: Pick<TrayParts, 'open' | 'quit'>): MenuItemConstructorOptions[] {
  return [
    { label: trayText(health), enabled: false },
    { type: 'separator' },
    { label: 'Open Muster', click: () => open(null) },
    { label: 'Devices', click: () => open('/devices') },
    { type: 'separator' },
    { label: 'Quit Muster', click: quit },
  ]
}

/** Puts the icon there. Linux needs its whole menu set again for a line of it to change. */
export function startTray(parts: TrayParts): FleetTray {
  const tray = parts.create(parts.icon)
  let shown: string | null = null
  const show = (health: FleetHealth | null): void => {
    const text = trayText(health)
    if (text === shown) return
    shown = text
    tray.setToolTip(text)
    tray.setContextMenu(parts.buildMenu(trayTemplate(health, parts)))
  }
  tray.on('click', () => parts.open(null))
  show(null)
  return { show, destroy: () => tray.destroy() }
}
