import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { constants, zstdCompress } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { openRegistry } from '../../../../../electron/core/registry/registry.ts'
import { openKeyring } from '../../../../../electron/core/trust/keys.ts'
import { artifactsOf } from '../../../../../shared/domain/bundle.ts'
import { T0 } from '../../../../harness/fleet.ts'
import { openReleaseDesk, type ReleaseDesk } from '../../../../harness/release-desk.ts'

const compress = promisify(zstdCompress)

/** Every block of a bundle as the transfer sends it, reckoned here. */
async function byHand({ directory, registry }: ReleaseDesk, digest: string): Promise<Map<string, number>> {
  const sizes = new Map([[digest, readFileSync(join(directory, 'artifacts', digest)).length]])
  for (const { entry } of artifactsOf(registry.manifest(digest)!)) {
    const file = readFileSync(join(directory, 'artifacts', entry.sha256))
    let start = 0
    for (const [bytes, sha256] of entry.blocks) {
      const block = file.subarray(start, (start += bytes))
      const { length } = await compress(block, { params: { [constants.ZSTD_c_compressionLevel]: 1 } })
      sizes.set(sha256, entry.encoding === 'zstd' ? length : bytes)
    }
  }
  return sizes
}

/** The registry as the next start of the console opens it. */
function openAgain({ directory, store }: ReleaseDesk) {
  const registry = openRegistry({
    ...{ db: store.db, artifactDirectory: join(directory, 'artifacts'), workDirectory: join(directory, 'work-again') },
    ...{ keyring: openKeyring(join(directory, 'keys')), now: () => T0 },
  })
  onTestFinished(() => registry.stop())
  return registry
}

const sum = (sizes: ReadonlyMap<string, number>): number => [...sizes.values()].reduce((all, bytes) => all + bytes, 0)

test('an import measures what its blocks weigh on the wire, compressed where they travel so, with the manifest', async () => {
  const desk = openReleaseDesk()
  const { digest } = await desk.importSample('digits', '1.0.0')
  const travel = desk.registry.travelOf(digest)!
  expect(travel).toEqual(await byHand(desk, digest))
  expect(sum(travel)).toBeLessThan(sum(desk.registry.blocksOf(digest)!))
  expect(desk.registry.travelOf('0'.repeat(64))).toBeNull()
})

test('a version of an older console counts with its bytes on the disk until it is measured; what is gone stays so', async () => {
  const desk = openReleaseDesk()
  const { digest } = await desk.importSample('digits', '1.0.0')
  const measured = await byHand(desk, digest)
  desk.store.db.exec('DELETE FROM travel_size')
  const other = openAgain(desk)
  expect(sum(other.travelOf(digest)!)).toBe(sum(desk.registry.blocksOf(digest)!) + measured.get(digest)!)
  expect(await other.measureTravel(AbortSignal.abort())).toBe(0)
  const compressed = artifactsOf(other.manifest(digest)!).filter(({ entry }) => entry.encoding === 'zstd')
  rmSync(join(desk.directory, 'artifacts', compressed[0]!.entry.sha256))
  expect(await other.measureTravel(new AbortController().signal)).toBe(compressed.length - 1)
  const now = other.travelOf(digest)!
  for (const { entry } of compressed.slice(1))
    expect(entry.blocks.map(([, sha256]) => now.get(sha256))).toEqual(entry.blocks.map(([, sha256]) => measured.get(sha256)))
  expect(now.get(compressed[0]!.entry.blocks[0]![1])).toBe(compressed[0]!.entry.blocks[0]![0])
})
