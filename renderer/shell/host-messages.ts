import { useEffect, useRef } from 'react'
import { windowMessage } from '../../shared/host/window-messages.ts'
import { commands, type CommandContext } from './commands.ts'

/** Follows the desktop around the page: its menu gives the same commands as the keyboard, and links from outside open their page. */
export function useHostMessages(context: CommandContext): void {
  const current = useRef(context)
  current.current = context
  useEffect(() => {
    const take = (event: MessageEvent): void => {
      if (event.source !== window || event.origin !== location.origin) return
      const message = windowMessage.safeParse(event.data)
      if (!message.success) return
      if (message.data.muster === 'navigate') current.current.go(message.data.path)
      if (message.data.muster === 'command') {
        const { id } = message.data
        commands.find((command) => command.id === id)?.run(current.current)
      }
    }
    window.addEventListener('message', take)
    return () => window.removeEventListener('message', take)
  }, [])
}
