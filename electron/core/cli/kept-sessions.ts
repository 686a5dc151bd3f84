import * as fs from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { replaceFile } from '../../../shared/store/durable-file.ts'

const kept = z.record(z.string(), z.object({ session: z.string(), account: z.string(), endsAt: z.number() }))
type Kept = z.infer<typeof kept>
/** A session as the command line keeps it for a person. */
export type KeptSession = Kept[string]

/** Which console a session is of: its address, else its data directory. */
interface Where {
  data: string
  url?: string | undefined
}

/** The session that was kept for a console; null: none, or one that has ended. */
export function keptSession(where: Where, now = Date.now()): KeptSession | null {
  const one = read()[keyOf(where)]
  return one === undefined || one.endsAt <= now ? null : one
}

/** Keeps a session in the person's own configuration, readable by nobody else. */
export function keepSession(where: Where, session: KeptSession): void {
  write({ ...read(), [keyOf(where)]: session })
}

/** Forgets the session of a console; true if there was one. */
export function forgetSession(where: Where): boolean {
  const { [keyOf(where)]: one, ...others } = read()
  if (one !== undefined) write(others)
  return one !== undefined
}

/** Where sessions are kept. */
export function sessionFile(): string {
  const own = process.platform === 'win32' ? process.env['APPDATA'] : process.env['XDG_CONFIG_HOME']
  return join(own === undefined || own === '' ? join(homedir(), '.config') : own, 'muster', 'sessions.json')
}

function keyOf({ data, url }: Where): string {
  return url === undefined ? resolve(data) : url.replace(/\/+$/, '')
}

function read(): Kept {
  try {
    return kept.parse(JSON.parse(fs.readFileSync(sessionFile(), 'utf8')))
  } catch {
    // No file, or one that is not ours: nobody is signed in.
    return {}
  }
}

function write(sessions: Kept): void {
  const directory = dirname(sessionFile())
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
  replaceFile(fs, { directory, name: 'sessions.json' }, Buffer.from(`${JSON.stringify(sessions, null, 2)}\n`))
}
