import { beforeEach, describe, expect, test } from 'vitest'
import { guardContents, guardSession } from '../../../../electron/main/security.ts'
import { pagePreferences } from '../../../../electron/main/window.ts'
import { DoubleSession } from '../../../harness/electron-double.ts'
import { DoubleContents } from '../../../harness/electron-objects.ts'

let contents: DoubleContents
let denied: string[]
beforeEach(() => {
  contents = new DoubleContents()
  denied = []
  guardContents(contents, (what) => denied.push(what))
  contents.show('app://muster/devices')
})

describe('case 50: the window stays at our page', () => {
  test.each([
    'https://evil.test/?token=secret',
    'http://127.0.0.1:8320/',
    'file:///etc/passwd',
    'app://muster.evil/',
    'app://evil/',
    'data:text/html,<script>1</script>',
    'javascript:alert(1)',
    'muster://device/cam-1',
    'about:blank',
    'not a url',
  ])('it does not go to %s', (url) => {
    expect(contents.navigate(url)).toBe(false)
    expect(contents.mainFrame.url).toBe('app://muster/devices')
    expect(denied).toHaveLength(1)
    expect(denied[0]).not.toContain('secret')
  })

  test('it goes to its own pages', () => {
    expect(contents.navigate('app://muster/models')).toBe(true)
    expect(denied).toEqual([])
  })

  test.each(['https://evil.test/', 'app://muster/'])('a frame within it does not go to %s', (url) => {
    expect(contents.navigate(url, { isMainFrame: false })).toBe(false)
  })

  test('a frame shows what the page itself wrote into it, and the window does not become it', () => {
    expect(contents.navigate('about:srcdoc', { isMainFrame: false })).toBe(true)
    expect(denied).toEqual([])
    expect(contents.navigate('about:srcdoc')).toBe(false)
    expect(denied).toHaveLength(1)
  })

  test('it follows no redirect, opens no window and attaches no webview', () => {
    expect(contents.redirect('app://muster/')).toBe(false)
    expect(contents.windowOpen!({ url: 'app://muster/' })).toEqual({ action: 'deny' })
    expect(contents.windowOpen!({ url: 'https://evil.test/' })).toEqual({ action: 'deny' })
    expect(contents.attachWebview()).toBe(false)
    expect(denied).toHaveLength(4)
  })
})

describe('case 50: permissions', () => {
  const session = new DoubleSession()
  guardSession(session, () => undefined)

  test.each([
    'media',
    'geolocation',
    'notifications',
    'clipboard-read',
    'fullscreen',
    'openExternal',
    'fileSystem',
    'hid',
    'serial',
    'usb',
    'midi',
    'pointerLock',
    'display-capture',
    'local-network-access',
    'unknown',
  ])('%s is denied to our own page, too', (permission) => {
    expect(session.asks(permission, 'app://muster/')).toBe(false)
  })

  test('our page may copy text; another page may not', () => {
    expect(session.asks('clipboard-sanitized-write', 'app://muster/devices')).toBe(true)
    expect(session.asks('clipboard-sanitized-write', 'https://evil.test/')).toBe(false)
    expect(session.asks('clipboard-sanitized-write', 'app://muster.evil/')).toBe(false)
  })

  test('no device is chosen and no screen is shared', () => {
    expect(session.choosesDevice()).toBe(false)
    expect(session.sharesScreen()).toBe(false)
  })
})

test('the page runs in a sandbox, without Node, with the security of the web', () => {
  expect(pagePreferences('/preload.cjs', false)).toEqual({
    preload: '/preload.cjs',
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInSubFrames: false,
    nodeIntegrationInWorker: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    spellcheck: false,
    devTools: false,
  })
})
