import type { PictureStep } from '../../domain/pipeline.ts'
import { checkWorked, type Picture, type PictureChange, type PictureKind } from './picture.ts'

type Method = Extract<PictureStep, { step: 'resize' }>['method']

/** Resizes to a fixed size; the proportions are not kept. */
export function compileResize(step: Extract<PictureStep, { step: 'resize' }>, before: PictureKind): PictureChange {
  const { width, height, method } = step
  return { after: { ...before, width, height }, run: (picture) => resized(picture, { width, height }, method) }
}

/** Resizes so that the shorter side has `to` pixels; the longer one has `floor(to * longer / shorter)`. */
export function compileResizeShorter(step: Extract<PictureStep, { step: 'resize-shorter' }>, before: PictureKind): PictureChange {
  const { to, method } = step
  const sizeOf = (width: number, height: number): { width: number; height: number } =>
    width <= height ? { width: to, height: Math.floor((to * height) / width) } : { width: Math.floor((to * width) / height), height: to }
  const known = before.width === null || before.height === null ? { width: null, height: null } : sizeOf(before.width, before.height)
  return { after: { ...before, ...known }, run: (picture) => resized(picture, sizeOf(picture.width, picture.height), method) }
}

/**
 * With half-pixel centres: the value at `x` of the new picture is taken at `s = (x + 0.5) * old / new - 0.5` of the old one. Nearest takes
 * the pixel `floor(s + 0.5)`; bilinear the two pixels around `s`, weighted by their distance, the same for rows. Outside the picture its
 * border goes on. There is no smoothing before making a picture smaller, and nothing is rounded.
 */
export function resized(picture: Picture, to: { width: number; height: number }, method: Method): Picture {
  checkWorked(to.width, to.height)
  const columns = placesOf(picture.width, to.width, method)
  const rows = placesOf(picture.height, to.height, method)
  const { channels, values } = picture
  const made = new Float64Array(to.width * to.height * channels)
  let at = 0
  for (let y = 0; y < to.height; y += 1) {
    const upper = rows.low[y]! * picture.width
    const lower = rows.high[y]! * picture.width
    const fy = rows.share[y]!
    for (let x = 0; x < to.width; x += 1) {
      const left = columns.low[x]!
      const right = columns.high[x]!
      const fx = columns.share[x]!
      for (let c = 0; c < channels; c += 1) {
        const top = values[(upper + left) * channels + c]! * (1 - fx) + values[(upper + right) * channels + c]! * fx
        const bottom = values[(lower + left) * channels + c]! * (1 - fx) + values[(lower + right) * channels + c]! * fx
        made[at] = top * (1 - fy) + bottom * fy
        at += 1
      }
    }
  }
  return { width: to.width, height: to.height, channels, values: made }
}

interface Places {
  low: Int32Array
  high: Int32Array
  /** Weight of `high`. */
  share: Float64Array
}

function placesOf(from: number, to: number, method: Method): Places {
  const places = { low: new Int32Array(to), high: new Int32Array(to), share: new Float64Array(to) }
  for (let i = 0; i < to; i += 1) {
    const centre = ((i + 0.5) * from) / to
    if (method === 'nearest') {
      places.low[i] = Math.min(from - 1, Math.floor(centre))
      places.high[i] = places.low[i]!
      continue
    }
    const source = Math.min(from - 1, Math.max(0, centre - 0.5))
    places.low[i] = Math.floor(source)
    places.high[i] = Math.min(from - 1, places.low[i]! + 1)
    places.share[i] = source - places.low[i]!
  }
  return places
}
