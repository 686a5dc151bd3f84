import { useEffect, useRef } from 'react'
import { callHost, type HostBridge } from '../../shared/host/bridge.ts'
import { uiPath } from '../../shared/host/window-messages.ts'
import type { OutputOf } from '../../shared/rpc/contract.ts'
import { useLink } from '../data/link-context.ts'
import { areBrowserNoticesOn } from '../data/notice-choice.ts'
import { hostBridge } from '../transport/choose-link.ts'
import type { Link } from '../transport/link.ts'

type Notice = OutputOf<'alerts.takeDesktopNotices'>['notices'][number]

/** A notice becomes due by the clock, which no topic tells: while some wait, they are looked for so often. */
const LOOK_MS = 5000
/** Notices that are asked for at once. */
const AT_ONCE = 5

/** Shows a notice to the person; resolves to false where the system shows none. */
type Show = (notice: Notice) => Promise<boolean>

/** A page of this console, or the alerts: what a notice says is only ever a page. */
function pageOf(path: string): string {
  return uiPath.safeParse(path).success ? path : '/alerts'
}

async function showByHost(bridge: HostBridge, { title, body, path }: Notice): Promise<boolean> {
  return (await callHost(bridge, 'host.notify', { title: title.slice(0, 120), body: body.slice(0, 500), path: pageOf(path) })).shown
}

function showByBrowser({ notice, title, body, path }: Notice, go: (path: string) => void): Promise<boolean> {
  // The tag keeps a notice one, should the browser be handed it twice.
  const shown = new Notification(title, { body, tag: `muster-${notice}` })
  shown.addEventListener('click', () => {
    window.focus()
    go(pageOf(path))
    shown.close()
  })
  return Promise.resolve(true)
}

/** How this page can show notices now; `null`: it cannot, and must leave them to another that can. */
async function howToShow(go: (path: string) => void): Promise<Show | null> {
  const bridge = hostBridge()
  if (bridge !== null) {
    const { hasNotifications } = await callHost(bridge, 'host.describe', {})
    return hasNotifications ? (notice) => showByHost(bridge, notice) : null
  }
  return areBrowserNoticesOn() ? (notice) => showByBrowser(notice, go) : null
}

/** Takes what is due and shows it. @returns whether some wait that are not due yet, or that this page may not show */
async function takeAll(link: Link, go: (path: string) => void): Promise<boolean> {
  const show = await howToShow(go)
  if (show === null) return false
  for (;;) {
    const { channels } = await link.call('alerts.channels', {})
    if (!channels.some(({ kind, waiting }) => kind === 'desktop' && waiting > 0)) return false
    const { notices } = await link.call('alerts.takeDesktopNotices', { limit: AT_ONCE })
    for (const notice of notices) await show(notice).catch(() => false)
    if (notices.length < AT_ONCE) return true
  }
}

/**
 * Shows the notices of alerts by the desktop or the browser. Every page that may show them asks; the core gives each notice to one of them, so
 * that two windows do not tell the same twice. One that may not show any never takes one.
 */
export function useAlertNotices(go: (path: string) => void): void {
  const link = useLink()
  const current = useRef(go)
  current.current = go
  useEffect(() => {
    let isTaking = false
    let isAsked = false
    let areSomeWaiting = false
    const take = (): void => {
      if (isTaking) {
        isAsked = true
        return
      }
      isTaking = true
      isAsked = false
      takeAll(link, (path) => current.current(path))
        .then((areWaiting) => {
          areSomeWaiting = areWaiting
        })
        // The next change asks again; what was not taken waits.
        .catch(() => undefined)
        .finally(() => {
          isTaking = false
          if (isAsked) take()
        })
    }
    const stopChanges = link.onChanged((topics) => topics.includes('alerts') && take())
    const stopStates = link.onState(() => link.state().kind === 'connected' && take())
    window.addEventListener(noticesAllowed, take)
    const timer = setInterval(() => areSomeWaiting && take(), LOOK_MS)
    take()
    return () => {
      clearInterval(timer)
      stopChanges()
      stopStates()
      window.removeEventListener(noticesAllowed, take)
    }
  }, [link])
}

/** Told by the settings when notifications were allowed: what waits is shown then. */
export const noticesAllowed = 'muster:notices-allowed'
