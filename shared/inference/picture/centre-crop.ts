import type { PictureStep } from '../../domain/pipeline.ts'
import { refuseInput, refuseStep, type Place } from '../refuse.ts'
import type { Picture, PictureChange, PictureKind } from './picture.ts'

/** Keeps the middle: from `floor((old - new) / 2)` on, in both directions. A smaller picture is refused. */
export function compileCentreCrop(step: Extract<PictureStep, { step: 'centre-crop' }>, before: PictureKind, place: Place): PictureChange {
  const { width, height } = step
  if ((before.width !== null && before.width < width) || (before.height !== null && before.height < height))
    refuseStep(place, `the picture has ${before.width ?? 'any'} x ${before.height ?? 'any'} pixels before it.`)
  return {
    after: { ...before, width, height },
    run(picture) {
      if (picture.width < width || picture.height < height)
        refuseInput(`A picture of ${picture.width} x ${picture.height} pixels is too small; ${width} x ${height} are cut out of it.`)
      return cropped(picture, width, height)
    },
  }
}

function cropped(picture: Picture, width: number, height: number): Picture {
  const { channels, values } = picture
  const left = Math.floor((picture.width - width) / 2)
  const top = Math.floor((picture.height - height) / 2)
  const size = width * height * channels
  const made = values instanceof Uint8Array ? new Uint8Array(size) : new Float64Array(size)
  for (let y = 0; y < height; y += 1) {
    const from = ((top + y) * picture.width + left) * channels
    made.set(values.subarray(from, from + width * channels), y * width * channels)
  }
  return { width, height, channels, values: made }
}
