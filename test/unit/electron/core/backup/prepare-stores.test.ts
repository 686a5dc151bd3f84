import mutable, * as fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { beginTelemetry } from '../../../../../electron/core/backup/recovery/begin-telemetry.ts'
import { planRestore, readPlan } from '../../../../../electron/core/backup/restore/planned.ts'
import { prepareStores } from '../../../../../electron/core/backup/restore/prepare-stores.ts'
import { openFleetStore } from '../../../../../electron/core/store/fleet/fleet-store.ts'
import { openFleet } from '../../../../../electron/core/store/fleet/open.ts'
import { openRootCopies } from '../../../../../electron/core/trust/root-copies.ts'
import { dataDirectory, type DataDirectory } from '../../../../harness/backed-up.ts'
import { T0, temporaryDirectory } from '../../../../harness/fleet.ts'

const prepare = ({ directory }: DataDirectory): string[] => {
  const said: string[] = []
  prepareStores(directory, { now: T0, log: (_, message) => void said.push(message) })
  return said
}

/** Puts another in the place of a call of node:fs while a test runs. */
function replaceCall(name: 'statfsSync' | 'openSync', call: unknown): void {
  const original = mutable[name]
  Object.assign(mutable, { [name]: call })
  syncBuiltinESMExports()
  onTestFinished(() => {
    Object.assign(mutable, { [name]: original })
    syncBuiltinESMExports()
  })
}

test('case 33: what is held back for a full disk is given up before the stores are opened, and only then', () => {
  const data = dataDirectory()
  const names = ['fleet.ballast', 'telemetry.ballast'].map((name) => join(data.directory, name))
  for (const name of names) fs.writeFileSync(name, 'x')
  expect([prepare(data), names.map((name) => fs.existsSync(name))]).toEqual([[], [true, true]])
  replaceCall('statfsSync', () => ({ bavail: 0, bsize: 4096, type: 0 }))
  expect(prepare(data)).toEqual(['the disk is full; what was held back for that was given up'])
  expect(names.map((name) => fs.existsSync(name))).toEqual([false, false])
})

test('case 33: a copy of the root that is there already needs no space', () => {
  const directory = temporaryDirectory()
  const copies = openRootCopies(directory)
  copies.keep(1, Buffer.from('root'))
  const { openSync } = fs
  replaceCall('openSync', (path: string, flags: string, mode?: number) => {
    if (flags === 'w') throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
    return openSync(path, flags, mode)
  })
  copies.keep(1, Buffer.from('root'))
  expect(() => copies.keep(2, Buffer.from('next'))).toThrow('no space left')
})

test('what a killed restore staged is removed at the next start; what a journal names, and other folders, stay', () => {
  const data = dataDirectory()
  for (const name of ['restore-2026-01-01T00-00-00.partial', 'restore-2026-01-01T00-00-00.partial-2', 'restore-notes.partial']) {
    fs.mkdirSync(join(data.directory, name))
    fs.writeFileSync(join(data.directory, name, 'fleet.db'), 'x')
  }
  prepare(data)
  expect(fs.readdirSync(data.directory).filter((name) => name.startsWith('restore-'))).toEqual(['restore-notes.partial'])
})

test('a plan whose failure cannot be noted does not keep the console from starting', () => {
  const data = dataDirectory()
  const plan = { directory: join(data.folder, 'gone'), backup: 'gone', scope: 'everything', at: T0, actor: 'a', problem: null } as const
  planRestore(data.directory, plan)
  const { openSync } = fs
  replaceCall('openSync', (path: string, flags: string, mode?: number) => {
    if (path.endsWith('restore.request.json.new')) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
    return openSync(path, flags, mode)
  })
  expect(prepare(data)).toEqual([
    'the planned restore could not be made; the data are as they were',
    'why the planned restore was not made could not be noted',
  ])
  expect(readPlan(data.directory)?.problem).toBeNull()
})

test('case 55: telemetry that begins anew is told again of whom nothing may be taken in', () => {
  const data = dataDirectory()
  const subject = 'c'.repeat(32)
  const withStore = <Result>(work: (store: ReturnType<typeof openFleetStore>) => Result): Result => {
    const db = openFleet(join(data.directory, 'fleet.db'))
    try {
      return work(openFleetStore(db))
    } finally {
      db.close()
    }
  }
  withStore(({ privacy }) => {
    const id = privacy.addErasure({ subject, reason: 'asked', by: 'web:anna', at: T0 })
    privacy.noteErasure({ id, doneAt: T0, found: {}, problem: null })
  })
  for (const suffix of ['-wal', '-shm']) fs.rmSync(join(data.directory, `telemetry.db${suffix}`), { force: true })
  fs.writeFileSync(join(data.directory, 'telemetry.db'), Buffer.alloc(20_000, 7))
  beginTelemetry(data.directory, { actor: 'cli:anna', now: T0 })
  // It is open again: the office tells the hub of it at the next start.
  expect(withStore(({ privacy }) => privacy.erasure(subject)?.doneAt)).toBeNull()
})
