import type { Manifest } from '../../domain/bundle.ts'
import type { PicturePreprocessing, PictureStep, RawPicture } from '../../domain/pipeline.ts'
import type { Findings } from '../findings.ts'
import { refuseInput, refuseStep, type Place } from '../refuse.ts'
import { elementCount, type Tensor } from '../tensor.ts'
import { compileCentreCrop } from './centre-crop.ts'
import { compileDecode, readPicture } from './decode.ts'
import { compileLayout } from './layout.ts'
import { compileNormalise } from './normalise.ts'
import type { Picture, PictureChange, PictureKind } from './picture.ts'
import { compileResize, compileResizeShorter } from './resize.ts'

/** Pixels of a picture that are decoded unless the bundle says otherwise. */
export const MOST_PIXELS = 4_194_304

/** Preprocessing of form 2 over pictures, ready to run. */
export interface PicturePlan {
  /** From the request to the input of the model. @throws Problem `inference.bad-input` */
  run(tensors: readonly Tensor[], findings: Findings): Tensor[]
}

/** @throws Problem `bundle.pipeline-invalid` naming the step that does not fit */
export function compilePictures({ picture, steps }: PicturePreprocessing, { inputs }: Pick<Manifest, 'inputs'>): PicturePlan {
  const place = (i: number): Place => `preprocessing step ${i + 1} '${steps[i]!.step}'`
  if (picture.form === 'encoded' && picture.channels !== undefined)
    refuseStep('preprocessing picture', 'an encoded picture says itself how many channels it has.')
  let kind: PictureKind = { width: null, height: null, channels: picture.form === 'encoded' ? null : (picture.channels ?? 3) }
  const changes: PictureChange[] = []
  for (const [i, step] of steps.slice(0, -1).entries()) {
    const change = compileChange(step, { before: kind, place: place(i), isFirst: i === 0 })
    changes.push(change)
    kind = change.after
  }
  const last = steps.at(-1)!
  if (last.step !== 'layout') return refuseStep(place(steps.length - 1), "the last step is 'layout', which fills the input of the model.")
  if (kind.channels === null) refuseStep('preprocessing', "an encoded picture needs 'decode' as its first step.")
  const layout = compileLayout(last, { before: kind, place: place(steps.length - 1), inputs })
  return {
    run(tensors, findings) {
      const raw = tensors[0]!
      const pictures = Array.from({ length: raw.shape[0]! }, (_, index) =>
        changes.reduce((made, change) => change.run(made, findings), given(picture, raw, index)),
      )
      return [layout.run(pictures, findings)]
    },
  }
}

function compileChange(step: PictureStep, of: { before: PictureKind; place: Place; isFirst: boolean }): PictureChange {
  const { before, place } = of
  if (step.step === 'decode') {
    if (!of.isFirst) refuseStep(place, 'it can only be the first step.')
    return compileDecode(step.colour, before, place)
  }
  if (before.channels === null) refuseStep(place, "an encoded picture needs 'decode' as its first step.")
  switch (step.step) {
    case 'resize':
      return compileResize(step, before)
    case 'resize-shorter':
      return compileResizeShorter(step, before)
    case 'centre-crop':
      return compileCentreCrop(step, before, place)
    case 'normalise':
      return compileNormalise(step, before, place)
    case 'layout':
      return refuseStep(place, 'it can only be the last step.')
  }
}

function given({ form, maxPixels = MOST_PIXELS }: RawPicture, raw: Tensor, index: number): Picture {
  if (form === 'encoded') return readPicture((raw.data as string[])[index]!, { index, maxPixels })
  const [, height, width, channels] = raw.shape as [number, number, number, number]
  if (width < 1 || height < 1) refuseInput('A picture has no pixels.')
  if (width * height > maxPixels) refuseInput(`Pictures of ${width} x ${height} pixels came; ${maxPixels} pixels are the most.`)
  const size = elementCount(raw.shape.slice(1))
  return { width, height, channels, values: (raw.data as Uint8Array).subarray(index * size, (index + 1) * size) }
}
