import { malformedState } from '../read-state.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
/** Five bits of a number per character; the sixth says that more follow. */
const MORE = 32

/**
 * Counts as short text: each in base 32 from its low end, with a run of zeros as a 0 followed by its length less one. A window of 100 bins with
 * few values takes about as many characters as it has filled bins.
 * @throws RangeError if an entry is no count
 */
export function packCounts(counts: readonly number[]): string {
  let packed = ''
  for (let i = 0; i < counts.length; i += 1) {
    const count = counts[i]!
    if (!Number.isSafeInteger(count) || count < 0) throw new RangeError(`${count} is no count`)
    packed += digits(count)
    if (count > 0) continue
    const first = i
    while (counts[i + 1] === 0) i += 1
    packed += digits(i - first)
  }
  return packed
}

function digits(value: number): string {
  let rest = value
  let text = ''
  while (rest >= MORE) {
    text += ALPHABET[MORE + (rest % MORE)]!
    rest = Math.floor(rest / MORE)
  }
  return text + ALPHABET[rest]!
}

/**
 * The `length` counts of a packed text.
 * @throws Problem `message.malformed` if it is not exactly what `packCounts` makes of so many counts
 */
export function unpackCounts(packed: string, length: number): number[] {
  const counts: number[] = []
  const reader = { at: 0 }
  while (reader.at < packed.length && counts.length < length) {
    const count = readDigits(packed, reader)
    if (count > 0) {
      counts.push(count)
      continue
    }
    const zeros = readDigits(packed, reader) + 1
    if (zeros > length - counts.length) throw malformedState('packed counts are more than their bins')
    for (let i = 0; i < zeros; i += 1) counts.push(0)
  }
  if (counts.length !== length || reader.at !== packed.length || packCounts(counts) !== packed) {
    throw malformedState(`packed counts are not of ${length} bins`)
  }
  return counts
}

function readDigits(packed: string, reader: { at: number }): number {
  let value = 0
  for (let scale = 1; ; scale *= MORE) {
    const digit = ALPHABET.indexOf(packed[reader.at] ?? ' ')
    if (digit < 0 || scale > 2 ** 50) throw malformedState('packed counts end early or hold a wrong character')
    reader.at += 1
    value += (digit % MORE) * scale
    if (digit < MORE) break
  }
  if (!Number.isSafeInteger(value)) throw malformedState('a packed count is too large')
  return value
}

/** What each character stands for, by its code; -1: it is none of ours. */
const VALUES = Int8Array.from({ length: 128 }, (_, code) => ALPHABET.indexOf(String.fromCharCode(code)))

/**
 * The counts of a packed text, however many up to `most`; null if it is none. For what was parsed strictly before and only adds up: very many
 * of them make one answer.
 */
export function readPackedCounts(packed: string, most: number): number[] | null {
  const counts: number[] = []
  let isRun = false
  let value = 0
  let scale = 1
  for (let at = 0; at < packed.length; at += 1) {
    const digit = VALUES[packed.charCodeAt(at)] ?? -1
    if (digit < 0 || scale > 2 ** 50) return null
    value += (digit % MORE) * scale
    scale *= MORE
    if (digit >= MORE) continue
    // A 0 is followed by the length of its run less one.
    const times: number = isRun ? value + 1 : value > 0 ? 1 : 0
    if (counts.length + times > most) return null
    for (let i = 0; i < times; i += 1) counts.push(isRun ? 0 : value)
    isRun = times === 0
    value = 0
    scale = 1
  }
  return isRun || scale > 1 ? null : counts
}
