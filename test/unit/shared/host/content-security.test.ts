import { expect, test } from 'vitest'
import { contentSecurityPolicy, withNonce } from '../../../../shared/host/content-security.ts'
import { documentationUrl } from '../../../../shared/host/contract.ts'
import { uiPath } from '../../../../shared/host/window-messages.ts'

const nonce = 'AAAAAAAAAAAAAAAAAAAAAAAA'

test('nothing is allowed but our own origin, and styles that carry the nonce', () => {
  expect(contentSecurityPolicy(nonce).split('; ')).toEqual([
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ])
  expect(contentSecurityPolicy(nonce, { connect: ['ws://127.0.0.1:8320'] })).toContain("connect-src 'self' ws://127.0.0.1:8320;")
})

test.each(["x'; script-src *", 'short', `${nonce}' 'unsafe-inline`, `${nonce}\r\nset-cookie: a=b`])(
  'a nonce that is none is refused: %j',
  (bad) => {
    expect(() => contentSecurityPolicy(bad)).toThrow()
    expect(() => withNonce('__CSP_NONCE__', bad)).toThrow()
  },
)

test.each(['*', "'unsafe-eval'", 'ws://a b', 'data:', 'ws://127.0.0.1:1; script-src *'])('an origin that is none is refused: %j', (bad) => {
  expect(() => contentSecurityPolicy(nonce, { connect: [bad] })).toThrow()
})

test('every placeholder of the page gets the nonce', () => {
  expect(withNonce('<meta nonce="__CSP_NONCE__"><link nonce="__CSP_NONCE__">', nonce)).toBe(
    `<meta nonce="${nonce}"><link nonce="${nonce}">`,
  )
})

test.each([
  ['https://onnx.ai', true],
  ['https://onnxruntime.ai/docs/api?x=1#top', true],
  ['http://onnx.ai', false],
  ['https://onnx.ai.evil.test/', false],
  ['https://onnx.ai@evil.test/', false],
  ['https://onnx.ai\\@evil.test/', false],
  ['https://onnx.ai/ x', false],
  ['file:///etc/passwd', false],
  ['javascript:alert(1)', false],
])('documentation: %s is opened: %s', (url, isOpened) => {
  expect(documentationUrl.safeParse(url).success).toBe(isOpened)
})

test.each([
  ['/', true],
  ['/devices/cam-1', true],
  ['/models/digits/1.1.0+build', true],
  ['/devices?query=site%3Dlyon&sort=-name', true],
  ['//evil.test', false],
  ['/\\evil.test', false],
  ['devices', false],
  ['javascript:alert(1)', false],
  ['/a#b', false],
  ['/<img>', false],
])('a page of the console: %s: %s', (path, isPage) => {
  expect(uiPath.safeParse(path).success).toBe(isPage)
})
