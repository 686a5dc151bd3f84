import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { encode } from 'fast-png'
import jpeg from 'jpeg-js'
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { bytesOfBase64, elementOfBytes } from '../../../../shared/inference/bytes-text.ts'
import { checkPipeline, requestSpecs, type PipelineRules } from '../../../../shared/inference/pipeline.ts'
import { resized } from '../../../../shared/inference/picture/resize.ts'
import type { Tensor } from '../../../../shared/inference/tensor.ts'
import { attribute, elem, graph, longTensor, model, node, value } from '../../../harness/onnx/model.ts'
import { pipelineRules, prepared, type RuleParts } from '../../../harness/pipeline.ts'
import { pngOf, rgbPng } from '../../../harness/png.ts'

const nchw = { step: 'layout', order: 'NCHW' }
const decode = (colour: string) => ({ step: 'decode', colour })
const encodedRules = (steps: unknown[], parts: RuleParts = {}, picture: object = {}): PipelineRules =>
  pipelineRules({
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, -1, -1, -1] }],
    ...parts,
    preprocessing: { v: 2, kind: 'picture', picture: { name: 'image', form: 'encoded', ...picture }, steps },
  })
const sent = (...files: Uint8Array[]): Tensor => ({
  name: 'image',
  datatype: 'BYTES',
  shape: [files.length],
  data: files.map((file) => Buffer.from(file).toString('base64')),
})
const pixelsOf = (rules: PipelineRules, ...files: Uint8Array[]): unknown => {
  const { inputs } = prepared(rules, [sent(...files)])
  return typeof inputs === 'string' ? inputs : { shape: inputs[0]!.shape, data: [...(inputs[0]!.data as Float32Array)] }
}
const plain = encodedRules([decode('rgb'), { step: 'layout', order: 'NHWC' }])
const gray = encodedRules([decode('gray'), nchw])

describe('decoding', () => {
  const colours = [255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30]

  test('base64 text and the bytes themselves are the same picture', () => {
    const file = rgbPng(2, 2, colours)
    expect(pixelsOf(plain, file)).toEqual({ shape: [1, 2, 2, 3], data: colours })
    const raw: Tensor = { name: 'image', datatype: 'BYTES', shape: [1], data: [elementOfBytes(file)!] }
    expect(prepared(plain, [raw])).toEqual(prepared(plain, [sent(file)]))
    expect([Uint8Array.of(0xc3, 0xa9), Uint8Array.of(0xff, 0xd8, 0), Uint8Array.of(0xe9)].map(elementOfBytes)).toEqual(['é', 'ÿØ\0', null])
    expect(requestSpecs(plain)).toEqual([{ name: 'image', datatype: 'BYTES', shape: [-1] }])
  })

  test('rgb, bgr, and gray by the whole-number form of BT.601', () => {
    const file = rgbPng(2, 2, colours)
    expect(pixelsOf(encodedRules([decode('bgr'), { step: 'layout', order: 'NHWC' }]), file)).toMatchObject({
      data: [0, 0, 255, 0, 255, 0, 255, 0, 0, 30, 20, 10],
    })
    expect(pixelsOf(gray, file)).toEqual({ shape: [1, 1, 2, 2], data: [76, 150, 29, 18] })
  })

  test('every kind of PNG', () => {
    const one = (parts: Omit<Parameters<typeof pngOf>[0], 'width' | 'height'>) => pixelsOf(plain, pngOf({ width: 2, height: 1, ...parts }))
    const made = (...data: number[]) => ({ shape: [1, 1, 2, 3], data })
    expect(one({ colour: 0, data: Uint8Array.of(0, 7, 200) })).toEqual(made(7, 7, 7, 200, 200, 200))
    expect(one({ colour: 0, depth: 1, data: Uint8Array.of(0, 0b0100_0000) })).toEqual(made(0, 0, 0, 255, 255, 255))
    expect(one({ colour: 0, depth: 16, data: Uint8Array.of(0, 7, 255, 200, 0) })).toEqual(made(7, 7, 7, 200, 200, 200))
    expect(one({ colour: 3, depth: 4, palette: [1, 2, 3, 4, 5, 6], data: Uint8Array.of(0, 0x10) })).toEqual(made(4, 5, 6, 1, 2, 3))
    expect(one({ colour: 4, data: Uint8Array.of(0, 7, 0, 200, 9) })).toEqual(made(7, 7, 7, 200, 200, 200))
    expect(one({ colour: 6, data: Uint8Array.of(0, 1, 2, 3, 0, 4, 5, 6, 255) })).toEqual(made(1, 2, 3, 4, 5, 6))
    // Filter 2 (up) and 1 (sub), worked out by hand.
    const filtered = pngOf({ width: 2, height: 2, colour: 0, data: Uint8Array.of(1, 5, 1, 2, 1, 1) })
    expect(pixelsOf(gray, filtered)).toMatchObject({ data: [5, 6, 6, 7] })
    // Adam7 of 2 x 2: the first pixel, then the second of the first line (pass 6), then the second line (pass 7).
    const interlaced = pngOf({ width: 2, height: 2, colour: 0, isInterlaced: true, data: Uint8Array.of(0, 1, 0, 2, 0, 3, 4) })
    expect(pixelsOf(gray, interlaced)).toMatchObject({ data: [1, 2, 3, 4] })
  })

  test('JPEG, near what was encoded', () => {
    const data = Uint8Array.from({ length: 16 * 16 * 4 }, (_, i) => [200, 100, 50, 255][i % 4]!)
    const file = jpeg.encode({ width: 16, height: 16, data }, 100).data
    const { data: made } = pixelsOf(plain, file) as { data: number[] }
    expect(made.length).toBe(16 * 16 * 3)
    for (const [i, value] of made.entries()) expect(Math.abs(value - [200, 100, 50][i % 3]!)).toBeLessThanOrEqual(2)
  })

  test('base64 as RFC 4648 has it', () => {
    expect(['', 'Zg==', 'Zm8=', 'Zm9v', 'Zm9vYg', '+/+/'].map((text) => Buffer.from(bytesOfBase64(text)!).toString('latin1'))).toEqual([
      '',
      'f',
      'fo',
      'foo',
      'foob',
      '\u00fb\u00ff\u00bf',
    ])
    expect(['Z', 'Zg=', 'Zm9v\n', 'Zm9*', 'Zm==9v', '\u00ff'].map(bytesOfBase64)).toEqual([null, null, null, null, null, null])
  })
})

describe('hostile pictures are refused with what is wrong, and cost little', () => {
  const small = rgbPng(
    2,
    2,
    Array.from({ length: 12 }, (_, i) => i),
  )
  const zeros = (bytes: number): Uint8Array => new Uint8Array(bytes)
  const photo = jpeg.encode({ width: 32, height: 32, data: Uint8Array.from({ length: 4096 }, (_, i) => (i * 37) % 256) }, 90).data
  const sized = (at: number, ...bytes: number[]): Buffer => {
    const copy = Buffer.from(photo)
    const frame = copy.indexOf(Buffer.from([0xff, 0xc0]))
    copy.set(bytes, frame + at)
    return copy
  }

  test.each<[string, Uint8Array, RegExp]>([
    [
      'a size of 2^31 squared',
      pngOf({ width: 2 ** 31 - 1, height: 2 ** 31 - 1, colour: 2, data: zeros(10) }),
      /2147483647 x 2147483647 pixels; 4194304 are the most/,
    ],
    [
      '64 MB of zeros behind a size of 1 x 1',
      pngOf({ width: 1, height: 1, colour: 2, data: zeros(64 * 1024 * 1024) }),
      /more than its size says/,
    ],
    ['less than its size', pngOf({ width: 9, height: 9, colour: 2, data: zeros(28) }), /less than its size says/],
    ['a PNG that is cut off', small.subarray(0, small.length - 20), /cut off/],
    ['a wrong check sum', Buffer.from(small).fill(1, small.length - 14, small.length - 12), /damaged/],
    [
      'a palette without the colour',
      pngOf({ width: 1, height: 1, colour: 3, palette: [1, 2, 3], data: Uint8Array.of(0, 7) }),
      /palette does not have/,
    ],
    ['a filter that is none', pngOf({ width: 1, height: 1, colour: 0, data: Uint8Array.of(9, 7) }), /damaged/],
    ['an unknown colour type', pngOf({ width: 1, height: 1, colour: 5, data: zeros(2) }), /header is damaged/],
    ['garbage instead of pixels', Buffer.from(small).fill(0xee, 41, 50), /cannot be read|damaged|less than/],
    ['a JPEG that is cut off', photo.subarray(0, photo.length - 30), /cut off/],
    ['a JPEG without a picture', Buffer.from([0xff, 0xd8, 0xff, 0xd9]), /no picture/],
    ['a JPEG of 65535 squared', sized(5, 0xff, 0xff, 0xff, 0xff), /65535 x 65535 pixels; 4194304/],
    ['a JPEG of no size', sized(5, 0, 0, 0, 0), /no size/],
    ['an arithmetic JPEG', sized(1, 0xc9), /kind of JPEG/],
    ['something else', Buffer.from('GIF89a'), /no PNG and no JPEG/],
  ])('%s', (_, file, message) => {
    expect(prepared(plain, [sent(file)]).inputs).toMatch(message)
  })

  test('any bytes changed in a sound file: a picture or a refusal, nothing else', () => {
    const change = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(fc.constantFrom(small, Buffer.from(photo)), change, fc.nat(), (file, changes, cut) => {
        const copy = Buffer.from(cut % 3 === 0 ? file.subarray(0, cut % file.length) : file)
        // The first bytes say what kind of file it is.
        for (const [at, byte] of changes) if (copy.length > 8) copy[8 + (at % (copy.length - 8))] = byte
        expect(['string', 'object']).toContain(typeof prepared(plain, [sent(copy)]).inputs)
      }),
      { numRuns: 300 },
    )
  })

  test('compressed texts and profiles are never inflated', () => {
    const bomb = deflateSync(zeros(64 * 1024 * 1024))
    const file = pngOf({
      width: 1,
      height: 1,
      colour: 0,
      data: Uint8Array.of(0, 9),
      more: [['iCCP', Buffer.concat([Buffer.from('p\0\0'), bomb])]],
    })
    expect(pixelsOf(gray, file)).toMatchObject({ data: [9] })
  })

  test('no base64, and pictures that differ in size', () => {
    const rules = encodedRules([decode('rgb'), nchw])
    expect(prepared(rules, [{ name: 'image', datatype: 'BYTES', shape: [1], data: ['%%%'] }]).inputs).toMatch(/Picture 0 is neither base64/)
    expect(prepared(rules, [{ name: 'image', datatype: 'BYTES', shape: [1], data: ['\u0089\u0100'] }]).inputs).toMatch(
      /Picture 0 is neither/,
    )
    expect(prepared(rules, [sent(small, rgbPng(1, 1, [1, 2, 3]))]).inputs).toMatch(/differ in size/)
    expect(prepared(encodedRules([decode('rgb'), nchw], {}, { maxPixels: 3 }), [sent(small)]).inputs).toMatch(
      /2 x 2 pixels; 3 are the most/,
    )
  })
})

describe('steps against worked values', () => {
  const raw = (shape: number[], data: number[]): Tensor => ({ name: 'image', datatype: 'UINT8', shape, data: Uint8Array.from(data) })
  const rawRules = (steps: unknown[], parts: RuleParts = {}, channels = 1): PipelineRules =>
    pipelineRules({
      inputs: [{ name: 'x', datatype: 'FP64', shape: [-1, -1, -1, -1] }],
      ...parts,
      preprocessing: { v: 2, kind: 'picture', picture: { name: 'image', form: 'raw', channels }, steps },
    })
  const made = (rules: PipelineRules, tensor: Tensor): unknown => {
    const { inputs } = prepared(rules, [tensor])
    return typeof inputs === 'string' ? inputs : { shape: inputs[0]!.shape, data: [...(inputs[0]!.data as Float64Array)] }
  }

  test('resize by half-pixel centres', () => {
    const line = raw([1, 1, 2, 1], [0, 100])
    const to = (width: number, method: string) => rawRules([{ step: 'resize', width, height: 1, method }, nchw])
    expect(made(to(4, 'bilinear'), line)).toEqual({ shape: [1, 1, 1, 4], data: [0, 25, 75, 100] })
    expect(made(to(4, 'nearest'), line)).toEqual({ shape: [1, 1, 1, 4], data: [0, 0, 100, 100] })
    expect(made(to(1, 'bilinear'), line)).toMatchObject({ data: [50] })
    expect(made(to(3, 'nearest'), line)).toMatchObject({ data: [0, 100, 100] })
  })

  test('bilinear is what ONNX calls linear with half_pixel', async () => {
    const [height, width] = [7, 5]
    const values = Uint8Array.from({ length: height * width * 3 }, (_, i) => (i * 89 + 13) % 256)
    for (const [h, w] of [
      [3, 4],
      [14, 9],
      [7, 5],
      [1, 1],
    ] as const) {
      // prettier-ignore
      const resize = { op: 'Resize', in: ['x', '', '', 'sizes'], out: ['y'] }
      const bytes = model({
        graph: graph({
          nodes: [
            node({
              ...resize,
              attributes: [attribute.string('mode', 'linear'), attribute.string('coordinate_transformation_mode', 'half_pixel')],
            }),
          ],
          inputs: [value('x', elem.FLOAT, [1, 3, height, width])],
          outputs: [value('y', elem.FLOAT, [1, 3, h, w])],
          initializers: [longTensor('sizes', 1, 3, h, w)],
        }),
      })
      const session = await InferenceSession.create(bytes)
      const planes = Float32Array.from(
        { length: values.length },
        (_, i) => values[(i % (height * width)) * 3 + Math.floor(i / (height * width))]!,
      )
      const { y } = await session.run({ x: new OrtTensor('float32', planes, [1, 3, height, width]) })
      const own = resized({ width, height, channels: 3, values }, { width: w, height: h }, 'bilinear').values
      for (const [i, expected] of (y!.data as Float32Array).entries()) {
        const pixel = i % (h * w)
        expect(own[pixel * 3 + Math.floor(i / (h * w))]).toBeCloseTo(expected, 3)
      }
    }
  })

  test('resize by the shorter side, and centre crop', () => {
    const picture = raw([1, 2, 4, 1], [0, 1, 2, 3, 4, 5, 6, 7])
    expect(made(rawRules([{ step: 'resize-shorter', to: 1, method: 'nearest' }, nchw]), picture)).toEqual({
      shape: [1, 1, 1, 2],
      data: [5, 7],
    })
    const crop = rawRules([{ step: 'centre-crop', width: 2, height: 1 }, nchw])
    expect(made(crop, picture)).toEqual({ shape: [1, 1, 1, 2], data: [1, 2] })
    expect(made(crop, raw([1, 1, 1, 1], [0]))).toMatch(/too small; 2 x 1 are cut out/)
  })

  test('normalise per channel, and both layouts', () => {
    const picture = raw([1, 1, 2, 3], [255, 0, 51, 0, 102, 204])
    const normalise = { step: 'normalise', scale: [1 / 255], mean: [0.5, 0, 0.2], std: [0.5, 1, 0.2] }
    const rules = (order: string) => rawRules([normalise, { step: 'layout', order }], {}, 3)
    const [a, b, c] = [(51 / 255 - 0.2) / 0.2, 0.4, (0.8 - 0.2) / 0.2] as const
    expect(made(rules('NHWC'), picture)).toEqual({ shape: [1, 1, 2, 3], data: [1, 0, a, -1, b, expect.closeTo(c, 12) as number] })
    expect(made(rules('NCHW'), picture)).toEqual({ shape: [1, 3, 1, 2], data: [1, -1, 0, b, a, expect.closeTo(c, 12) as number] })
  })

  test('whole datatypes get the nearest whole number, ties to even, within their range', () => {
    const scaled = { step: 'normalise', scale: [0.5], mean: [0], std: [1] }
    const whole = (datatype: 'UINT8' | 'INT8', steps: unknown[]) =>
      rawRules([...steps, nchw], { inputs: [{ name: 'x', datatype, shape: [-1, 1, 1, -1] }] })
    expect(made(whole('UINT8', [scaled]), raw([1, 1, 4, 1], [1, 3, 5, 255]))).toMatchObject({ data: [0, 2, 2, 128] })
    expect(made(whole('INT8', []), raw([1, 1, 2, 1], [200, 7]))).toMatchObject({ data: [127, 7] })
  })

  test('raw pictures are bounded too', () => {
    const rules = rawRules([nchw])
    expect(made(rules, raw([1, 1, 1, 1], [9]))).toEqual({ shape: [1, 1, 1, 1], data: [9] })
    expect(made(rules, { ...raw([1, 0, 1, 1], []) })).toMatch(/no pixels/)
    expect(made(rules, { ...raw([1, 1, 1, 1], [1]), shape: [1, 40_000, 40_000, 1] })).toMatch(/takes 1600000000 values/)
  })
})

test.each([
  ['layout is missing', [decode('rgb')], /'decode': the last step is 'layout'/],
  ['decode is missing', [nchw], /needs 'decode' as its first step/],
  ['decode is late', [decode('rgb'), decode('rgb'), nchw], /step 2 'decode': it can only be the first/],
  ['a layout in the middle', [decode('rgb'), nchw, nchw], /step 2 'layout': it can only be the last/],
  ['another number of channels', [decode('gray'), { step: 'normalise', scale: [1], mean: [0, 0, 0], std: [1] }, nchw], /3 values for 1 channels/],
  ['a crop that is too large', [decode('rgb'), { step: 'resize', width: 4, height: 4, method: 'nearest' }, { step: 'centre-crop', width: 5, height: 4 }, nchw], /'centre-crop': the picture has 4 x 4 pixels/],
  ['another size than the model takes', [decode('rgb'), { step: 'resize', width: 5, height: 4, method: 'nearest' }, nchw], /makes \[rows, 3, 4, 5\]; input "x" takes FP32 \[-1, 3, 4, 4\]/],
  ['another layout than the model takes', [decode('rgb'), { step: 'layout', order: 'NHWC' }], /makes \[rows, any, any, 3\]/],
])('%s: the step is named', (_, steps, message) => {
  const rules = encodedRules(steps, { inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 3, 4, 4] }] })
  expect(() => checkPipeline(rules)).toThrow(
    expect.objectContaining({ code: 'bundle.pipeline-invalid', message: expect.stringMatching(message) as string }),
  )
}) // prettier-ignore

test('a picture that a common encoder writes', () => {
  const data = Uint8Array.from({ length: 40 * 30 * 3 }, (_, i) => (i * i) % 256)
  expect(pixelsOf(plain, encode({ width: 40, height: 30, channels: 3, depth: 8, data }))).toEqual({
    shape: [1, 30, 40, 3],
    data: [...data],
  })
})
