import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { startCrashingDevice } from '../harness/crashing-device.ts'
import { allThreads, attach, hasStrace } from '../harness/strace.ts'

if (!hasStrace) process.stderr.write('strace is not installed or may not attach: the order of writes is not looked at\n')

/** What the disk was asked for, in the order in which each call was answered. */
type DiskCall = { call: 'write' | 'sync'; path: string } | { call: 'rename'; path: string; to: string } | { call: 'unlink'; path: string }

/** Reads a log with the paths of descriptors; a call that another thread interrupted counts where it was resumed. */
function diskCalls(log: string): DiskCall[] {
  const calls: DiskCall[] = []
  const begun = new Map<string, string>()
  for (const line of readFileSync(log, 'utf8').split('\n')) {
    const [, thread = '', rest = ''] = /^(?:(\d+)\s+)?(.*)$/.exec(line) ?? []
    const unfinished = /^(.*) <unfinished \.\.\.>$/.exec(rest)
    if (unfinished !== null) {
      begun.set(thread, unfinished[1]!)
      continue
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest)
    const text = resumed === null ? rest : `${begun.get(thread) ?? ''}${resumed[1]!}`
    if (!/= \d+$/.test(text)) continue
    const [, name = ''] = /^(\w+)\(/.exec(text) ?? []
    const [, path = ''] = /^\w+\(\d+<([^>]*)>/.exec(text) ?? []
    if (name === 'write' || name === 'pwrite64' || name === 'ftruncate') calls.push({ call: 'write', path })
    if (name === 'fsync' || name === 'fdatasync') calls.push({ call: 'sync', path })
    const [first = '', second = ''] = [...text.matchAll(/"([^"]*)"/g)].map((match) => match[1]!)
    if (name === 'rename') calls.push({ call: 'rename', path: first, to: second })
    if (name === 'unlink') calls.push({ call: 'unlink', path: first })
  }
  return calls
}

/** Files that got their name while their content could still be lost, and names that were not made durable before something was given up. */
function unsafeRenames(calls: readonly DiskCall[], within: string): string[] {
  const faults: string[] = []
  const dirty = new Set<string>()
  let waiting: { to: string; folder: string } | null = null
  for (const call of calls) {
    if (call.path !== within && !call.path.startsWith(`${within}/`)) continue
    if (call.call === 'write') dirty.add(call.path)
    if (call.call === 'sync') {
      dirty.delete(call.path)
      if (waiting?.folder === call.path) waiting = null
    }
    if (call.call === 'rename' || call.call === 'unlink') {
      if (waiting !== null) faults.push(`${waiting.to} was not durable when ${call.path} was changed`)
      waiting = null
    }
    if (call.call !== 'rename') continue
    if (dirty.has(call.path)) faults.push(`${call.path} got its name before its content was synced`)
    waiting = { to: call.to, folder: dirname(call.to) }
  }
  if (waiting !== null) faults.push(`${waiting.to} was not durable at the end`)
  return faults
}

test.skipIf(!hasStrace)(
  'case 14: in a swap every file is on the disk before it gets its name, and the name before anything is given up',
  async () => {
    const device = await startCrashingDevice()
    // The pool of threads is made at the first call that needs one: the first swap makes them.
    await device.order()
    await device.converged()
    const log = join(device.fleet.directory, 'disk-calls')
    const tracing = await attach(allThreads(device.pid()), { log, paths: true })
    for (let swap = 0; swap < 3; swap += 1) {
      await device.order()
      await device.converged()
    }
    await tracing.detach()
    const calls = diskCalls(log)
    const home = device.agent.directory
    const renamed = calls.flatMap((call) =>
      call.call === 'rename' && call.path.startsWith(`${home}/`) ? [call.to.slice(home.length + 1)] : [],
    )
    const counts = (call: DiskCall['call']): number => calls.filter((one) => one.call === call && one.path.startsWith(`${home}/`)).length
    process.stdout.write(
      `three swaps: ${counts('write')} writes, ${counts('sync')} syncs, ${renamed.length} renames in the folder of the device\n`,
    )
    // A log in which nothing was renamed shows nothing: the journal and three models came.
    expect(renamed.filter((name) => name.startsWith('artifacts/')).length).toBeGreaterThanOrEqual(3)
    expect(unsafeRenames(calls, home)).toEqual([])
  },
)

test('a rename without a sync before it, or without one of its folder behind it, is found', () => {
  const write: DiskCall = { call: 'write', path: '/d/a.new' }
  const sync: DiskCall = { call: 'sync', path: '/d/a.new' }
  const rename: DiskCall = { call: 'rename', path: '/d/a.new', to: '/d/a' }
  const folder: DiskCall = { call: 'sync', path: '/d' }
  const within = '/d'
  expect(unsafeRenames([write, sync, rename, folder], within)).toEqual([])
  expect(unsafeRenames([write, rename, sync, folder], within)).toEqual(['/d/a.new got its name before its content was synced'])
  expect(unsafeRenames([write, sync, rename], within)).toEqual(['/d/a was not durable at the end'])
  expect(unsafeRenames([write, sync, rename, { call: 'unlink', path: '/d/b' }, folder], within)).toEqual([
    '/d/a was not durable when /d/b was changed',
  ])
})
