import { ActionIcon, Tooltip } from '@mantine/core'
import { IconKeyboard, IconMoon, IconSearch, IconSun } from '@tabler/icons-react'
import { Link as RouteLink } from 'wouter'
import { useQuery } from '../data/use-query.ts'
import { Bell } from './bell.tsx'
import type { CommandContext } from './commands.ts'
import { Jobs } from './jobs.tsx'
import { PersonMenu } from './person-menu.tsx'
import { keyNames } from './shortcuts.ts'
import styles from './shell.module.css'

/** The head of the console: fleet, search, running work, theme. */
export function Header({ context, isDark }: { context: CommandContext; isDark: boolean }) {
  const setup = useQuery('setup.show', {})
  return (
    <header className={styles.header}>
      <RouteLink href="/settings" className={styles.fleet} title="Settings of this fleet">
        <img src="/icon.svg" alt="" />
        <span className="foreign">{setup.data?.fleetName ?? ''}</span>
      </RouteLink>
      <button type="button" className={styles.search} onClick={context.openPalette}>
        <IconSearch size={14} aria-hidden="true" />
        <span>Search devices, models, pages, commands</span>
        <kbd className={styles.key}>{keyNames('mod+k')}</kbd>
      </button>
      <div className={styles.spacer} />
      <Jobs />
      <Bell />
      <PersonMenu />
      <Tooltip label="Keyboard map (?)">
        <ActionIcon aria-label="Keyboard map" onClick={context.openKeyboardMap}>
          <IconKeyboard size={18} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={isDark ? 'Light theme (T)' : 'Dark theme (T)'}>
        <ActionIcon aria-label={isDark ? 'Light theme' : 'Dark theme'} onClick={context.toggleTheme}>
          {isDark ? <IconSun size={18} /> : <IconMoon size={18} />}
        </ActionIcon>
      </Tooltip>
    </header>
  )
}
