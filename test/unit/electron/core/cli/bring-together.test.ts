import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { withBroughtTogether, type BroughtTogether } from '../../../../../electron/core/cli/bring-together.ts'
import { temporaryDirectory } from '../../../../harness/fleet.ts'
import { affineModel } from '../../../../harness/onnx/external.ts'
import { floats } from '../../../../harness/onnx/model.ts'

/** A model as the tools of Hugging Face keep it: `snapshots/<revision>` of links into `blobs`. */
function cachedModel(): { snapshot: string; blob: string } {
  const cache = join(temporaryDirectory(), 'models--org--pump')
  const [snapshot, blob] = [join(cache, 'snapshots', 'abc'), join(cache, 'blobs', 'f00')]
  mkdirSync(join(snapshot, 'onnx'), { recursive: true })
  mkdirSync(dirname(blob))
  writeFileSync(blob, affineModel({ weights: { raw: floats(2, 3, 4) } }))
  writeFileSync(join(dirname(blob), 'c0'), '{}')
  symlinkSync('../../blobs/c0', join(snapshot, 'config.json'))
  return { snapshot, blob }
}

test('an export in the cache of Hugging Face is read through its links, and its copy is gone afterwards', async () => {
  const { snapshot, blob } = cachedModel()
  symlinkSync('../../../blobs/f00', join(snapshot, 'onnx', 'model.onnx'))
  let brought: BroughtTogether | null = null
  await withBroughtTogether(snapshot, (one) => {
    brought = one
    expect(readFileSync(one!.modelPath)).toEqual(readFileSync(blob))
    return Promise.resolve()
  })
  expect(existsSync(brought!.modelPath)).toBe(false)
})

test('a link that leads out of the cache is refused', async () => {
  const { snapshot } = cachedModel()
  const secret = join(temporaryDirectory(), 'secret')
  writeFileSync(secret, 'x')
  symlinkSync(secret, join(snapshot, 'onnx', 'model.onnx'))
  await expect(withBroughtTogether(snapshot, () => Promise.resolve())).rejects.toMatchObject({ code: 'source.unsafe' })
})
