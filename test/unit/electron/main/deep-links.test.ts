import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pathInArguments, pathOfDeepLink } from '../../../../electron/main/deep-links.ts'
import { uiPath } from '../../../../shared/host/window-messages.ts'

test.each([
  ['muster://device/cam-12', '/devices/cam-12'],
  ['muster://device/cam-12/', '/devices/cam-12'],
  ['MUSTER://device/cam-12', '/devices/cam-12'],
  ['muster://model/digits', '/models/digits'],
  ['muster://model/digits/1.1.0', '/models/digits/1.1.0'],
  ['muster://deployment/digits', '/deployments?deployment=digits'],
  ['muster://order/17', '/deployments/17'],
])('%s opens %s', (link, path) => {
  expect(pathOfDeepLink(link)).toBe(path)
})

test.each([
  'muster://',
  'muster://device',
  'muster://device/',
  'muster://device/cam-12/log',
  'muster://device/../settings',
  'muster://device/%2e%2e%2fsettings',
  'muster://device/CAM',
  'muster://device/cam 12',
  'muster://device/cam-12?remove=1',
  'muster://device/cam-12#x',
  'muster://device/<img src=x onerror=alert(1)>',
  'muster://device/cam\u0000',
  'muster://device/\u202eabc',
  'muster://user:pw@device/cam-12',
  'muster://model/digits/1.1.0/files',
  'muster://model//1.1.0',
  'muster://order/0',
  'muster://order/1e3',
  'muster://order/-1',
  'muster://settings/broker',
  'muster:device/cam-12',
  'https://device/cam-12',
  'javascript:alert(1)',
  `muster://device/${'a'.repeat(65)}`,
  `muster://device/${'a'.repeat(100_000)}`,
])('%s opens nothing', (link) => {
  expect(pathOfDeepLink(link)).toBeNull()
})

test('whatever is given, what comes out is a page of the console', () => {
  const links = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.webUrl(),
    fc.string({ unit: 'grapheme' }).map((text) => `muster://device/${text}`),
  )
  const escapes = fc.sample(links, 2000).filter((link) => {
    const path = pathOfDeepLink(link)
    return path !== null && !uiPath.safeParse(path).success
  })
  expect(escapes).toEqual([])
})

test('the address is found among the arguments that the system and Chromium add', () => {
  expect(pathInArguments(['/opt/Muster/muster', '--allow-file-access-from-files', 'muster://device/cam-1'])).toBe('/devices/cam-1')
  expect(pathInArguments(['/opt/Muster/muster', '--data', '/srv/fleet'])).toBeNull()
  expect(pathInArguments(['muster://device/../x', 'muster://device/cam-1'])).toBeNull()
})
