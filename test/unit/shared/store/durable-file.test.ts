import { expect, test } from 'vitest'
import { replaceFile, type FileCalls } from '../../../../shared/store/durable-file.ts'

/**
 * A disk that keeps in a power cut only what was synced: bytes of a file by fsync of the file, names by fsync of the folder. It is cut off before
 * its call number `cutAt`.
 */
function cuttableDisk(cutAt: number) {
  const content = new Map<number, { now: string; synced: string }>()
  const names = { now: new Map<string, number>(), synced: new Map<string, number>() }
  const open = new Map<number, number | 'folder'>()
  let calls = 0
  let last = 0
  const count = (): void => {
    calls += 1
    if (calls === cutAt) throw new Error('power cut')
  }
  const fileOf = (fd: number) => {
    const node = open.get(fd)
    return typeof node === 'number' ? content.get(node)! : null
  }
  const fs: FileCalls = {
    openSync(path, flags) {
      count()
      last += 1
      if (path === '/data') open.set(last, 'folder')
      else {
        const known = flags === 'w' ? undefined : names.now.get(path)
        if (known === undefined) content.set(last, { now: '', synced: '' })
        names.now.set(path, known ?? last)
        open.set(last, known ?? last)
      }
      return last
    },
    // One byte at a time: a disk may take less than it is given.
    writeSync(fd, bytes) {
      count()
      fileOf(fd)!.now += String.fromCharCode(bytes[0]!)
      return 1
    },
    fsyncSync(fd) {
      count()
      const file = fileOf(fd)
      if (file === null) names.synced = new Map(names.now)
      else file.synced = file.now
    },
    closeSync(fd) {
      open.delete(fd)
    },
    renameSync(from, to) {
      count()
      names.now.set(to, names.now.get(from)!)
      names.now.delete(from)
    },
  }
  return {
    fs,
    calls: () => calls,
    /** What is read after the power is back; null: there is no such file. */
    afterCut(path: string): string | null {
      const node = names.synced.get(path)
      return node === undefined ? null : content.get(node)!.synced
    },
  }
}

const at = { directory: '/data', name: 'state.json' }
const replaced = (disk: ReturnType<typeof cuttableDisk>, text: string): void => replaceFile(disk.fs, at, new TextEncoder().encode(text))

test('case 14: a replaced file is there after a power cut right behind the return', () => {
  const disk = cuttableDisk(Infinity)
  replaced(disk, 'old')
  expect(disk.afterCut('/data/state.json')).toBe('old')
  replaced(disk, 'new')
  expect(disk.afterCut('/data/state.json')).toBe('new')
})

test('case 14: a power cut before any call of a replace leaves the old or the new content, whole', () => {
  const whole = cuttableDisk(Infinity)
  replaced(whole, 'old')
  const before = whole.calls()
  replaced(whole, 'new')
  const seen = new Set<string | null>()
  for (let cutAt = before + 1; cutAt <= whole.calls(); cutAt += 1) {
    const disk = cuttableDisk(cutAt)
    replaced(disk, 'old')
    // The sync of a folder that fails is no failure of a replace: there are systems without it.
    try {
      replaced(disk, 'new')
    } catch {
      // The power is off.
    }
    seen.add(disk.afterCut('/data/state.json'))
  }
  expect([...seen]).toEqual(['old'])
})
