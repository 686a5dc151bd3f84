import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Problem } from '../../../../shared/domain/problem.ts'
import { Wire, fields, readerOf } from '../../../../shared/onnx/wire.ts'
import { bytes, float, int, join, repeat, tag, text, varint } from '../../../harness/onnx/wire.ts'

/** The integers of field 1 of a file. */
function integers(file: Uint8Array): number[] {
  const wire = new Wire(readerOf(file))
  const found: number[] = []
  wire.file(0, (field) => {
    if (field !== 1) return false
    wire.ints(found, 1_000_000)
    return true
  })
  return found
}

function codeOf(run: () => unknown): string {
  try {
    run()
    return 'none'
  } catch (error) {
    if (error instanceof Problem) return error.code
    throw error
  }
}

describe('numbers', () => {
  it('are exact up to 2^53 and right in size and sign beyond', () => {
    const property = fc.property(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      (value) => integers(int(1, value))[0] === Number(value),
    )
    expect(fc.check(property, { numRuns: 5_000 }).failed).toBe(false)
    expect(integers(join(int(1, 2 ** 53 - 1), int(1, -1), int(1, -(2n ** 63n))))).toEqual([2 ** 53 - 1, -1, -(2 ** 63)])
  })

  it('may be packed, and their order stays', () => {
    const packed = bytes(1, ...[1, 300, -5].map((value) => varint(value)))
    expect(integers(join(int(1, 7), packed, bytes(1), int(1, 8)))).toEqual([7, 1, 300, -5, 8])
  })

  it('are found across the pages of a file', () => {
    const many = Array.from({ length: 40_000 }, (_, index) => index * 7)
    expect(integers(join(...many.map((value) => join(int(1, value), float(2, value)))))).toEqual(many)
  })

  it('of 32 and 64 bits are read packed and single, the first few kept', () => {
    const file = join(float(1, 1.5), bytes(1, new Uint8Array(Float32Array.of(-2, 0.25, 8).buffer)))
    const wire = new Wire(readerOf(file))
    const kept: number[] = []
    const counts: number[] = []
    wire.file(0, () => {
      counts.push(wire.floats(kept, 3, 4))
      return true
    })
    expect({ kept, counts }).toEqual({ kept: [1.5, -2, 0.25], counts: [1, 3] })
  })
})

describe('nested messages', () => {
  it('end where they say, and what is not read is skipped', () => {
    const file = join(bytes(1, text(1, 'a'), int(2, 5), join(tag(3, 1), new Uint8Array(8)), float(4, 1)), text(2, 'b'))
    const wire = new Wire(readerOf(file))
    const seen: string[] = []
    wire.file(fields(1, 2), (field) => {
      if (field === 2) {
        seen.push(wire.text(10, 'b'))
        return true
      }
      wire.message(fields(1), (inner) => {
        if (inner !== 1) return false
        seen.push(wire.text(10, 'a'))
        return true
      })
      return true
    })
    expect(seen).toEqual(['a', 'b'])
  })

  // Each inner field ends exactly where the file ends, so that only the message around it is overrun.
  it.each([
    ['a text', join(tag(1, 2), varint(2), tag(1, 2), varint(7), text(2, 'after'))],
    ['a number', join(tag(1, 2), varint(2), tag(1, 0), Uint8Array.of(0x80, 0x01))],
    ['a fixed number', join(tag(1, 2), varint(1), tag(1, 5), new Uint8Array(4))],
    ['a key', join(tag(1, 2), varint(1), Uint8Array.of(0x88, 0), varint(5))],
  ])('cannot reach into what follows them: %s', (_, file) => {
    const wire = new Wire(readerOf(file))
    const read = (): void =>
      wire.file(0, () => {
        wire.message(0, () => false)
        return true
      })
    expect(codeOf(read)).toBe('model.invalid')
  })

  it('with a field twice that may occur once are refused', () => {
    const wire = new Wire(readerOf(join(int(3, 1), int(4, 1), int(3, 1))))
    expect(codeOf(() => wire.file(fields(3), () => false))).toBe('model.invalid')
  })
})

it('a long text is put together from several pages, and a longer one than allowed is refused', () => {
  const file = text(1, 'ä'.repeat(100_000))
  const read = (most: number): string => {
    const wire = new Wire(readerOf(file))
    let found = ''
    wire.file(0, () => {
      found = wire.text(most, 'A text')
      return true
    })
    return found
  }
  expect(read(200_000)).toBe('ä'.repeat(100_000))
  expect(codeOf(() => read(199_999))).toBe('model.resource-limit')
})

it('more than 50 million fields are refused', () => {
  const wire = new Wire(readerOf(repeat(Uint8Array.of(8, 0), 50_000_001)))
  expect(codeOf(() => wire.file(0, () => false))).toBe('model.resource-limit')
})
