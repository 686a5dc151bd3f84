import { ActionIcon, Tooltip } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useEffect, useRef } from 'react'
import styles from './version.module.css'

/** Detail beside a picture that has no page of its own; Esc closes it. */
export function PanelFrame({
  title,
  beside,
  onClose,
  children,
}: {
  title: string
  beside?: React.ReactNode
  onClose(): void
  children: React.ReactNode
}) {
  const close = useRef(onClose)
  close.current = onClose
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      // A menu or dialog in front takes the key first.
      if (event.key !== 'Escape' || event.defaultPrevented || document.querySelector('[role="dialog"]') !== null) return
      close.current()
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [])
  return (
    <aside className={styles.aside} aria-label={title}>
      <header>
        <h2 className="foreign">{title}</h2>
        {beside}
        <Tooltip label="Close (Esc)">
          <ActionIcon aria-label="Close" onClick={onClose}>
            <IconX size={16} />
          </ActionIcon>
        </Tooltip>
      </header>
      <div className={styles.asideBody} tabIndex={0} role="region" aria-label={`Detail of ${title}`}>
        {children}
      </div>
    </aside>
  )
}
