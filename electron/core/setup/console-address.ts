import * as fs from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../../../shared/store/durable-file.ts'
import { guardCorrupt } from '../../../shared/store/sqlite-rules.ts'

/** Where a running console is found: `<data>/console.json`, readable by its user only. */
export interface ConsoleAddress {
  url: string
  token: string
  pid: number
}

const NAME = 'console.json'

/** Says where the console runs; in the place of what was said before. @throws Problem `store.disk-full`, `store.io-error`, `data-directory.read-only` */
export function writeConsoleAddress(directory: string, address: ConsoleAddress): void {
  const bytes = Buffer.from(`${JSON.stringify(address)}\n`)
  guardCorrupt(join(directory, NAME), () => replaceFile(fs, { directory, name: NAME }, bytes))
}

/** No console runs here any more. */
export function removeConsoleAddress(directory: string): void {
  fs.rmSync(join(directory, NAME), { force: true })
}
