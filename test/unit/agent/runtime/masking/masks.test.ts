import { describe, expect, test } from 'vitest'
import { blurredCounts } from '../../../../../agent/runtime/masking/blur-counts.ts'
import { labelFields, maskedLabel } from '../../../../../agent/runtime/masking/label-masks.ts'
import { Masks } from '../../../../../agent/runtime/masking/masks.ts'
import type { Manifest } from '../../../../../shared/domain/bundle.ts'
import { tensorFromPlain } from '../../../../../shared/inference/tensor.ts'
import { runtimeConfig, type RuntimeConfig } from '../../../../../shared/protocol/assignment.ts'
import { NumericCounter, type NumericReference } from '../../../../../shared/stats/reference/numeric-counter.ts'
import { parseFeatureCounts } from '../../../../../shared/stats/reference/feature-counts.ts'
import { sampleManifest, samples } from '../../../../harness/manifest.ts'

const features = ['age', 'weight', 'height'].map((name) => ({ name, min: null, max: null }))
const manifest = sampleManifest(samples.diabetes100, { schema: { input: 'x', features, target: 'illness' } })
const rows = tensorFromPlain('x', 'FP32', [2, 3], [41.5, 80.25, 1.875, null, 99.5, -1234])
const plain = (rules: RuntimeConfig['masks'], tensor = rows, of: Manifest = manifest) => {
  const masks = new Masks('secret', rules)
  const { tensor: made, masked } = masks.tensor(tensor, masks.of(of))
  return { data: made.data, masked }
}

describe('masks of a tensor', () => {
  test('a column is masked at its column, and the record says which', () => {
    expect(plain({})).toEqual({ data: [41.5, 80.25, 1.875, 'NaN', 99.5, -1234], masked: {} })
    expect(plain({ age: 'drop', height: 'round' })).toEqual({
      data: [null, 80.25, 1.9, null, 99.5, -1200],
      masked: { age: 'drop', height: 'round' },
    })
    const { data, masked } = plain({ weight: 'hash' })
    expect(data).toEqual([41.5, expect.stringMatching(/^hash:[0-9a-f]{16}$/), 1.875, 'NaN', expect.stringMatching(/^hash:/), -1234])
    expect(masked).toEqual({ weight: 'hash' })
  })

  test('a mask of the input counts for all columns, and the stricter of the two wins', () => {
    expect(plain({ x: 'round', age: 'drop' }).data).toEqual([null, 80, 1.9, null, 100, -1200])
    expect(plain({ x: 'drop', age: 'round' }).data).toEqual([null, null, null, null, null, null])
  })

  test('texts, truth values and large integers', () => {
    const texts = tensorFromPlain('note', 'BYTES', [2], ['Mrs Doe', ''])
    expect(plain({ note: 'round' }, texts).data).toEqual([null, null])
    expect(plain({ note: 'hash' }, texts).data[0]).toMatch(/^hash:/)
    expect(plain({ flag: 'round' }, tensorFromPlain('flag', 'BOOL', [1], [true])).data).toEqual([null])
    const large = tensorFromPlain('id', 'INT64', [1], ['9007199254740993'])
    expect([plain({ id: 'round' }, large).data, plain({ id: 'drop' }, large).data]).toEqual([[null], [null]])
  })

  test('a hash is of the field and the key of the device: equal values are equal there and nowhere else', () => {
    const hashOf = (secret: string, field: string) => new Masks(secret, {}).value(field, 'hash', 'Mrs Doe')
    expect(hashOf('a', 'name')).toBe(hashOf('a', 'name'))
    expect(new Set([hashOf('a', 'name'), hashOf('b', 'name'), hashOf('a', 'guardian')]).size).toBe(3)
  })

  test('fields that are called like parts of every object are fields like others', () => {
    const strange = sampleManifest(samples.diabetes100, {
      schema: { input: 'x', features: ['constructor', '__proto__', 'b'].map((name) => ({ name, min: null, max: null })), target: null },
    })
    expect(plain({}, rows, strange).data).toEqual([41.5, 80.25, 1.875, 'NaN', 99.5, -1234])
    const rules = runtimeConfig.parse(JSON.parse('{"masks": {"constructor": "drop"}}')).masks
    expect(plain(rules, rows, strange)).toEqual({ data: [null, 80.25, 1.875, null, 99.5, -1234], masked: { constructor: 'drop' } })
  })

  test('the rules change for what leaves from then on', () => {
    const masks = new Masks('secret', {})
    expect(masks.tensor(rows, masks.of(manifest)).tensor.data[0]).toBe(41.5)
    masks.setRules({ age: 'drop' })
    expect(masks.tensor(rows, masks.of(manifest)).tensor.data[0]).toBeNull()
  })
})

describe('masks of labels', () => {
  const item = { id: 'p', row: 0, predictedAt: 1, predicted: 152.4, actual: 161.6, confidence: null }
  const masked = (rules: RuntimeConfig['masks']) => maskedLabel(item, labelFields(manifest), new Masks('secret', rules))

  test('by the output of the outcome or the column of the truth; truth and prediction alike', () => {
    expect(masked({})).toEqual(item)
    expect(masked({ value: 'drop' })).toBeNull()
    expect(masked({ illness: 'round' })).toMatchObject({ predicted: 150, actual: 160 })
    const hashed = maskedLabel({ ...item, predicted: 'flu', actual: 'flu' }, labelFields(manifest), new Masks('secret', { value: 'hash' }))!
    expect(hashed.predicted).toMatch(/^hash:/)
    expect(hashed.actual).toBe(hashed.predicted)
  })

  test('the confidence by the output with the probabilities', () => {
    const fields = labelFields(sampleManifest(samples.wine100))
    const sure = (mask: 'drop' | 'hash' | 'round') =>
      maskedLabel({ ...item, predicted: 'barolo', actual: 'barbera', confidence: 0.8765 }, fields, new Masks('s', { probabilities: mask }))
    expect([sure('round')?.confidence, sure('hash')?.confidence, sure('drop')?.confidence]).toEqual([0.88, null, null])
  })
})

describe('counts of a masked field', () => {
  const reference: NumericReference = {
    ...{ kind: 'numeric', name: 'age', edges: [20, 40, 60], counts: [5, 5, 5, 5], missing: 0, infinite: 0 },
    ...{ min: 1, max: 99, mean: 50, standardDeviation: 25 },
  }
  const counted = (values: number[]) => {
    const counter = new NumericCounter(reference)
    for (const value of values) counter.addNumber(value)
    return counter.counts()
  }

  test('say bins, and neither single values nor sums of a few', () => {
    const few = counted([41.2345, 62.3456])
    for (const [mask, range] of [
      ['hash', [1, 99]],
      ['round', [41, 62]],
    ] as const) {
      const blurred = blurredCounts(few, reference, mask)
      expect(parseFeatureCounts(JSON.parse(JSON.stringify(blurred)))).toEqual(blurred)
      expect(blurred).toMatchObject({
        bins: [0, 0, 1, 1],
        min: range[0],
        max: range[1],
        lag: { count: 2, sum: 0, squares: 0, products: 0 },
      })
    }
    const many = counted(Array.from({ length: 40 }, (_, i) => 20.123 + i))
    expect(blurredCounts(many, reference, 'round')).toMatchObject({ lag: many.lag, min: 20, max: 59 })
    expect(blurredCounts(counted([]), reference, 'hash')).toMatchObject({ min: null, max: null })
  })
})
