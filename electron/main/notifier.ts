import type { DesktopElectron } from './desktop-electron.ts'
import type { Note } from './notifications.ts'
import type { ConsoleWindow } from './window.ts'

/** Native notifications of the console. */
export interface Notifier {
  readonly isSupported: boolean
  /** Shows a note; false where the system shows none. */
  tell(note: Note): boolean
  /** Shows a note unless the person looks at the window, which shows the same. */
  tellUnseen(note: Note): void
}

export function startNotifier(Notification: DesktopElectron['Notification'], window: Pick<ConsoleWindow, 'open' | 'current'>): Notifier {
  // A notification that nobody refers to is collected, and its click with it.
  const shown = new Set<object>()
  const tell = ({ title, body, path }: Note): boolean => {
    if (!Notification.isSupported()) return false
    const notification = new Notification({ title, body })
    shown.add(notification)
    notification.on('click', () => {
      shown.delete(notification)
      window.open(path)
    })
    notification.on('close', () => shown.delete(notification))
    notification.show()
    return true
  }
  return {
    isSupported: Notification.isSupported(),
    tell,
    tellUnseen(note) {
      if (window.current()?.isFocused() !== true) tell(note)
    },
  }
}
