import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { temporaryDirectory } from '../../../harness/fleet.ts'
import { allRecords, eventRecord, sampleRecord, testSpool } from '../../../harness/spool.ts'

const WRITER = join(import.meta.dirname, '../../../harness/spool-writer.ts')

describe('sudden death', () => {
  it('case 28: loses nothing that append returned for, in 20 cycles of kill -9', { timeout: 120_000 }, async () => {
    const file = join(temporaryDirectory(), 'spool.db')
    const committed: string[] = []
    for (let cycle = 0; cycle < 20; cycle += 1) {
      const boot = `boot-${cycle}`
      const child = spawn(process.execPath, [WRITER, file, boot], { stdio: ['ignore', 'pipe', 'inherit'] })
      let said = ''
      child.stdout.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        if (said.split('\n').length > 5 + cycle) child.kill('SIGKILL')
      })
      await once(child, 'close')
      // The last line may be cut; each whole one was committed before it was written.
      committed.push(
        ...said
          .split('\n')
          .slice(0, -1)
          .map((i) => `${boot}/${i}`),
      )
    }
    const spool = testSpool(file)
    const records = allRecords(spool)
    spool.close()
    const seqs = records.map(({ seq }) => seq)
    expect(seqs).toEqual(seqs.map((_, i) => i + 1))
    const stored = new Set(records.map(({ body }) => body['message']))
    expect(stored.size).toBe(records.length)
    expect(committed.filter((message) => !stored.has(message))).toEqual([])
    expect(committed.length).toBeGreaterThan(150)
  })
})

/** A file system of its own, a few MiB large; null where this user may not mount one. */
function smallDisk(sizeMiB: number): string | null {
  const directory = join(temporaryDirectory(), 'disk')
  mkdirSync(directory)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMiB}m`, 'tmpfs', directory], { stdio: 'pipe' })
  } catch {
    return null
  }
  onTestFinished(() => void execFileSync('umount', ['-l', directory]))
  return directory
}

/** Someone else takes what is left. */
function fill(disk: string): void {
  try {
    writeFileSync(join(disk, `other-${readdirSync(disk).length}-${performance.now()}`), Buffer.alloc(8 * 1024 * 1024))
  } catch {
    // Full is what it should be.
  }
}

describe('a full disk', () => {
  it('case 33: says so, keeps what it has, lets acknowledgements through, and goes on when there is space', ({ skip }) => {
    const disk = smallDisk(4)
    if (disk === null) return skip('mounting a tmpfs is not permitted here')
    const spool = testSpool(join(disk, 'spool.db'))
    let stored = 0
    let problem: unknown = null
    for (let i = 0; i < 5000 && problem === null; i += 1) {
      try {
        spool.append([sampleRecord(`s${i}`, 4000)])
        stored += 1
      } catch (error) {
        problem = error
      }
    }
    expect(problem).toMatchObject({ code: 'store.disk-full' })
    // Someone else takes what little is left.
    fill(disk)
    expect(allRecords(spool)).toHaveLength(stored)
    spool.acknowledge(stored - 10)
    expect([spool.acked, spool.backlog.records]).toEqual([stored - 10, 10])
    for (const name of readdirSync(disk).filter((one) => one.startsWith('other'))) rmSync(join(disk, name))
    spool.append([eventRecord('space again')])
    spool.tidy()
    expect(
      allRecords(spool)
        .map(({ seq }) => seq)
        .at(-1),
    ).toBeGreaterThan(stored)
    spool.close()
    const again = testSpool(join(disk, 'spool.db'))
    expect(again.backlog.records).toBe(11)
    again.close()
  })

  it('case 33: starts although the disk is full', ({ skip }) => {
    const disk = smallDisk(4)
    if (disk === null) return skip('mounting a tmpfs is not permitted here')
    const first = testSpool(join(disk, 'spool.db'))
    first.append([eventRecord('kept')])
    first.close()
    fill(disk)
    const spool = testSpool(join(disk, 'spool.db'))
    expect(allRecords(spool)).toMatchObject([{ seq: 1, body: { message: 'kept' } }])
    spool.close()
    fill(disk)
    rmSync(join(disk, 'spool.ballast'), { force: true })
    fill(disk)
    expect(() => testSpool(join(disk, 'spool.db'))).toThrow(expect.objectContaining({ code: 'store.disk-full' }))
  })
})
