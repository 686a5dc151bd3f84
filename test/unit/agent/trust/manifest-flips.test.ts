import { existsSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { openArtifactStore } from '../../../../agent/artifact/store.ts'
import { openBundles } from '../../../../agent/converge/bundles.ts'
import { trustedKeys } from '../../../../agent/trust/verify.ts'
import { bundleDigest, modelName, modelVersionName } from '../../../../shared/domain/ids.ts'
import { payloadTypes } from '../../../../shared/protocol/envelope.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'
import { samples } from '../../../harness/manifest.ts'
import { sampleBundle, signWith, testKey } from '../../../harness/small-console.ts'

const key = testKey()
const bundle = sampleBundle(Object.values(samples)[0]!)
const bytes = bundle.manifestBytes
const content = {
  digest: bundleDigest.parse(bundle.digest),
  model: modelName.parse(bundle.manifest.model),
  version: modelVersionName.parse(bundle.manifest.version),
}
const signatures = [signWith(key, payloadTypes.bundle, bytes)]
const reference = { digest: content.digest, sizeBytes: bytes.length, signatures }
const keys = trustedKeys([key.publicKey])
/** Every byte of a small manifest, every so many of a long one: at most this many. */
const PLACES = 600

test('case 1: a manifest with one byte flipped, at any place, is refused', () => {
  const store = openArtifactStore(temporaryDirectory())
  const bundles = openBundles(store, keys)
  const path = store.path(content.digest)
  writeFileSync(path, bytes)
  expect(bundles.verify(content, reference).model).toBe(content.model)
  const step = Math.max(1, Math.floor(bytes.length / PLACES))
  const taken: number[] = []
  for (let at = 0; at < bytes.length; at += step) {
    const flipped = Buffer.from(bytes)
    flipped[at]! ^= 1 << (at % 8)
    writeFileSync(path, flipped)
    try {
      bundles.verify(content, reference)
      taken.push(at)
    } catch (error) {
      expect(error).toMatchObject({ code: 'bundle.signature-invalid' })
    }
  }
  expect(taken).toEqual([])
})

test('case 1: what the metadata names is not taken with other bytes, whoever signed them', () => {
  const store = openArtifactStore(temporaryDirectory())
  const path = store.path(content.digest)
  const named = openBundles(store, keys, (digest) => digest === content.digest)
  writeFileSync(path, Buffer.concat([bytes, Buffer.from(' ')]))
  expect(() => named.verify(content, reference)).toThrow(expect.objectContaining({ code: 'bundle.invalid' }))
  expect(() => named.manifest(content.digest)).toThrow(expect.objectContaining({ code: 'store.corrupt' }))
  expect(existsSync(path)).toBe(false)
  writeFileSync(path, bytes)
  // A good signature of a key that was pinned once counts for nothing where the metadata decides.
  const unnamed = openBundles(store, keys, () => false)
  expect(() => unnamed.verify(content, reference)).toThrow(expect.objectContaining({ code: 'bundle.signature-invalid' }))
  expect(named.verify(content, reference).model).toBe(content.model)
})
