/** A square picture that the features of a row are the points of, row by row. */
export interface PictureShape {
  /** Points per side. */
  side: number
  low: number
  high: number
}

/** Sides that are drawn: below it is no picture, above the points are too small to see apart. */
const SIDES = { least: 4, most: 32 } as const

interface NamedFeature {
  name: string
  min: number | null
  max: number | null
}

/** Tells whether features look like the points of a square picture by their names, such as pixel_0_0 or px12; `null`: they do not. */
export function pictureOf(features: readonly NamedFeature[]): PictureShape | null {
  const side = Math.sqrt(features.length)
  if (!Number.isInteger(side) || side < SIDES.least || side > SIDES.most) return null
  if (!isByPlace(features, side) && !isByNumber(features)) return null
  const lows = features.flatMap(({ min }) => (min === null ? [] : [min]))
  const highs = features.flatMap(({ max }) => (max === null ? [] : [max]))
  const low = lows.length === 0 ? 0 : Math.min(...lows)
  const high = highs.length === 0 ? 1 : Math.max(...highs)
  return { side, low, high: high > low ? high : low + 1 }
}

/** Names that end with row and column, in reading order. */
function isByPlace(features: readonly NamedFeature[], side: number): boolean {
  const places = features.map(({ name }) => /(\d+)[^\d](\d+)$/.exec(name))
  const [first] = places
  if (first === null || first === undefined) return false
  const [top, left] = [Number(first[1]), Number(first[2])]
  return places.every(
    (place, i) => place !== null && Number(place[1]) === top + Math.floor(i / side) && Number(place[2]) === left + (i % side),
  )
}

/** Names of points that are numbered through: only a word for a point makes them a picture. */
function isByNumber(features: readonly NamedFeature[]): boolean {
  const first = /^(.*?)(\d+)$/.exec(features[0]?.name ?? '')
  if (first === null || !/pix|px|point|gr[ae]y|im(a)?g/i.test(first[1]!)) return false
  const start = Number(first[2])
  return features.every(({ name }, i) => name === `${first[1]}${start + i}`)
}
