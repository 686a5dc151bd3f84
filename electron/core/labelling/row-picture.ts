import type { Manifest } from '../../../shared/domain/bundle.ts'
import { pictureOf } from '../../../shared/domain/picture-shape.ts'
import { requestSpecs } from '../../../shared/inference/pipeline.ts'
import { readPicture } from '../../../shared/inference/picture/decode.ts'
import { MOST_PIXELS } from '../../../shared/inference/picture/pictures.ts'
import type { LabellingTask } from '../../../shared/rpc/contract/labelling.ts'
import type { RowInput } from './row-input.ts'

type Image = NonNullable<LabellingTask['image']>
type Input = RowInput['inputs'][number]

/** Longest side that is shown: a person tells a class from it, and a page of the queue stays small. */
const LONGEST_SIDE = 160
/** A matrix of fewer points per side is no picture. */
const SMALLEST_SIDE = 4

/**
 * The picture of a row, or null where it has none. The manifest decides first: preprocessing of pictures says what the request holds. Else a
 * single input of three dimensions with 1, 3 or 4 channels at one end is a picture, and so is one matrix whose features are named like the
 * points of a square (pixel_0_0, px12). A row with a masked value has no picture.
 */
export function imageOf({ inputs }: RowInput, manifest: Manifest): Image | null {
  const [input] = inputs
  if (input === undefined || inputs.length !== 1 || input.data.includes(null)) return null
  const { preprocessing } = manifest
  if (preprocessing.v === 2 && preprocessing.kind === 'picture') {
    const { form, maxPixels = MOST_PIXELS } = preprocessing.picture
    return form === 'encoded' ? decoded(input, maxPixels) : raw(input, [...input.shape], (value) => value / 255)
  }
  const spec = requestSpecs(manifest).find(({ name }) => name === input.name)
  if (spec !== undefined && input.shape.length === 3 && spec.shape.length === 4) return raw(input, [...input.shape], spread(input))
  const shape = pictureOf(manifest.schema.features)
  if (shape === null || input.data.length !== shape.side ** 2) return null
  // Dark on light, as the test bench draws such rows.
  const range = shape.high - shape.low
  return raw(input, [shape.side, shape.side, 1], (value) => 1 - (value - shape.low) / range)
}

function decoded({ data }: Input, maxPixels: number): Image | null {
  const [element] = data
  if (typeof element !== 'string') return null
  try {
    const { width, height, channels, values } = readPicture(element, { index: 0, maxPixels })
    return shrunk({ width, height, channels }, (pixel, channel) => values[pixel * channels + channel]! / 255)
  } catch {
    // A picture that cannot be read was refused by the model as well; its row is shown without one.
    return null
  }
}

/** A tensor [height, width, channels] or [channels, height, width]. */
function raw({ data }: Input, shape: readonly number[], level: (value: number) => number): Image | null {
  const [a = 0, b = 0, c = 0] = shape
  if (!isChannels(a) && !isChannels(c)) return null
  // Where both ends may be channels, the smaller one is: pictures have more points than colours.
  const isLast = isChannels(c) && (!isChannels(a) || c <= a)
  const [height, width, channels] = isLast ? [a, b, c] : [b, c, a]
  if (height < SMALLEST_SIDE || width < SMALLEST_SIDE || data.length !== height * width * channels) return null
  const at = isLast
    ? (pixel: number, channel: number) => pixel * channels + channel
    : (pixel: number, channel: number) => channel * height * width + pixel
  return shrunk({ width, height, channels }, (pixel, channel) => level(Number(data[at(pixel, channel)])))
}

function isChannels(size: number): boolean {
  return size === 1 || size === 3 || size === 4
}

/** Levels between the smallest and the largest value of the row: what a model takes may be normalised in any way. */
function spread({ data }: Input): (value: number) => number {
  const values = data.map(Number).filter(Number.isFinite)
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of values) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return (value) => (high > low ? (value - low) / (high - low) : 0)
}

/** The picture with no side longer than is shown: each point the mean of those that it stands for. */
function shrunk(
  { width, height, channels }: { width: number; height: number; channels: number },
  levelAt: (pixel: number, channel: number) => number,
): Image {
  const step = Math.max(1, Math.ceil(Math.max(width, height) / LONGEST_SIDE))
  const made = { width: Math.ceil(width / step), height: Math.ceil(height / step), channels }
  const pixels: number[] = []
  for (let y = 0; y < made.height; y += 1) {
    for (let x = 0; x < made.width; x += 1) {
      for (let channel = 0; channel < channels; channel += 1) {
        let sum = 0
        let count = 0
        for (let row = y * step; row < Math.min(height, (y + 1) * step); row += 1) {
          for (let column = x * step; column < Math.min(width, (x + 1) * step); column += 1) {
            sum += levelAt(row * width + column, channel)
            count += 1
          }
        }
        const level = sum / count
        pixels.push(Number.isFinite(level) ? Math.round(Math.max(0, Math.min(1, level)) * 1000) / 1000 : 0)
      }
    }
  }
  return { ...made, pixels }
}
