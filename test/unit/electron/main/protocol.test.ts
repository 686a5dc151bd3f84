import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { listPageFiles } from '../../../../electron/main/page-files.ts'
import { readPageRequest } from '../../../../electron/main/page-request.ts'
import { pageProtocol } from '../../../../electron/main/protocol.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'

const ticket = 'a'.repeat(32)
let uploaded: { ticket: string; body: string }[]
let ask: (url: string, init?: RequestInit & { initiatorOrigin?: string }) => Promise<Response>

beforeEach(() => {
  const root = temporaryDirectory()
  const directory = join(root, 'renderer')
  mkdirSync(join(directory, 'assets'), { recursive: true })
  writeFileSync(join(root, 'secret.txt'), 'secret')
  writeFileSync(
    join(directory, 'index.html'),
    '<meta property="csp-nonce" nonce="__CSP_NONCE__"><script src="/assets/index-abc.js"></script>',
  )
  writeFileSync(join(directory, 'icon.svg'), '<svg/>')
  writeFileSync(join(directory, 'assets/index-abc.js'), 'run()')
  uploaded = []
  const answer = pageProtocol({
    files: listPageFiles(directory),
    async upload(given, body) {
      uploaded.push({ ticket: given, body: body === null ? '' : await new Response(body).text() })
      return { status: 201, body: '{"ok":true}' }
    },
    commands: 'path',
    onError: (reason) => {
      throw new Error(reason)
    },
  })
  ask = (url, init = {}) =>
    answer({
      method: init.method ?? 'GET',
      url,
      body: new Response(init.body ?? null).body,
      initiatorOrigin: init.initiatorOrigin,
    } as unknown as Request)
})

test('the page carries a policy whose nonce is its own and differs each time', async () => {
  const responses = await Promise.all(
    ['app://muster/', 'app://muster/devices/cam-1', 'app://muster/models/digits/1.1.0?tab=bench'].map((url) => ask(url)),
  )
  const nonces = await Promise.all(
    responses.map(async (response) => {
      const inHeader = /'nonce-([^']+)'/.exec(response.headers.get('content-security-policy')!)![1]!
      expect(await response.text()).toContain(`nonce="${inHeader}"`)
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      return inHeader
    }),
  )
  expect(new Set(nonces).size).toBe(3)
})

test('files of the build are served under their type', async () => {
  const script = await ask('app://muster/assets/index-abc.js')
  expect([script.status, script.headers.get('content-type'), await script.text()]).toEqual([200, 'text/javascript; charset=utf-8', 'run()'])
  const icon = await ask('app://muster/icon.svg?v=2')
  expect([icon.status, icon.headers.get('content-type')]).toEqual([200, 'image/svg+xml'])
})

describe('case 50: nothing but the table is reached', () => {
  test.each([
    'app://muster/../secret.txt',
    'app://muster/../../etc/passwd',
    'app://muster/assets/../../secret.txt',
    'app://muster/%2e%2e/secret.txt',
    'app://muster/%2E%2E/%2e%2e/etc/passwd',
    'app://muster/.%2e/secret.txt',
    'app://muster/assets/..%2f..%2fsecret.txt',
    'app://muster/assets/..%5c..%5csecret.txt',
    'app://muster/assets/..\\..\\secret.txt',
    'app://muster/assets/index-abc.js%00.html',
    'app://muster/assets/index-abc.js\u0000',
    'app://muster/%252e%252e/secret.txt',
    'app://muster/%zz',
    'app://muster/%ff',
    'app://muster/./icon.svg',
    `app://muster/${'a'.repeat(5000)}`,
    'app://muster/<script>',
  ])('%s is refused', async (url) => {
    const response = await ask(url)
    expect(response.status).toBe(400)
    expect(await response.text()).not.toContain('secret.txt')
  })

  test.each([
    ['app://muster/assets/INDEX-ABC.js', 404],
    ['app://muster/ASSETS/index-abc.js', 200],
    ['app://muster/assets/', 404],
    ['app://muster/assets/missing.js', 404],
    ['app://muster//assets/index-abc.js', 200],
    ['app://evil/assets/index-abc.js', 403],
    ['app://muster.evil/index.html', 403],
    ['app://MUSTER/icon.svg', 403],
    ['file:///etc/passwd', 403],
    [`app://muster/uploads/${ticket}`, 405],
    ['app://muster/uploads/x', 404],
  ])('%s answers %i, and never the script under another name', async (url, status) => {
    const response = await ask(url)
    expect(response.status).toBe(status)
    expect(await response.text()).not.toBe('run()')
  })

  test('a name with a space is a page, and a method that writes is nothing', async () => {
    expect((await ask('app://muster/devices/views/My%20view')).status).toBe(200)
    expect((await ask('app://muster/', { method: 'POST', body: 'x' })).status).toBe(405)
    expect((await ask('app://muster/icon.svg', { method: 'DELETE' })).status).toBe(405)
  })

  test('the table is made once: a file that comes later does not exist', () => {
    expect(readPageRequest('GET', 'app://muster/assets/late.js', new Map())).toMatchObject({ kind: 'refused', status: 404 })
  })
})

describe('uploads', () => {
  test('bytes of our own page go to the core', async () => {
    const response = await ask(`app://muster/uploads/${ticket}`, { method: 'PUT', body: 'bytes', initiatorOrigin: 'app://muster' })
    expect([response.status, await response.json()]).toEqual([201, { ok: true }])
    expect(uploaded).toEqual([{ ticket, body: 'bytes' }])
  })

  test.each([{ initiatorOrigin: 'https://evil.test' }, { initiatorOrigin: 'null' }, {}])('others send nothing: %j', async (from) => {
    const response = await ask(`app://muster/uploads/${ticket}`, { method: 'PUT', body: 'bytes', ...from })
    expect(response.status).toBe(403)
    expect(uploaded).toEqual([])
  })

  test.each(['A'.repeat(32), 'a'.repeat(31), `${'a'.repeat(31)}/`, `${'a'.repeat(32)}/x`])('%s is no ticket', async (bad) => {
    const response = await ask(`app://muster/uploads/${bad}`, { method: 'PUT', body: 'bytes', initiatorOrigin: 'app://muster' })
    expect(response.status).toBe(405)
    expect(uploaded).toEqual([])
  })
})
