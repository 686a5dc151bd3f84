import { readdirSync, readFileSync, statSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

/** What is served under which type; a file of another kind is no part of the page. */
const contentTypes: Record<string, { type: string; isText: boolean }> = {
  '.html': { type: 'text/html; charset=utf-8', isText: true },
  '.js': { type: 'text/javascript; charset=utf-8', isText: true },
  '.css': { type: 'text/css; charset=utf-8', isText: true },
  '.json': { type: 'application/json', isText: true },
  '.webmanifest': { type: 'application/manifest+json', isText: true },
  '.svg': { type: 'image/svg+xml', isText: true },
  '.txt': { type: 'text/plain; charset=utf-8', isText: true },
  '.png': { type: 'image/png', isText: false },
  '.ico': { type: 'image/x-icon', isText: false },
  '.woff2': { type: 'font/woff2', isText: false },
  '.wasm': { type: 'application/wasm', isText: false },
}

export type Encoding = 'br' | 'gzip' | 'identity'

/** One file of the built UI. */
export interface PageFile {
  type: string
  /** Its name carries a hash of its content: it never changes under this address. */
  isImmutable: boolean
  /** Its bytes in an encoding that the browser takes; compressed once. */
  bytes(encoding: Encoding): Promise<Buffer>
  /** What is worth compressing. */
  isText: boolean
}

/** The files of the built UI by the path of their address. Nothing else can be named: an address is looked up, never joined to a folder. */
export interface PageFiles {
  /** A file by the exact path of an address, such as `/assets/index-B2x9.js`. */
  find(path: string): PageFile | null
  /** The page itself; null where the UI was not built. */
  html(): string | null
}

/** The folder of the built UI: `dist/renderer`, seen from the source or from the bundle in `dist/console`. */
export const builtPage = fileURLToPath(
  new URL(import.meta.filename.endsWith('.ts') ? '../../../dist/renderer' : '../renderer', import.meta.url),
)

const compress = { br: promisify(brotliCompress), gzip: promisify(gzip) }
/** Some per cent more bytes than the highest levels, which take ten times as long: a person waits for the first page after a start. */
const BROTLI_QUALITY = 9
/** A missing file makes the folder be read again, at most so often. */
const REREAD_MS = 1000

/** Opens the built UI. It is read into memory now, and again when it was built anew. @param directory where `index.html` is */
export function openPageFiles(directory: string): PageFiles {
  let files = new Map<string, PageFile>()
  let html: string | null = null
  let builtAt: number | null = null
  let readAt = 0

  const read = (): void => {
    readAt = performance.now()
    builtAt = modifiedAt(join(directory, 'index.html'))
    html = builtAt === null ? null : readFileSync(join(directory, 'index.html'), 'utf8')
    files = html === null ? new Map() : tableOf(directory)
  }
  read()
  return {
    find(path) {
      const file = files.get(path)
      if (file !== undefined || performance.now() - readAt < REREAD_MS) return file ?? null
      read()
      return files.get(path) ?? null
    },
    html() {
      if (modifiedAt(join(directory, 'index.html')) !== builtAt) read()
      return html
    },
  }
}

/** True if a path ends like a file of a build. */
export function isFileName(path: string): boolean {
  return extname(path) in contentTypes || extname(path) === '.map'
}

function modifiedAt(file: string): number | null {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? null
}

function tableOf(directory: string): Map<string, PageFile> {
  const table = new Map<string, PageFile>()
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    const kind = contentTypes[extname(entry.name)]
    // No links: what they point to is not of the build. The page itself has a nonce and is answered elsewhere.
    if (!entry.isFile() || kind === undefined || entry.name.startsWith('.')) continue
    const path = `/${relative(directory, join(entry.parentPath, entry.name)).split(sep).join('/')}`
    if (path === '/index.html') continue
    table.set(path, fileOf(readFileSync(join(directory, path)), { ...kind, isImmutable: /^\/assets\/.+-[\w-]{8}\.\w+$/.test(path) }))
  }
  return table
}

function fileOf(content: Buffer, kind: { type: string; isText: boolean; isImmutable: boolean }): PageFile {
  const made: { [Key in Encoding]?: Promise<Buffer> } = { identity: Promise.resolve(content) }
  const make = (encoding: Encoding): Promise<Buffer> => {
    if (encoding === 'br') {
      return compress.br(content, {
        params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
      })
    }
    return encoding === 'gzip' ? compress.gzip(content, { level: 9 }) : Promise.resolve(content)
  }
  const bytes = (encoding: Encoding): Promise<Buffer> => (made[encoding] ??= make(encoding))
  // Begun now, on the thread pool, so that it is there when the first browser asks.
  if (kind.isText) void bytes('br')
  return { ...kind, bytes }
}
