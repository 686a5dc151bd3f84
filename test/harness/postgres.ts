import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Client } from 'pg'
import type { PostgresForward } from '../../shared/domain/forward.ts'
import { freePort, until } from '../../build/demo/child.ts'

/** The newest PostgreSQL of this machine. */
const PROGRAMS = programs()

/** True where a PostgreSQL server is installed; tests that need it are skipped, and say so, where it is not. */
export const hasPostgres = PROGRAMS !== null

if (!hasPostgres) process.stderr.write('PostgreSQL (Debian package postgresql-15) is not installed: the tests against it are skipped\n')

export interface Postgres {
  port: number
  /** What a console is given to reach it. */
  place: PostgresForward
  query(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>
  stop(): Promise<void>
  start(): Promise<void>
  /** SIGKILL: nothing is said to its clients and nothing is put in order; the next start recovers from its log. */
  kill(): Promise<void>
  remove(): Promise<void>
}

const PASSWORD = 'a secret of the test'

/** Starts a server of its own in a temporary folder, on a free port of loopback. It refuses to run as root: then it runs as nobody. */
export async function startPostgres(options: { tls?: { key: string; certificate: string } } = {}): Promise<Postgres> {
  const directory = mkdtempSync(join(tmpdir(), 'muster-postgres-'))
  chmodSync(directory, 0o755)
  const owner = process.getuid?.() === 0 ? nobody() : null
  const data = join(directory, 'data')
  const passwordFile = join(directory, 'password')
  writeFileSync(passwordFile, PASSWORD)
  if (owner !== null) for (const path of [directory, passwordFile]) chownSync(path, owner.uid, owner.gid)
  const as = owner ?? {}
  await promisify(execFile)(
    join(PROGRAMS!, 'initdb'),
    ['-D', data, '-U', 'muster', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '-E', 'UTF8', '--locale=C', '-N'],
    { ...as, cwd: directory },
  )
  const port = await freePort()
  if (options.tls !== undefined) {
    for (const [name, text] of [
      ['server.key', options.tls.key],
      ['server.crt', options.tls.certificate],
    ] as const) {
      writeFileSync(join(data, name), text, { mode: 0o600 })
      if (owner !== null) chownSync(join(data, name), owner.uid, owner.gid)
    }
  }
  const settings = {
    ...{ port, listen_addresses: '127.0.0.1', unix_socket_directories: '', fsync: 'off', max_connections: 30 },
    ...(options.tls === undefined ? {} : { ssl: 'on' }),
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const place: PostgresForward = {
    ...{ kind: 'postgres', name: 'Warehouse', host: '127.0.0.1', port, database: 'postgres', user: 'muster', password: PASSWORD },
    ...{ tls: 'off', ca: null, schema: 'muster' },
  }
  let child: ChildProcess | null = null
  const connect = async (): Promise<Client> => {
    const { host, database, user, password } = place
    const client = new Client({ host, port, database, user, password: () => password ?? '' })
    await client.connect()
    return client
  }
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
  const server: Postgres = {
    port,
    place,
    async query(sql, values = []) {
      const client = await connect()
      try {
        return (await client.query(sql, values)).rows as Record<string, unknown>[]
      } finally {
        await client.end()
      }
    },
    async start() {
      const launch = (): void =>
        void (child = spawn(join(PROGRAMS!, 'postgres'), ['-D', data, ...flags], { ...as, cwd: directory, stdio: 'ignore' }))
      launch()
      await until('PostgreSQL answers', 60, async () => {
        // After a kill its children take a moment to notice, and hold the memory that it wants.
        if (child?.exitCode !== null) launch()
        const client = await connect().catch(() => null)
        await client?.end()
        return client
      })
    },
    // Fast: transactions under way are rolled back and clients are cut.
    stop: () => end('SIGINT'),
    kill: () => end('SIGKILL'),
    async remove() {
      await end('SIGINT')
      rmSync(directory, { recursive: true, force: true })
    },
  }
  await server.start()
  return server
}

/** Nobody, whose number differs between systems. */
function nobody(): { uid: number; gid: number } {
  const NOBODY = 65_534
  return { uid: NOBODY, gid: NOBODY }
}

function programs(): string | null {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [...versions.map((version) => join(root, version, 'bin')), '/usr/local/bin', '/opt/homebrew/bin']
  return folders.find((folder) => ['initdb', 'postgres'].every((name) => isFile(join(folder, name)))) ?? null
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile()
}
