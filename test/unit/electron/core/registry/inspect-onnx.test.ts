import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inspectOnnxFile } from '../../../../../electron/core/registry/inspect-onnx.ts'
import { Problem } from '../../../../../shared/domain/problem.ts'
import { walkOnnx } from '../../../../../shared/onnx/walk.ts'
import { readerOf } from '../../../../../shared/onnx/wire.ts'
import { hostileFiles } from '../../../../harness/onnx/hostile.ts'
import { elem, model, node, opset, smallGraph } from '../../../../harness/onnx/model.ts'
import { bytes, int, join as joinBytes, text, varint } from '../../../../harness/onnx/wire.ts'

const digits = fileURLToPath(new URL('../../../../../build/samples/digits/digits-1.2.0.onnx', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'muster-inspect-'))
const at = (name: string): string => join(folder, name)

beforeAll(() => {
  copyFileSync(digits, at('model.onnx'))
  symlinkSync(at('model.onnx'), at('link.onnx'))
  symlinkSync(at('nowhere'), at('dangling.onnx'))
  mkdirSync(at('folder.onnx'))
  execFileSync('mkfifo', [at('pipe.onnx')])
  writeFileSync(at('empty.onnx'), '')
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Code and message of the problem that inspecting a path ends with. */
function problemOf(path: string): { code: string; message: string } {
  try {
    inspectOnnxFile(path)
  } catch (error) {
    if (error instanceof Problem) return { code: error.code, message: error.message }
    throw error
  }
  throw new Error(`${path} was accepted`)
}

const openFiles = (): number => readdirSync('/proc/self/fd').length

describe('inspectOnnxFile', () => {
  it('finds in a file what the walk finds in its bytes, also through a link', () => {
    const expected = walkOnnx(readerOf(readFileSync(digits)))
    expect([inspectOnnxFile(at('model.onnx')), inspectOnnxFile(at('link.onnx'))]).toEqual([expected, expected])
  })

  it('passes the leave for operators on', () => {
    writeFileSync(at('gelu.onnx'), withOperator('Gelu'))
    expect(inspectOnnxFile(at('gelu.onnx'), { allow: ['com.microsoft::Gelu'] }).operators).toEqual(['com.microsoft::Gelu'])
    expect(problemOf(at('gelu.onnx')).code).toBe('model.unsupported')
  })

  it.each([
    ['missing.onnx', 'there is no such file'],
    ['dangling.onnx', 'there is no such file'],
    ['folder.onnx', 'is not a file'],
    ['pipe.onnx', 'is not a file'],
    ['empty.onnx', 'it is empty'],
  ])('refuses %s: %s', (name, reason) => {
    expect(problemOf(at(name))).toEqual({ code: 'model.invalid', message: expect.stringContaining(reason) })
  })

  it('refuses a device file, and a file that may not be read', () => {
    copyFileSync(digits, at('private.onnx'))
    chmodSync(at('private.onnx'), 0)
    expect(problemOf('/dev/zero').code).toBe('model.invalid')
    // Root may read everything, so the row says something only for others.
    if (process.getuid?.() !== 0) expect(problemOf(at('private.onnx')).message).toContain('access is denied')
  })

  it.skipIf(process.platform !== 'linux')('leaves no file open, whatever the end', () => {
    const before = openFiles()
    for (const { build } of hostileFiles.slice(0, 60)) {
      writeFileSync(at('hostile.onnx'), build())
      problemOf(at('hostile.onnx'))
    }
    problemOf(at('folder.onnx'))
    inspectOnnxFile(at('model.onnx'))
    expect(openFiles()).toBe(before)
  })

  it('inspects a file of 500 MB without its weights', () => {
    const payload = 500_000_000
    const head = joinBytes(int(1, payload / 4), int(2, elem.FLOAT), text(8, 'w'), Uint8Array.of(9 * 8 + 2), varint(payload))
    const initializer = joinBytes(Uint8Array.of(5 * 8 + 2), varint(head.length + payload), head)
    const graph = smallGraph()
    const start = joinBytes(
      int(1, 8),
      bytes(8, opset('', 17)),
      bytes(14, text(1, 'k'), text(2, 'v')),
      Uint8Array.of(7 * 8 + 2),
      varint(graph.length + initializer.length + payload),
      graph,
      initializer,
    )
    // The weights are a hole of the file: nothing is written or read for them.
    writeFileSync(at('large.onnx'), start)
    truncateSync(at('large.onnx'), start.length + payload)
    const before = process.memoryUsage().arrayBuffers
    const { initializerBytes, largestTensorElements } = inspectOnnxFile(at('large.onnx'))
    expect({ initializerBytes, largestTensorElements, small: process.memoryUsage().arrayBuffers - before < 10_000_000 }).toEqual({
      initializerBytes: payload,
      largestTensorElements: payload / 4,
      small: true,
    })
  })
})

function withOperator(op: string): Uint8Array {
  return model({
    graph: smallGraph({ nodes: [node({ op, domain: 'com.microsoft', in: ['x'], out: ['y'] })] }),
    opsets: [opset('', 17), opset('com.microsoft', 1)],
  })
}
