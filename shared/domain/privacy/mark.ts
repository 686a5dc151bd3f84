/** What a person marks a field as: it holds what is personal, or it says whom a row is about. */
export const markKinds = ['personal', 'subject'] as const
export type MarkKind = (typeof markKinds)[number]

/** What leaves the device of a marked field: nothing, a keyed hash, two digits, or, for a reason, the value. */
export const markMasks = ['drop', 'hash', 'round', 'none'] as const
export type MarkMask = (typeof markMasks)[number]

/** What each choice means, for people. */
export const maskWords: Record<MarkMask, string> = {
  drop: 'nothing of it leaves the device',
  hash: 'leaves the device as a keyed hash, which tells equal values and nothing else',
  round: 'leaves the device with two significant digits',
  none: 'leaves the device as it is',
}

/** A field that somebody marked. It counts for every model that has a field of this name. */
export interface FieldMark {
  field: string
  kind: MarkKind
  mask: MarkMask
  reason: string
  setBy: string
  setAt: number
}

type Mask = Exclude<MarkMask, 'none'>
const strictestFirst: readonly Mask[] = ['drop', 'hash', 'round']

/** The masks of a configuration with those of marked fields; of two for one field the one counts that hides more. */
export function masksWithMarks(
  masks: Readonly<Record<string, Mask>>,
  marks: readonly Pick<FieldMark, 'field' | 'mask'>[],
): Record<string, Mask> {
  const all = new Map(Object.entries(masks))
  for (const { field, mask } of marks) {
    if (mask === 'none') continue
    all.set(
      field,
      strictestFirst.find((one) => one === mask || one === all.get(field))!,
    )
  }
  return Object.fromEntries(all)
}
