import { ActionIcon, Tooltip } from '@mantine/core'
import { IconArrowsDiagonal, IconX } from '@tabler/icons-react'
import { useEffect, useRef } from 'react'
import { Link as RouteLink } from 'wouter'
import styles from './side-panel.module.css'

/** A dialog takes the key first; it may be gone from the page by the time the panel hears of it. */
function isInDialog(target: EventTarget | null): boolean {
  return document.querySelector('[role="dialog"]') !== null || (target instanceof Element && target.closest('[role="dialog"]') !== null)
}

/** Detail beside a list: arrow keys go on in the list, Enter opens the full page, Esc closes. */
export function SidePanel({
  title,
  fullPath,
  onClose,
  children,
}: {
  title: string
  fullPath: string
  onClose(): void
  children: React.ReactNode
}) {
  const close = useRef(onClose)
  close.current = onClose
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || event.defaultPrevented || isInDialog(event.target)) return
      close.current()
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [])
  return (
    <aside className={styles.panel} aria-label={title}>
      <header className={styles.head}>
        <h2 className="foreign">{title}</h2>
        <Tooltip label="Open the full page (Enter)">
          <ActionIcon component={RouteLink} href={fullPath} aria-label="Open the full page">
            <IconArrowsDiagonal size={16} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Close (Esc)">
          <ActionIcon aria-label="Close" onClick={onClose}>
            <IconX size={16} />
          </ActionIcon>
        </Tooltip>
      </header>
      <div className={styles.body} tabIndex={0}>
        {children}
      </div>
    </aside>
  )
}
