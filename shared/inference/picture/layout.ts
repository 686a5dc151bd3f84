import type { TensorSpec } from '../../domain/bundle.ts'
import type { PictureStep } from '../../domain/pipeline.ts'
import { countFinding, type Findings } from '../findings.ts'
import { quoted, refuseInput, refuseStep, type Place } from '../refuse.ts'
import { storeNumber } from '../store-number.ts'
import { emptyData, isFloating, type Tensor } from '../tensor.ts'
import type { Picture, PictureKind } from './picture.ts'

/** Elements of a prepared batch at most: 128 MB of doubles. */
const MOST_ELEMENTS = 16 * 1024 * 1024

/** Writes the pictures of a request into the input of the model. */
export interface Layout {
  input: string
  run(pictures: readonly Picture[], findings: Findings): Tensor
}

/**
 * Puts pictures into one tensor: NCHW (channel by channel) or NHWC (pixel by pixel), in the datatype of the input. Whole datatypes get the
 * nearest whole number, ties to even, kept within their range.
 */
export function compileLayout(
  step: Extract<PictureStep, { step: 'layout' }>,
  of: { before: PictureKind; place: Place; inputs: readonly TensorSpec[] },
): Layout {
  const { before, place, inputs } = of
  const spec = step.input === undefined ? inputs[0]! : inputs.find(({ name }) => name === step.input)
  if (spec === undefined || inputs.length !== 1)
    return refuseStep(place, `a picture fills a model with one input; this one has ${quoted(inputs.map(({ name }) => name))}.`)
  const { width, height, channels } = before
  const sides = step.order === 'NCHW' ? [channels, height, width] : [height, width, channels]
  const fits = spec.shape.length === 4 && sides.every((side, i) => side === null || [side, -1].includes(spec.shape[i + 1]!))
  if (!fits || ['BYTES', 'BOOL', 'INT64', 'UINT64'].includes(spec.datatype))
    refuseStep(
      place,
      `it makes [rows, ${sides.map((side) => side ?? 'any').join(', ')}]; input "${spec.name}" takes ${spec.datatype} [${spec.shape.join(', ')}].`,
    )
  return { input: spec.name, run: (pictures, findings) => laidOut(step.order, { spec, pictures, findings }) }
}

function laidOut(order: 'NCHW' | 'NHWC', of: { spec: TensorSpec; pictures: readonly Picture[]; findings: Findings }): Tensor {
  const { spec, pictures, findings } = of
  const { width, height, channels } = pictures[0]!
  if (pictures.some((one) => one.width !== width || one.height !== height))
    refuseInput('The pictures of one request differ in size, and no step gives them one.')
  const shape = order === 'NCHW' ? [pictures.length, channels, height, width] : [pictures.length, height, width, channels]
  if (spec.shape.some((side, i) => side !== -1 && side !== shape[i]))
    refuseInput(`The pictures make shape [${shape.join(', ')}]; the model takes [${spec.shape.join(', ')}].`)
  const size = width * height * channels
  if (size * pictures.length > MOST_ELEMENTS) refuseInput(`The pictures make more than ${MOST_ELEMENTS} values; send fewer at once.`)
  const data = emptyData(spec.datatype, size * pictures.length)
  const pixels = width * height
  for (const [n, { values }] of pictures.entries()) {
    for (let i = 0; i < size; i += 1) {
      const to = n * size + (order === 'NHWC' ? i : (i % channels) * pixels + Math.floor(i / channels))
      if (storeNumber(data, spec.datatype, to, isFloating(spec.datatype) ? values[i]! : wholeOf(values[i]!, spec))) continue
      countFinding(findings, 'feature.not-finite', 'reject')
      refuseInput(`Picture ${n} has the value ${values[i]} after preprocessing; the model takes numbers of ${spec.datatype}.`)
    }
  }
  return { name: spec.name, datatype: spec.datatype, shape, data }
}

const ranges: Readonly<Record<string, readonly [number, number]>> = {
  UINT8: [0, 255],
  UINT16: [0, 65_535],
  UINT32: [0, 4_294_967_295],
  INT8: [-128, 127],
  INT16: [-32_768, 32_767],
  INT32: [-2_147_483_648, 2_147_483_647],
}

function wholeOf(value: number, { datatype }: TensorSpec): number {
  const [low, high] = ranges[datatype]!
  const floor = Math.floor(value)
  const rest = value - floor
  const rounded = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor
  return Math.min(high, Math.max(low, rounded))
}
