import { Problem } from '../../../../shared/domain/problem.ts'

/** A place in the order of events, the newest first: time of the device, then record. */
export interface EventPlace {
  at: number
  spool: number
  seq: number
}

/** Before every event. */
export const newestPlace: EventPlace = { at: Number.MAX_SAFE_INTEGER, spool: Number.MAX_SAFE_INTEGER, seq: Number.MAX_SAFE_INTEGER }

/** A place as the text of a cursor. */
export function writePlace({ at, spool, seq }: EventPlace): string {
  return `${at}.${spool}.${seq}`
}

/** @throws Problem `input.invalid` for a text that no answer carried */
export function readPlace(text: string): EventPlace {
  const [at, spool, seq, ...rest] = text.split('.')
  if (rest.length > 0) throw notACursor()
  return { at: readNumber(at), spool: readNumber(spool), seq: readNumber(seq) }
}

/** A whole number of a cursor. @throws Problem `input.invalid` */
export function readNumber(text: string | undefined): number {
  const number = text === undefined || !/^\d{1,16}$/.test(text) ? Number.NaN : Number(text)
  if (!Number.isSafeInteger(number)) throw notACursor()
  return number
}

function notACursor(): Problem {
  return new Problem('input.invalid', '`before` is not the `next` of an earlier answer.')
}
