import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { contentSecurityPolicy } from '../../../shared/host/content-security.ts'
import { pageHtml } from '../../../shared/host/page-html.ts'
import { commandStyle } from '../command-names.ts'
import { isFileName, type Encoding, type PageFiles } from './page-files.ts'

/** What every answer of the page carries beside its policy. */
const guards = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-frame-options': 'DENY',
} as const

const notBuilt = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Muster</title></head>
<body><h1>The interface was not built</h1>
<p>This console runs, and its command line works. To see the interface here, run <code>npm run build</code> in the folder of Muster and load this page again.</p>
</body></html>
`

/**
 * Answers a request for the UI: a file of the build, or the page for any address that a person may have open.
 * @returns false if the request is for something else
 */
export async function answerPage(files: PageFiles, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false
  const path = (request.url ?? '/').split('?', 1)[0]!
  const file = files.find(path)
  const encoding = encodingFor(request)
  if (file !== null) {
    const chosen = file.isText ? encoding : 'identity'
    const body = await file.bytes(chosen)
    write(request, response, {
      status: 200,
      headers: {
        'content-type': file.type,
        'content-security-policy': "default-src 'none'",
        'cache-control': file.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache',
        ...encoded(chosen, file.isText),
      },
      body,
    })
    return true
  }
  if (!isPagePath(path) || !wantsHtml(request)) return false
  const html = files.html()
  const nonce = randomBytes(16).toString('base64')
  const body = compressed(html === null ? notBuilt : pageHtml(html, { nonce, commands: commandStyle }), encoding)
  write(request, response, {
    status: html === null ? 503 : 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      // The host was checked: it is a loopback name of this console.
      'content-security-policy': contentSecurityPolicy(nonce, { connect: [`ws://${request.headers.host ?? ''}`] }),
      'cache-control': 'no-store',
      ...encoded(encoding, true),
    },
    body,
  })
  return true
}

/** True for a program that asks for a page, as browsers do; `curl` and `fetch` take anything. */
export function wantsHtml(request: IncomingMessage): boolean {
  return (request.headers.accept ?? '').toLowerCase().includes('text/html')
}

/** An address within the UI: neither a file that is missing nor an interface of programs. `/models/digits/1.1.0` has no extension but a version. */
function isPagePath(path: string): boolean {
  return path.startsWith('/') && !/^\/(assets|uploads|rpc)(\/|$)/.test(path) && !isFileName(path)
}

/** The best encoding that the browser names; one that it refuses with `q=0` does not count. */
function encodingFor(request: IncomingMessage): Encoding {
  const header = request.headers['accept-encoding']
  const named = new Map(
    (typeof header === 'string' ? header : '').split(',').map((part) => {
      const [name, ...parameters] = part.trim().toLowerCase().split(';')
      return [name!.trim(), !parameters.some((parameter) => /^\s*q=0(\.0*)?\s*$/.test(parameter))] as const
    }),
  )
  if (named.get('br') === true) return 'br'
  return named.get('gzip') === true ? 'gzip' : 'identity'
}

function encoded(encoding: Encoding, isText: boolean): Record<string, string> {
  return { ...(encoding === 'identity' ? {} : { 'content-encoding': encoding }), ...(isText ? { vary: 'accept-encoding' } : {}) }
}

/** The page differs with every response, by its nonce: a quick level, on a small text. */
function compressed(html: string, encoding: Encoding): Buffer {
  if (encoding === 'br') return brotliCompressSync(html, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } })
  return encoding === 'gzip' ? gzipSync(html) : Buffer.from(html)
}

function write(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: { status: number; headers: Record<string, string>; body: Buffer },
): void {
  response.writeHead(status, { ...guards, ...headers, 'content-length': String(body.length) })
  response.end(request.method === 'HEAD' ? undefined : body)
}
