import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openPageFiles } from '../../../../../electron/core/serve/page-files.ts'
import { serve } from '../../../../../electron/core/serve/serve.ts'
import { openUploads } from '../../../../../electron/core/serve/uploads.ts'
import { temporaryDirectory, T0 } from '../../../../harness/fleet.ts'
import { accessWithout } from '../../../../harness/people-desk.ts'

const HTML =
  '<!doctype html><meta property="csp-nonce" nonce="__CSP_NONCE__"><script type="module" src="/assets/index-Ab12_-9Z.js"></script>'
const SCRIPT = `export const words = ${JSON.stringify('a word and another one; '.repeat(2000))}\n`
const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: Buffer
}

/** One exchange; the path goes out as it is written, which `fetch` would not do. */
function ask(
  port: number,
  path: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port, method, path, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }))
    })
    call.on('error', reject)
    call.end()
  })
}

function built(directory: string): void {
  mkdirSync(join(directory, 'assets'), { recursive: true })
  writeFileSync(join(directory, 'index.html'), HTML)
  writeFileSync(join(directory, 'assets/index-Ab12_-9Z.js'), SCRIPT)
  writeFileSync(join(directory, 'assets/inter-QmZ1x9-a.woff2'), Buffer.from([0x77, 0x4f, 0x46, 0x32]))
  writeFileSync(join(directory, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
}

async function started(make: (directory: string) => void = built) {
  const directory = join(temporaryDirectory(), 'renderer')
  mkdirSync(directory)
  make(directory)
  const uploads = openUploads(join(temporaryDirectory(), 'uploads'), () => T0)
  const served = await serve({
    ...{
      host: '127.0.0.1',
      port: 0,
      access: accessWithout('a-secret-token'),
      uploads,
      log: () => undefined,
      page: openPageFiles(directory),
    },
    dispatch: () => Promise.resolve({ id: 1, ok: true, output: 'done' }),
  })
  onTestFinished(() => served.stop())
  return { port: Number(new URL(served.url).port), directory }
}

describe('the page', () => {
  test('is answered for every address a person may have open, under a policy with the nonce that stands in it', async () => {
    const { port } = await started()
    for (const path of ['/', '/devices', '/devices/cam-1?tab=log', '/models/digits/1.1.0', '/anything/at/all']) {
      const { status, headers, body } = await ask(port, path, { headers: html })
      const nonce = /nonce="([^"]+)"/.exec(body.toString())![1]!
      expect([path, status, headers['content-type'], headers['cache-control']]).toEqual([path, 200, 'text/html; charset=utf-8', 'no-store'])
      expect(Buffer.from(nonce, 'base64').length).toBe(16)
      expect(headers['content-security-policy']).toContain(`'nonce-${nonce}'`)
      expect(headers['content-security-policy']).toContain(`connect-src 'self' ws://127.0.0.1:${port};`)
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
      expect(headers).toMatchObject({
        ...{ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' },
        ...{ 'cross-origin-opener-policy': 'same-origin', 'cross-origin-resource-policy': 'same-origin' },
      })
    }
  })

  test('has another nonce in every answer, compressed or not', async () => {
    const { port } = await started()
    const seen = new Set<string>()
    for (const encoding of ['br, gzip', 'gzip', 'br;q=0, gzip;q=0']) {
      const { headers, body } = await ask(port, '/', { headers: { ...html, 'accept-encoding': encoding } })
      const coding = headers['content-encoding']
      const plain = coding === 'br' ? brotliDecompressSync(body) : coding === 'gzip' ? gunzipSync(body) : body
      seen.add(/nonce="([^"]+)"/.exec(plain.toString())![1]!)
    }
    expect(seen.size).toBe(3)
  })

  test('is not what programs get: they see where RPC is, and what is missing is missing', async () => {
    const { port } = await started()
    const about = { name: 'muster', rpc: '/rpc' }
    expect(JSON.parse((await ask(port, '/')).body.toString())).toEqual(about)
    expect(JSON.parse((await ask(port, '/about', { headers: html })).body.toString())).toEqual(about)
    const missing = [
      ask(port, '/devices'),
      ask(port, '/assets/old-00000000.js', { headers: html }),
      ask(port, '/nothing.png', { headers: html }),
      ask(port, '/rpc', { headers: html }),
      ask(port, '/uploads/x', { headers: html }),
      ask(port, '/', { method: 'POST', headers: html }),
    ]
    expect((await Promise.all(missing)).map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 404])
  })

  test('says what to do where the UI was not built, and is there as soon as it is built', async () => {
    const { port, directory } = await started(() => undefined)
    const before = await ask(port, '/', { headers: html })
    expect([before.status, before.body.toString().includes('npm run build')]).toEqual([503, true])
    built(directory)
    expect((await ask(port, '/', { headers: html })).status).toBe(200)
    expect((await ask(port, '/assets/index-Ab12_-9Z.js')).status).toBe(200)
  })

  test('case 51: of another host name is refused', async () => {
    const { port } = await started()
    const { status, body } = await ask(port, '/', { headers: { ...html, host: 'evil.test' } })
    expect([status, body.includes('csp-nonce')]).toEqual([403, false])
  })
})

describe('files', () => {
  test('with a hash in their name are kept by browsers for ever, others are not', async () => {
    const { port } = await started()
    const script = await ask(port, '/assets/index-Ab12_-9Z.js')
    expect([script.status, script.headers['content-type'], script.body.toString()]).toEqual([200, 'text/javascript; charset=utf-8', SCRIPT])
    expect(script.headers['cache-control']).toContain('immutable')
    expect((await ask(port, '/favicon.svg')).headers['cache-control']).toBe('no-cache')
  })

  test('come compressed to whoever takes it, fonts as they are', async () => {
    const { port } = await started()
    const coded = async (path: string, encoding: string) => {
      const { headers, body } = await ask(port, path, { headers: { 'accept-encoding': encoding } })
      return { encoding: headers['content-encoding'], body }
    }
    const br = await coded('/assets/index-Ab12_-9Z.js', 'gzip, deflate, br, zstd')
    expect([br.encoding, brotliDecompressSync(br.body).toString() === SCRIPT, br.body.length < SCRIPT.length / 20]).toEqual([
      'br',
      true,
      true,
    ])
    const gzip = await coded('/assets/index-Ab12_-9Z.js', 'gzip')
    expect([gzip.encoding, gunzipSync(gzip.body).toString() === SCRIPT]).toEqual(['gzip', true])
    expect((await coded('/assets/inter-QmZ1x9-a.woff2', 'gzip, br')).encoding).toBeUndefined()
  })

  test('a HEAD tells the length and sends nothing', async () => {
    const { port } = await started()
    const { headers, body } = await ask(port, '/assets/index-Ab12_-9Z.js', { method: 'HEAD' })
    expect([headers['content-length'], body.length]).toEqual([String(SCRIPT.length), 0])
  })

  test('case 51: nothing beside the build can be named, however the path is written', async () => {
    const { port } = await started((directory) => {
      built(directory)
      writeFileSync(join(directory, '../secret.js'), 'secret')
      writeFileSync(join(directory, '.hidden.js'), 'secret')
      writeFileSync(join(directory, 'notes.pem'), 'secret')
      symlinkSync(join(directory, '../secret.js'), join(directory, 'assets/link.js'))
    })
    const paths = [
      ...[
        '/../secret.js',
        '/assets/../../secret.js',
        '/%2e%2e/secret.js',
        '/..%2fsecret.js',
        '/..%5csecret.js',
        '/assets/..\\..\\secret.js',
      ],
      ...['//secret.js', '/secret.js%00.svg', '/ASSETS/index-Ab12_-9Z.js', '/assets/index-ab12_-9z.js', '/assets/link.js', '/.hidden.js'],
      ...['/notes.pem', 'http://127.0.0.1/assets/../../secret.js', '/index.html'],
    ]
    for (const path of paths) {
      const { status, body } = await ask(port, path)
      expect([path, status, body.includes('secret')]).toEqual([path, 404, path.includes('secret')])
    }
  })

  test('of a newer build are found, and the old page is not shown any more', async () => {
    const { port, directory } = await started()
    await sleep(1100)
    rmSync(join(directory, 'assets/index-Ab12_-9Z.js'))
    writeFileSync(join(directory, 'assets/index-Cd34efgh.js'), 'export {}')
    writeFileSync(join(directory, 'index.html'), HTML.replace('Ab12_-9Z', 'Cd34efgh'))
    expect((await ask(port, '/assets/index-Cd34efgh.js')).status).toBe(200)
    expect((await ask(port, '/assets/index-Ab12_-9Z.js')).status).toBe(404)
    expect((await ask(port, '/', { headers: html })).body.toString()).toContain('Cd34efgh')
  })
})
