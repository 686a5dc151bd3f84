import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { useLocation } from 'wouter'
import { z } from 'zod'
import { callHost } from '../../shared/host/bridge.ts'
import { useStoredChoice } from '../data/stored-choice.ts'
import { hostBridge } from '../transport/choose-link.ts'
import { useAlertNotices } from './alert-notices.ts'
import { ConnectionBanner } from './connection-banner.tsx'
import { CoreFailure } from './core-failure.tsx'
import type { CommandContext } from './commands.ts'
import { Header } from './header.tsx'
import { KeyboardMap } from './keyboard-map.tsx'
import { openPalette, Palette } from './palette.tsx'
import { Rail } from './rail.tsx'
import { fetchPage, Routes } from './routes.tsx'
import { useShortcuts } from './shortcuts.ts'
import { StatusBar } from './status-bar.tsx'
import { useStayActive } from './use-stay-active.ts'
import { useHostMessages } from './host-messages.ts'
import styles from './shell.module.css'

/** The frame of every page: header, rail, page, status bar, and what opens over them. */
export function Shell() {
  const [, go] = useLocation()
  const [isFolded, setFolded] = useStoredChoice('rail.folded', z.boolean(), window.innerWidth < 1200)
  const [isMapOpen, setMapOpen] = useState(false)
  const scheme = useComputedColorScheme('light')
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const toggleTheme = useCallback(() => setColorScheme(scheme === 'dark' ? 'light' : 'dark'), [scheme, setColorScheme])
  const context = useMemo<CommandContext>(
    () => ({
      go,
      openPalette,
      openKeyboardMap: () => setMapOpen(true),
      toggleTheme,
      toggleRail: () => setFolded(!isFolded),
    }),
    [go, toggleTheme, isFolded, setFolded],
  )
  useEffect(() => {
    const bridge = hostBridge()
    // The window of the next start opens in the colour of the theme.
    if (bridge !== null) void callHost(bridge, 'host.setTheme', { theme: colorScheme === 'auto' ? 'system' : colorScheme })
  }, [colorScheme])
  useEffect(() => {
    // When the first page is drawn: the overview is where people return to.
    const idle = requestIdleCallback(() => fetchPage('/'))
    return () => cancelIdleCallback(idle)
  }, [])
  useShortcuts(context)
  useHostMessages(context)
  useAlertNotices(go)
  useStayActive()
  return (
    <div className={styles.shell} data-folded={isFolded || undefined}>
      <Header context={context} isDark={scheme === 'dark'} />
      <Rail isFolded={isFolded} onFold={() => setFolded(!isFolded)} />
      <div className={styles.main}>
        <CoreFailure />
        <ConnectionBanner />
        <Routes />
      </div>
      <StatusBar />
      <Palette context={context} />
      <KeyboardMap isOpen={isMapOpen} onClose={() => setMapOpen(false)} />
    </div>
  )
}
