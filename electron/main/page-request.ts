import { pageOrigin } from './page-origin.ts'
import type { PageFiles } from './page-files.ts'

/** What a request of the page means. */
export type PageRequest =
  | { kind: 'file'; path: string }
  /** A page of the console: the UI itself reads the path. */
  | { kind: 'page' }
  | { kind: 'upload'; ticket: string }
  | { kind: 'refused'; status: 400 | 403 | 404 | 405; reason: string }

/** Folders that hold files only: a missing one is missing, and not a page of the console. */
const fileFolders = ['/assets/', '/uploads/']
const MOST_PATH = 2048

/**
 * Reads a request, by its address as it came. Paths are compared with the table as they are: nothing is decoded into it, so neither `..`
 * nor an encoded one, another case, a NUL or a backslash can reach anything but what the table names.
 */
export function readPageRequest(method: string, url: string, files: PageFiles): PageRequest {
  if (!url.startsWith(`${pageOrigin}/`)) return refused(403, 'That is not the origin of the console.')
  const path = url.slice(pageOrigin.length).replace(/[?#].*$/s, '')
  if (path.length > MOST_PATH || !isPlain(path)) return refused(400, 'The path is none of the console.')
  const ticket = /^\/uploads\/([a-z0-9]{32})$/.exec(path)?.[1]
  if (ticket !== undefined) return method === 'PUT' ? { kind: 'upload', ticket } : refused(405, 'Files are sent here with PUT.')
  if (method !== 'GET' && method !== 'HEAD') return refused(405, `${method.slice(0, 16)} is nothing here.`)
  if (files.has(path) && path !== '/index.html') return { kind: 'file', path }
  if (fileFolders.some((folder) => path.startsWith(folder))) return refused(404, 'There is no such file.')
  return { kind: 'page' }
}

/** Letters that paths of the page have; encoded ones only where they decode to harmless text, such as a space in the name of a view. */
function isPlain(path: string): boolean {
  if (!/^\/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*$/.test(path)) return false
  return path.split('/').every((segment) => {
    const decoded = decode(segment)
    return decoded !== null && decoded !== '.' && decoded !== '..' && !/[/\\%\p{Cc}]/u.test(decoded)
  })
}

function decode(segment: string): string | null {
  try {
    return decodeURIComponent(segment)
  } catch {
    return null
  }
}

function refused(status: 400 | 403 | 404 | 405, reason: string): PageRequest {
  return { kind: 'refused', status, reason }
}
