import { describe, expect, it } from 'vitest'
import { checkMadeSizes, emptyScope, rememberNode, type Known, type Scope } from '../../../../shared/onnx/made-sizes.ts'

interface Step {
  op: string
  in?: string[]
  out?: string
  numbers?: Record<string, number[]>
  value?: Known
}

/** A scope of known values (by name) and nodes. */
function scopeOf(known: Record<string, number[] | Known>, steps: readonly Step[], parent: Scope | null = null): Scope {
  const scope = emptyScope(parent)
  for (const [name, fact] of Object.entries(known))
    scope.known.set(name, Array.isArray(fact) ? { dims: [fact.length], values: fact } : fact)
  for (const { op, in: inputs = [], out = 'y', numbers = {}, value = null } of steps)
    rememberNode(scope, '', { operator: op, inputs, outputs: [out], numbers: new Map(Object.entries(numbers)), value })
  return scope
}

const refuses = (...scopes: Scope[]): boolean => {
  try {
    checkMadeSizes(scopes)
    return false
  } catch (error) {
    expect(error).toMatchObject({ code: 'model.resource-limit' })
    return true
  }
}

const CAP = 2 ** 28
const of = (dims: number[]): Known => ({ dims, values: null })

describe('the exact cap', () => {
  // Each row makes a tensor of `size` elements.
  const rows: [string, (size: number) => Scope][] = [
    ['ConstantOfShape', (size) => scopeOf({ s: [size] }, [{ op: 'ConstantOfShape', in: ['s'] }])],
    ['Expand', (size) => scopeOf({ s: [size, 1], x: of([1, -1]) }, [{ op: 'Expand', in: ['x', 's'] }])],
    ['Expand of a higher rank', (size) => scopeOf({ s: [1], x: of([size, 1]) }, [{ op: 'Expand', in: ['x', 's'] }])],
    ['Range', (size) => scopeOf({ a: [10], b: [10 - size], c: [-1] }, [{ op: 'Range', in: ['a', 'b', 'c'] }])],
    ['Tile', (size) => scopeOf({ s: [1, size / 4], x: of([-1, 4]) }, [{ op: 'Tile', in: ['x', 's'] }])],
    ['Resize by sizes', (size) => scopeOf({ s: [1, size] }, [{ op: 'Resize', in: ['x', '', '', 's'] }])],
    ['Resize by scales', (size) => scopeOf({ s: [1, size / 2], x: of([1, 2]) }, [{ op: 'Resize', in: ['x', '', 's'] }])],
    ['Upsample', (size) => scopeOf({}, [{ op: 'Upsample', in: ['x'], numbers: { scales: [1, size] } }])],
    ['Pad', (size) => scopeOf({ p: [size - 9, 2], x: of([7]) }, [{ op: 'Pad', in: ['x', 'p'] }])],
    ['OneHot', (size) => scopeOf({ d: [size / 2], x: of([2]) }, [{ op: 'OneHot', in: ['x', 'd', 'v'] }])],
    ['RandomUniform', (size) => scopeOf({}, [{ op: 'RandomUniform', numbers: { shape: [size] } }])],
  ]
  it.each(rows)('%s', (_, build) => {
    expect([refuses(build(CAP)), refuses(build(CAP + 4))]).toEqual([false, true])
  })
})

describe('constants are followed', () => {
  const make: Step = { op: 'ConstantOfShape', in: ['s'] }
  const big = CAP + 1
  const rows: [string, Scope[]][] = [
    ['Sub', [scopeOf({ a: [CAP + 3], b: [2] }, [{ op: 'Sub', in: ['a', 'b'], out: 's' }, make])]],
    ['Add to each', [scopeOf({ a: [1, CAP], b: [1] }, [{ op: 'Add', in: ['a', 'b'], out: 's' }, make])]],
    ['Pow', [scopeOf({ a: [10], b: [9] }, [{ op: 'Pow', in: ['a', 'b'], out: 's' }, make])]],
    ['Max', [scopeOf({ a: [2], b: [big] }, [{ op: 'Max', in: ['a', 'b'], out: 's' }, make])]],
    ['Gather', [scopeOf({ a: [2, big], b: [-1] }, [{ op: 'Gather', in: ['a', 'b'], out: 's' }, make])]],
    ['Shape', [scopeOf({ x: of([2 ** 14, 2 ** 15]) }, [{ op: 'Shape', in: ['x'], out: 's' }, make])]],
    [
      'the dimensions of a made tensor',
      [
        scopeOf({ x: [1, CAP], r: [1, 2] }, [
          { op: 'ConstantOfShape', in: ['x'], out: 'm' },
          { op: 'Tile', in: ['m', 'r'] },
        ]),
      ],
    ],
    ['a Constant', [scopeOf({}, [{ op: 'Constant', out: 's', numbers: { value_int: [big] } }, make])]],
    ['a cast of a float', [scopeOf({ f: [big] }, [{ op: 'Cast', in: ['f'], out: 's' }, make])]],
    ['a name of the graph around', [scopeOf({}, [make], scopeOf({ s: [big] }, []))]],
    [
      'a chain of 10,000 in order',
      [
        scopeOf({ i0: [big] }, [
          ...Array.from({ length: 10_000 }, (_, at) => ({ op: 'Identity', in: [`i${at}`], out: `i${at + 1}` })),
          { op: 'ConstantOfShape', in: ['i10000'] },
        ]),
      ],
    ],
  ]
  it.each(rows)('%s', (_, scopes) => {
    expect(refuses(...scopes)).toBe(true)
  })
})

describe('what is not known is not refused', () => {
  const rows: [string, Scope][] = [
    ['a shape that is an input', scopeOf({}, [{ op: 'ConstantOfShape', in: ['s'] }])],
    [
      'a shape of a variable input',
      scopeOf({ x: of([-1, 2 ** 20]) }, [
        { op: 'Shape', in: ['x'], out: 's' },
        { op: 'ConstantOfShape', in: ['s'] },
      ]),
    ],
    ['Expand by -1', scopeOf({ s: [-1, 4], x: of([3, 4]) }, [{ op: 'Expand', in: ['x', 's'] }])],
    ['Pad that cuts', scopeOf({ p: [-5, -5], x: of([7]) }, [{ op: 'Pad', in: ['x', 'p'] }])],
    ['Resize to less', scopeOf({ s: [1, 0.001], x: of([1, 8]) }, [{ op: 'Resize', in: ['x', '', 's'] }])],
    ['Range without end', scopeOf({ a: [0], b: [1], c: [0] }, [{ op: 'Range', in: ['a', 'b', 'c'] }])],
    [
      'a sum of unlike lengths',
      scopeOf({ a: [1, 2], b: [1, 2, 3] }, [
        { op: 'Add', in: ['a', 'b'], out: 's' },
        { op: 'ConstantOfShape', in: ['s'] },
      ]),
    ],
    [
      'a node that feeds itself',
      scopeOf({}, [
        { op: 'Identity', in: ['s'], out: 's' },
        { op: 'ConstantOfShape', in: ['s'] },
      ]),
    ],
    [
      'a ring of sums',
      scopeOf({}, [
        { op: 'Add', in: ['t', 't'], out: 's' },
        { op: 'Add', in: ['s', 's'], out: 't' },
        { op: 'ConstantOfShape', in: ['s'] },
      ]),
    ],
  ]
  it.each(rows)('%s', (_, scope) => {
    expect(refuses(scope)).toBe(false)
  })

  it('a hundred thousand nodes against the order of the file end without a stack overflow', () => {
    const steps = Array.from({ length: 100_000 }, (_, at) => ({ op: 'Mul', in: [`i${at}`, `i${at}`], out: `i${at + 1}` })).toReversed()
    expect(refuses(scopeOf({ i0: [1] }, [...steps, { op: 'ConstantOfShape', in: ['i100000'] }]))).toBe(false)
  })
})
