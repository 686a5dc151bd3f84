// Puts an artifact together, block by block, for the test that kills it: node write-until-killed.ts DIRECTORY
import { setTimeout as sleep } from 'node:timers/promises'
import { layoutOf } from '../../../../agent/artifact/layout.ts'
import { openArtifactStore } from '../../../../agent/artifact/store.ts'
import { killedArtifact } from './killed-artifact.ts'

const { bytes, entry } = killedArtifact()
const partial = await openArtifactStore(process.argv[2]!).openPartial(
  layoutOf({ sha256: entry.sha256, sizeBytes: entry.sizeBytes, manifest: null, entry }),
)
process.stdout.write(`${partial.layout.blocks.length - partial.missing.count}\n`)
for (const block of [...partial.missing]) {
  const { start, bytes: length } = partial.layout.blocks[block]!
  await partial.write(block, bytes.subarray(start, start + length))
  await partial.save()
  process.stdout.write('.')
  await sleep(2)
}
