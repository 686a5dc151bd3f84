import type { Findings } from '../findings.ts'
import { refuseInput } from '../refuse.ts'

/** A picture in memory: rows from the top, pixels from the left, channels side by side. */
export interface Picture {
  width: number
  height: number
  channels: number
  values: Uint8Array | Float64Array
}

/** What is known of a picture before one comes; null: it depends on the picture. */
export interface PictureKind {
  width: number | null
  height: number | null
  channels: number | null
}

/** A step over one picture that fits what comes before it. */
export interface PictureChange {
  after: PictureKind
  /** @throws Problem `inference.bad-input` */
  run(picture: Picture, findings: Findings): Picture
}

/** Pixels of a picture that steps work on in double precision: 100 MB with three channels. */
export const MOST_WORKED_PIXELS = 2048 * 2048

/** @throws Problem `inference.bad-input` for a picture that is too large to work on */
export function checkWorked(width: number, height: number): void {
  if (width < 1 || height < 1 || width * height > MOST_WORKED_PIXELS)
    refuseInput(
      `A picture of ${width} x ${height} pixels cannot be worked on; ${MOST_WORKED_PIXELS} pixels are the most. Declare a resize step first.`,
    )
}
