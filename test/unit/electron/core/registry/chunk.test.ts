import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { BoundaryFinder, chunkFile } from '../../../../../electron/core/registry/chunk.ts'
import { artifactEntry, isConsistentArtifact } from '../../../../../shared/domain/bundle.ts'
import { blockBytes } from '../../../../../shared/protocol/block.ts'

const directory = mkdtempSync(join(tmpdir(), 'muster-chunk-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** Bytes that look random and are the same on every run. */
function noise(length: number, seed: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  let word = seed
  for (let i = 0; i < length; i += 1) {
    word = (Math.imul(word, 1_664_525) + 1_013_904_223) >>> 0
    bytes[i] = word >>> 24
  }
  return bytes
}

function cut(bytes: Uint8Array, piece: number): number[] {
  const finder = new BoundaryFinder()
  const ends: number[] = []
  for (let at = 0; at < bytes.length; at += piece) {
    const part = bytes.subarray(at, at + piece)
    for (let end = finder.next(part, 0); end >= 0; end = finder.next(part, end)) ends.push(at + end)
  }
  return ends
}

const chunkBytes = (name: string, bytes: Uint8Array) => {
  writeFileSync(join(directory, name), bytes)
  return chunkFile(join(directory, name))
}
const hashes = (entry: Awaited<ReturnType<typeof chunkFile>>): string[] => entry.blocks.map(([, sha256]) => sha256)

describe('boundaries', () => {
  const bytes = noise(8_000_000, 1)

  test('do not depend on how the bytes arrive', () => {
    const whole = cut(bytes, bytes.length)
    for (const piece of [1009, 65_536, 1_000_003]) expect(cut(bytes, piece)).toEqual(whole)
  })

  test('keep the sizes near the average and within the bounds', () => {
    const ends = cut(bytes, bytes.length)
    const sizes = ends.map((end, i) => end - (ends[i - 1] ?? 0))
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(blockBytes.min)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(blockBytes.max)
    const average = sizes.reduce((sum, size) => sum + size, 0) / sizes.length
    expect(average).toBeGreaterThan(0.7 * blockBytes.average)
    expect(average).toBeLessThan(1.3 * blockBytes.average)
  })

  test('are pinned: another table of words would share no block with devices in the field', () => {
    expect(cut(noise(600_000, 42), 600_000)).toMatchInlineSnapshot(`
      [
        70831,
        216268,
        270027,
        417031,
        581810,
      ]
    `)
  })

  test('bytes of one value are cut at the maximum', () => {
    expect(cut(new Uint8Array(600_000), 600_000)).toEqual([blockBytes.max, 2 * blockBytes.max])
  })
})

describe('artifact of a file', () => {
  test('names every byte once, by its hash', async () => {
    const bytes = noise(1_500_000, 7)
    const entry = await chunkBytes('noise', bytes)
    expect(artifactEntry.parse(entry)).toEqual(entry)
    expect(isConsistentArtifact(entry)).toBe(true)
    expect(entry).toMatchObject({ sha256: createHash('sha256').update(bytes).digest('hex'), sizeBytes: bytes.length, encoding: 'identity' })
    let at = 0
    for (const [size, sha256] of entry.blocks) {
      expect(
        createHash('sha256')
          .update(bytes.subarray(at, at + size))
          .digest('hex'),
      ).toBe(sha256)
      at += size
    }
  })

  test('an insertion changes the blocks near it and no other', async () => {
    const bytes = noise(4_000_000, 3)
    const before = await chunkBytes('before', bytes)
    const after = await chunkBytes(
      'after',
      Buffer.concat([bytes.subarray(0, 1_000_000), Buffer.from('inserted'), bytes.subarray(1_000_000)]),
    )
    const known = new Set(hashes(before))
    const fresh = hashes(after).filter((sha256) => !known.has(sha256))
    expect(fresh.length).toBeGreaterThan(0)
    expect(fresh.length).toBeLessThanOrEqual(3)
  })

  test('is compressed on the wire where that saves more than a tenth', async () => {
    const text = Buffer.from('the same line again\n'.repeat(20_000))
    expect((await chunkBytes('text', text)).encoding).toBe('zstd')
    // 6 % of zeros save less than a tenth.
    expect((await chunkBytes('nearly', Buffer.concat([noise(940_000, 5), Buffer.alloc(60_000)]))).encoding).toBe('identity')
    expect((await chunkBytes('one', Buffer.from('x'))).blocks.length).toBe(1)
  })

  test('refuses an empty file and stops when told', async () => {
    await expect(chunkBytes('empty', Buffer.alloc(0))).rejects.toMatchObject({ code: 'input.invalid' })
    writeFileSync(join(directory, 'some'), 'x')
    await expect(chunkFile(join(directory, 'some'), AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' })
  })
})
