import { existsSync, linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { inspectOnnxFile } from '../../../../../../electron/core/registry/inspect-onnx.ts'
import { externalFiles, joinExternalData } from '../../../../../../electron/core/registry/sources/join-external.ts'
import { temporaryDirectory } from '../../../../../harness/fleet.ts'
import { affineModel, elsewhere } from '../../../../../harness/onnx/external.ts'
import { floats } from '../../../../../harness/onnx/model.ts'

const weights = { more: elsewhere({ location: 'weights.bin', offset: 4, length: 12 }) }

function folder(files: Record<string, Uint8Array>): string {
  const directory = join(temporaryDirectory(), 'given')
  mkdirSync(directory)
  for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content)
  return directory
}

const joinIn = (directory: string, signal = new AbortController().signal) =>
  joinExternalData({ directory, name: 'm.onnx', to: join(directory, 'joined.onnx'), signal, progress: () => undefined })

it('makes one file that the walker takes', async () => {
  const directory = folder({ 'm.onnx': affineModel({ weights }), 'weights.bin': floats(0, 2, 3, 4, 5) })
  expect(externalFiles(directory, 'm.onnx')).toEqual(['weights.bin'])
  const made = await joinIn(directory)
  expect(made?.files).toEqual(['weights.bin'])
  expect(readFileSync(join(directory, 'joined.onnx'))).toEqual(Buffer.from(affineModel({ weights: { raw: floats(2, 3, 4) } })))
  expect(inspectOnnxFile(join(directory, 'joined.onnx')).initializerBytes).toBe(24)
  expect(() => inspectOnnxFile(join(directory, 'm.onnx'))).toThrow(expect.objectContaining({ code: 'model.external-data-forbidden' }))
})

it('writes nothing where all weights are inside', async () => {
  const directory = folder({ 'm.onnx': affineModel({ weights: { raw: floats(2, 3, 4) } }) })
  expect(await joinIn(directory)).toBeNull()
  expect(existsSync(join(directory, 'joined.onnx'))).toBe(false)
})

it('follows no link, and reads no file that has another name', async () => {
  const secret = folder({ secret: floats(0, 2, 3, 4, 5) })
  const soft = folder({ 'm.onnx': affineModel({ weights }) })
  symlinkSync(join(secret, 'secret'), join(soft, 'weights.bin'))
  await expect(joinIn(soft)).rejects.toMatchObject({ code: 'source.unsafe' })
  const hard = folder({ 'm.onnx': affineModel({ weights }) })
  linkSync(join(secret, 'secret'), join(hard, 'weights.bin'))
  await expect(joinIn(hard)).rejects.toMatchObject({ code: 'source.unsafe' })
  const missing = folder({ 'm.onnx': affineModel({ weights }) })
  await expect(joinIn(missing)).rejects.toMatchObject({ code: 'source.folder' })
  expect([soft, hard, missing].filter((directory) => existsSync(join(directory, 'joined.onnx')))).toEqual([])
})

it('takes away what it has made when it is cancelled', async () => {
  const many = 1024 * 1024
  const directory = folder({
    'm.onnx': affineModel({ weights: { more: elsewhere({ location: 'weights.bin', offset: 0, length: 4 * many }) } }),
    'weights.bin': new Uint8Array(4 * many),
  })
  const controller = new AbortController()
  controller.abort()
  await expect(joinIn(directory, controller.signal)).rejects.toMatchObject({ code: 'cancelled' })
  expect(existsSync(join(directory, 'joined.onnx'))).toBe(false)
})
