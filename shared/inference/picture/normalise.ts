import type { PictureStep } from '../../domain/pipeline.ts'
import { refuseStep, type Place } from '../refuse.ts'
import { checkWorked, type PictureChange, type PictureKind } from './picture.ts'

/** `(value * scale - mean) / std`, per channel in the order that the picture has then; one value stands for all channels. */
export function compileNormalise(step: Extract<PictureStep, { step: 'normalise' }>, before: PictureKind, place: Place): PictureChange {
  const channels = before.channels ?? 3
  const list = (values: readonly number[]): readonly number[] => {
    if (values.length === 1) return Array.from({ length: channels }, () => values[0]!)
    return values.length === channels ? values : refuseStep(place, `${values.length} values for ${channels} channels.`)
  }
  const [scale, mean, std] = [list(step.scale), list(step.mean), list(step.std)]
  return {
    after: before,
    run(picture) {
      checkWorked(picture.width, picture.height)
      const { values } = picture
      const made = new Float64Array(values.length)
      for (let i = 0, c = 0; i < values.length; i += 1) {
        made[i] = (values[i]! * scale[c]! - mean[c]!) / std[c]!
        c = c + 1 === channels ? 0 : c + 1
      }
      return { ...picture, values: made }
    },
  }
}
