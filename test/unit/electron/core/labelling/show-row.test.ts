import { describe, expect, test } from 'vitest'
import { rowInputOf, type RowInput } from '../../../../../electron/core/labelling/row-input.ts'
import { showRow, unusualNames } from '../../../../../electron/core/labelling/show-row.ts'
import type { Baseline, Manifest } from '../../../../../shared/domain/bundle.ts'
import { pngOf } from '../../../../harness/png.ts'
import { wine } from '../../../../harness/labelling-desk.ts'
import { sampleManifest, samples } from '../../../../harness/manifest.ts'

const matrix = (data: RowInput['inputs'][number]['data'], masked: RowInput['masked'] = {}): RowInput => ({
  inputs: [{ name: 'sensors', datatype: 'FP32', shape: [data.length], data }],
  masked,
})

const baseline: Baseline = {
  v: 1,
  rows: 100,
  features: [
    {
      ...{ kind: 'numeric', name: 'f0', edges: [1, 2, 3], counts: [25, 25, 25, 25], missing: 0, infinite: 0 },
      ...{ min: 0, max: 100, mean: 2, standardDeviation: 1 },
    },
    {
      kind: 'categorical',
      name: 'f1',
      categories: [
        ['red', 60],
        ['white', 40],
      ],
      other: 0,
      missing: 0,
    },
  ],
}

describe('a row of a table', () => {
  test('marks what is unlike the training rows, and never what was masked', () => {
    const values = [50, 'rose', 4, null, 11, ...Array.from({ length: 8 }, () => 1)]
    const shown = showRow(matrix(values, { f3: 'drop' }), wine, baseline)
    expect({ kind: shown.kind, image: shown.image, series: shown.series }).toEqual({ kind: 'table', image: null, series: null })
    expect(shown.fields[3]).toEqual({ name: 'f3', value: null, isUnusual: false, isMasked: true })
    // 50 is within the range of the training rows, but beyond their fences; f4 is known by its range alone.
    expect(unusualNames(shown)).toEqual(['f0', 'f1', 'f4'])
  })

  test('one row of several, and an input that belongs to all of them', () => {
    const body = {
      inputs: [
        { name: 'a', datatype: 'FP32', shape: [2, 2], data: [1, 2, 3, 4] },
        { name: 'threshold', datatype: 'FP32', shape: [], data: [9] },
      ],
    }
    expect(rowInputOf(body, 1).inputs.map(({ data }) => data)).toEqual([[3, 4], [9]])
    expect(showRow(rowInputOf(body, 1), null, null).fields.map(({ name, value }) => [name, value])).toEqual([
      ['a[0]', 3],
      ['a[1]', 4],
      ['threshold', 9],
    ])
  })
})

describe('a row that is a picture', () => {
  const pixels: Manifest = sampleManifest(samples.digits100, {
    schema: {
      input: 'pixels',
      features: Array.from({ length: 64 }, (_, i) => ({ name: `pixel_${Math.floor(i / 8)}_${i % 8}`, min: 0, max: 16 })),
      target: 'label',
    },
  })

  test('features named like the points of a square are drawn, dark on light', () => {
    const data = Array.from({ length: 64 }, (_, i) => (i === 0 ? 16 : 0))
    const shown = showRow({ inputs: [{ name: 'pixels', datatype: 'FP32', shape: [64], data }], masked: {} }, pixels, null)
    expect({ kind: shown.kind, width: shown.image!.width, height: shown.image!.height, channels: shown.image!.channels }).toEqual({
      ...{ kind: 'image', width: 8, height: 8, channels: 1 },
    })
    expect(shown.image!.pixels.slice(0, 2)).toEqual([0, 1])
    expect(shown.fields).toHaveLength(64)
  })

  test('a masked point leaves no picture, but the values', () => {
    const data = Array.from({ length: 64 }, (_, i) => (i === 0 ? null : 0))
    const shown = showRow(
      { inputs: [{ name: 'pixels', datatype: 'FP32', shape: [64], data }], masked: { pixel_0_0: 'drop' } },
      pixels,
      null,
    )
    expect([shown.kind, shown.image]).toEqual(['table', null])
  })

  test('preprocessing of pictures says what the request holds', () => {
    const manifest = sampleManifest(samples.digits100, {
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 3, 4, 4] }],
      preprocessing: {
        ...{ v: 2, kind: 'picture', picture: { name: 'photo', form: 'encoded' } },
        steps: [
          { step: 'decode', colour: 'rgb' },
          { step: 'resize', width: 4, height: 4, method: 'nearest' },
          { step: 'layout', order: 'NCHW' },
        ],
      },
    })
    const lines = Buffer.alloc((320 * 3 + 1) * 160, 255)
    for (let line = 0; line < 160; line += 1) lines[line * (320 * 3 + 1)] = 0
    const element = pngOf({ width: 320, height: 160, colour: 2, data: lines }).toString('base64')
    const shown = showRow({ inputs: [{ name: 'photo', datatype: 'BYTES', shape: [], data: [element] }], masked: {} }, manifest, null)
    expect(shown.image).toMatchObject({ width: 160, height: 80, channels: 3 })
    expect(shown.image!.pixels.every((level) => level === 1)).toBe(true)
    expect(shown.fields).toEqual([])
    const broken = showRow({ inputs: [{ name: 'photo', datatype: 'BYTES', shape: [], data: ['no picture'] }], masked: {} }, manifest, null)
    expect(broken.kind).toBe('table')
  })

  test('a tensor of three dimensions is spread between its own extremes', () => {
    const manifest = sampleManifest(samples.digits100, { inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 1, 4, 4] }] })
    const data = Array.from({ length: 16 }, (_, i) => i - 8)
    const shown = showRow({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 4, 4], data }], masked: {} }, manifest, null)
    expect(shown.image!.pixels[0]).toBe(0)
    expect(shown.image!.pixels[15]).toBe(1)
  })
})

describe('a row that is a course', () => {
  const manifest = sampleManifest(samples.digits100, { inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 32] }] })
  const course = (length: number): RowInput => ({
    inputs: [{ name: 'x', datatype: 'FP32', shape: [length], data: Array.from({ length }, (_, i) => Math.sin(i)) }],
    masked: {},
  })

  test('many values of one channel without names', () => {
    expect(showRow(course(32), manifest, null)).toMatchObject({ kind: 'series' })
    expect(showRow(course(16), manifest, null).kind).toBe('table')
  })

  test('named features are a table, unless they are steps of time', () => {
    const named = (name: (i: number) => string): Manifest => ({
      ...manifest,
      schema: { input: 'x', features: Array.from({ length: 32 }, (_, i) => ({ name: name(i), min: null, max: null })), target: null },
    })
    expect(
      showRow(
        course(32),
        named((i) => `sensor ${i}`),
        null,
      ).kind,
    ).toBe('table')
    expect(
      showRow(
        course(32),
        named((i) => `t${i}`),
        null,
      ).kind,
    ).toBe('series')
  })
})
