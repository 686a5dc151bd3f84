import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'

/** A file of the built page. */
export interface PageFile {
  type: string
  read(): Promise<Buffer>
}

/** Files by the path under which the page asks for them; what is not in here does not exist. */
export type PageFiles = ReadonlyMap<string, PageFile>

const typeByExtension: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
}

/** Lists the built page once, at the start: a request is looked up in this table and never becomes a path of the file system. */
export function listPageFiles(directory: string): PageFiles {
  const files = new Map<string, PageFile>()
  const walk = (folder: string, prefix: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) walk(path, `${prefix}${entry.name}/`)
      else if (entry.isFile())
        files.set(`${prefix}${entry.name}`, {
          type: typeByExtension[extname(entry.name)] ?? 'application/octet-stream',
          read: () => readFile(path),
        })
    }
  }
  walk(directory, '/')
  return files
}
