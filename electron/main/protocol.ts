import { randomBytes } from 'node:crypto'
import type { Privileges } from 'electron'
import { contentSecurityPolicy } from '../../shared/host/content-security.ts'
import { pageHtml, type CommandStyle } from '../../shared/host/page-html.ts'
import { messageOf, reportOf, type ProblemReport } from '../../shared/domain/problem.ts'
import { pageOrigin } from './page-origin.ts'
import type { PageFiles } from './page-files.ts'
import { readPageRequest } from './page-request.ts'

/** What the scheme of the page may do: have an origin, be secure, fetch and stream. It neither bypasses the policy nor is it reachable across origins. */
export const pagePrivileges: Privileges = {
  standard: true,
  secure: true,
  supportFetchAPI: true,
  stream: true,
  corsEnabled: false,
  bypassCSP: false,
}

export interface PageProtocolParts {
  files: PageFiles
  /** Passes the body of an upload on to the core. */
  upload(ticket: string, body: ReadableStream<Uint8Array> | null): Promise<{ status: number; body: string }>
  onError(message: string): void
  /** How a person calls Muster on this machine. */
  commands: CommandStyle
}

const commonHeaders = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
}

/** Answers requests of the scheme: files of the built page from the table, every other page path with index.html, uploads by the core. */
export function pageProtocol(parts: PageProtocolParts): (request: Request) => Promise<Response> {
  return async (request) => {
    try {
      return await answer(parts, request)
    } catch (error) {
      parts.onError(messageOf(error))
      return problem(500, reportOf(error))
    }
  }
}

async function answer({ files, upload, commands }: PageProtocolParts, request: Request): Promise<Response> {
  const asked = readPageRequest(request.method, request.url, files)
  switch (asked.kind) {
    case 'refused':
      return problem(asked.status, { code: 'access.denied', message: asked.reason })
    case 'upload': {
      // Electron names the origin that asks; a page cannot set it. Only our own page uploads.
      if (initiatorOf(request) !== pageOrigin)
        return problem(403, { code: 'access.denied', message: 'Only the console itself sends files.' })
      const { status, body } = await upload(asked.ticket, request.body)
      return new Response(body, { status, headers: { ...commonHeaders, 'content-type': 'application/json' } })
    }
    case 'file': {
      const file = files.get(asked.path)!
      return new Response(new Uint8Array(await file.read()), { headers: { ...commonHeaders, 'content-type': file.type } })
    }
    case 'page': {
      const index = files.get('/index.html')
      if (index === undefined) return problem(404, { code: 'internal', message: 'The interface has not been built.' })
      const nonce = randomBytes(18).toString('base64')
      return new Response(pageHtml((await index.read()).toString('utf8'), { nonce, commands }), {
        headers: { ...commonHeaders, 'content-type': index.type, 'content-security-policy': contentSecurityPolicy(nonce) },
      })
    }
  }
}

function initiatorOf(request: Request): unknown {
  return 'initiatorOrigin' in request ? request.initiatorOrigin : undefined
}

function problem(status: number, error: ProblemReport): Response {
  return new Response(JSON.stringify({ error }), {
    status,
    headers: { ...commonHeaders, 'content-type': 'application/json', 'content-security-policy': "default-src 'none'" },
  })
}
