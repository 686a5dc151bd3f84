import type { DesktopApp, DesktopContents, DesktopSession } from './desktop-electron.ts'
import { pageOrigin } from './page-origin.ts'

/**
 * The one thing that the page may ask for: "copy" writes plain text to the clipboard after a click. Everything else (camera, location,
 * reading the clipboard, opening other programs …) is denied without a question.
 */
const allowedPermissions: ReadonlySet<string> = new Set(['clipboard-sanitized-write'])

/** True if a permission is given: the allowed ones, to our own page. */
export function isPermitted(permission: string, requestingUrl: string): boolean {
  return allowedPermissions.has(permission) && isOwnPage(requestingUrl)
}

/** True for addresses of our own page. */
export function isOwnPage(url: string): boolean {
  return url === pageOrigin || url.startsWith(`${pageOrigin}/`)
}

/** Denies a session whatever the console has no use for. Certificates keep Electron's default: a wrong one is an error. */
export function guardSession(session: DesktopSession, onDenied: (what: string) => void): void {
  session.setPermissionRequestHandler((_contents, permission, callback, details) => {
    const isGiven = isPermitted(permission, details.requestingUrl)
    if (!isGiven) onDenied(`the permission ${permission}`)
    callback(isGiven)
  })
  session.setPermissionCheckHandler((_contents, permission, requestingOrigin) => isPermitted(permission, requestingOrigin))
  session.setDevicePermissionHandler(() => false)
  session.setDisplayMediaRequestHandler((_request, callback) => callback(null))
}

/** Guards every contents that the application ever makes, before they load anything. */
export function guardApp(app: Pick<DesktopApp, 'on'>, onDenied: (what: string) => void): void {
  app.on('web-contents-created', (_event, contents) => guardContents(contents, onDenied))
}

/** Keeps contents at our own page: no other address, no further window, no webview, no frame that goes elsewhere. */
export function guardContents(contents: Pick<DesktopContents, 'on' | 'setWindowOpenHandler'>, onDenied: (what: string) => void): void {
  contents.on('will-frame-navigate', (details) => {
    if (details.isMainFrame && isOwnPage(details.url)) return
    // The preview of a report: our page wrote it, it runs no script, and the policy of the page holds in it.
    if (!details.isMainFrame && details.url === 'about:srcdoc') return
    details.preventDefault()
    onDenied(`navigation to ${originOf(details.url)}`)
  })
  contents.on('will-navigate', (details) => {
    if (isOwnPage(details.url)) return
    details.preventDefault()
    onDenied(`navigation to ${originOf(details.url)}`)
  })
  // The protocol of the page never redirects, so whoever does is not ours.
  contents.on('will-redirect', (details) => {
    details.preventDefault()
    onDenied(`a redirect to ${originOf(details.url)}`)
  })
  contents.on('will-attach-webview', (event) => {
    event.preventDefault()
    onDenied('a webview')
  })
  contents.setWindowOpenHandler(({ url }) => {
    onDenied(`a window for ${originOf(url)}`)
    return { action: 'deny' }
  })
}

/** What of an address may stand in the log: paths and queries can carry secrets. */
function originOf(url: string): string {
  return URL.canParse(url) ? `${new URL(url).protocol}//${new URL(url).host}` : 'an address that is none'
}
