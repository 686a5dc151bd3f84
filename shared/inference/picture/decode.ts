import type { PictureStep } from '../../domain/pipeline.ts'
import { bytesOfPicture } from '../bytes-text.ts'
import { refuseInput, refuseStep, type Place } from '../refuse.ts'
import { decodeJpeg } from './jpeg.ts'
import type { Picture, PictureChange, PictureKind } from './picture.ts'
import { decodePng, PictureError, type DecodedPixels } from './png.ts'

type Colour = Extract<PictureStep, { step: 'decode' }>['colour']

/** The pixels of a BYTES element. @throws Problem `inference.bad-input` that names the picture and says what is wrong */
export function readPicture(element: string, of: { index: number; maxPixels: number }): Picture {
  const bytes = bytesOfPicture(element)
  if (bytes === null) return refuseInput(`Picture ${of.index} is neither base64 text nor the bytes of a PNG or JPEG file.`)
  try {
    return decoded(bytes, of.maxPixels)
  } catch (error) {
    if (error instanceof PictureError) refuseInput(`Picture ${of.index} cannot be read: ${error.message}.`)
    throw error
  }
}

function decoded(bytes: Uint8Array, maxPixels: number): DecodedPixels {
  const png = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
  if (png.every((byte, i) => bytes[i] === byte)) return decodePng(bytes, maxPixels)
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return decodeJpeg(bytes, maxPixels)
  throw new PictureError('it is no PNG and no JPEG file')
}

/**
 * Brings a picture into the named colour: gray becomes three equal channels; colour becomes gray as
 * `(19595 R + 38470 G + 7471 B + 32768) >> 16`, the whole-number form of ITU-R BT.601 that PIL has.
 */
export function compileDecode(colour: Colour, before: PictureKind, place: Place): PictureChange {
  if (before.channels === 1 && colour !== 'gray') refuseStep(place, 'a raw picture of one channel can only be gray.')
  const after = { ...before, channels: colour === 'gray' ? 1 : 3 }
  return { after, run: (picture) => (colour === 'gray' ? grayOf(picture) : colouredOf(picture, colour)) }
}

function grayOf(picture: Picture): Picture {
  if (picture.channels === 1) return picture
  const { values } = picture
  const made = new Uint8Array(picture.width * picture.height)
  for (let pixel = 0, at = 0; pixel < made.length; pixel += 1, at += 3)
    made[pixel] = (19_595 * values[at]! + 38_470 * values[at + 1]! + 7471 * values[at + 2]! + 32_768) >> 16
  return { ...picture, channels: 1, values: made }
}

function colouredOf(picture: Picture, colour: 'rgb' | 'bgr'): Picture {
  const { values, channels } = picture
  if (channels === 3 && colour === 'rgb') return picture
  const pixels = picture.width * picture.height
  const made = new Uint8Array(pixels * 3)
  for (let pixel = 0; pixel < pixels; pixel += 1)
    for (let c = 0; c < 3; c += 1) made[pixel * 3 + c] = channels === 1 ? values[pixel]! : values[pixel * 3 + 2 - c]!
  return { ...picture, channels: 3, values: made }
}
