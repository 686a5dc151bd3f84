import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { RowOutcome } from '../../shared/inference/outcome.ts'
import { KeyedMac } from './keyed-mac.ts'

/**
 * A prediction id that needs no memory: it carries what feedback must know, authenticated, so a label can come days later,
 * after restarts and after other models.
 *
 * Layout, base64url: version (1 byte), tag of deployment and bundle (8), time (6, epoch ms), nonce (4), rows of the request
 * (varint), rows carried (varint), the carried rows, HMAC-SHA256 over all of that (first 10 bytes).
 * A carried row is a kind byte and: 0 class index; 1 class index, confidence; 2 class text; 3 class text, confidence;
 * 4 value as binary32; 5 value as binary64. A confidence is 2 bytes, in units of 1/65535.
 */
export interface Prediction {
  /** Epoch ms, device clock. */
  predictedAt: number
  /** Rows of the request. */
  rows: number
  /** The first of them that fit: see `CARRIED_ROWS`. */
  outcomes: CarriedOutcome[]
}

/** What the model said about a row; `text` is set where the bundle declares no labels and the class is a text. */
export type CarriedOutcome =
  | { kind: 'class'; index: number; text: string | null; confidence: number | null }
  | { kind: 'value'; value: number }

/** A token carries at most so many rows: it has to fit into a header or a column of the client. */
export const CARRIED_ROWS = 64
/** Bytes of the carried rows. */
const CARRIED_BYTES = 1536
const VERSION = 1
const TAG_BYTES = 8
const MAC_BYTES = 10
const HEAD_BYTES = 1 + TAG_BYTES + 6 + 4
/** Of the token, after an id that a client chose. */
const DIGEST_CHARACTERS = 12
/** Longest token that is looked at, characters. */
const MAX_TOKEN_CHARACTERS = 4096

/** Eight bytes that name a deployment and the bundle in it. */
export function subjectTag(deployment: string, digest: string): Buffer {
  return createHash('sha256').update(`${deployment}\n${digest}`).digest().subarray(0, TAG_BYTES)
}

/** Makes the ids of predictions. */
export class PredictionIds {
  readonly #mac: KeyedMac
  readonly #scratch = Buffer.alloc(HEAD_BYTES + 20 + CARRIED_BYTES + MAC_BYTES)
  #nonce: number

  /** @param firstNonce 32 random bits: it keeps two predictions of one millisecond apart, and generations must not repeat each other */
  constructor(key: string, firstNonce: number) {
    this.#mac = new KeyedMac(key)
    this.#nonce = firstNonce >>> 0
  }

  /** The id of one prediction. */
  make(tag: Buffer, of: { predictedAt: number; rows: number; outcomes: readonly RowOutcome[] }): string {
    const id = this.#scratch
    this.#nonce = (this.#nonce + 1) >>> 0
    id[0] = VERSION
    tag.copy(id, 1)
    id.writeUIntBE(Math.min(Math.max(0, Math.trunc(of.predictedAt)), 2 ** 48 - 1), 1 + TAG_BYTES, 6)
    id.writeUInt32BE(this.#nonce, 1 + TAG_BYTES + 6)
    const afterRows = writeVarint(id, HEAD_BYTES, of.rows)
    const most = Math.min(of.outcomes.length, CARRIED_ROWS)
    // The number of carried rows comes first and is known last; it takes one byte.
    let end = afterRows + 1
    let carried = 0
    for (; carried < most; carried += 1) {
      const next = writeRow(id, end, of.outcomes[carried]!)
      if (next - (afterRows + 1) > CARRIED_BYTES) break
      end = next
    }
    id[afterRows] = carried
    this.#mac.sign(id, end, MAC_BYTES)
    return id.toString('base64url', 0, end + MAC_BYTES)
  }
}

/** Reads an id; `null` if it was not made with this key, is written in another way than it was made, or is no id at all. */
export function readPredictionId(key: string, id: string): { tag: Buffer; prediction: Prediction } | null {
  if (id.length > MAX_TOKEN_CHARACTERS || !/^[A-Za-z0-9_-]+$/.test(id)) return null
  const bytes = Buffer.from(id, 'base64url')
  if (bytes.length < HEAD_BYTES + 2 + MAC_BYTES || bytes[0] !== VERSION) return null
  // Other spellings of the same bytes would be other predictions in the records, and a label would count twice.
  if (bytes.toString('base64url') !== id) return null
  const payload = bytes.subarray(0, -MAC_BYTES)
  if (!timingSafeEqual(macOf(key, payload), bytes.subarray(-MAC_BYTES))) return null
  // The bytes are ours from here on: no field can be wrong.
  const cursor = { bytes: payload, at: HEAD_BYTES }
  const rows = readVarint(cursor)
  const carried = readVarint(cursor)
  return {
    tag: payload.subarray(1, 1 + TAG_BYTES),
    prediction: {
      predictedAt: payload.readUIntBE(1 + TAG_BYTES, 6),
      rows,
      outcomes: Array.from({ length: carried }, () => decodeRow(cursor)),
    },
  }
}

/**
 * The id of a prediction as records carry it, at most 128 characters; a hash stands for a longer id. Clients reuse the ids that they
 * choose, after a restart or for another model, so such an id is followed by `~` and a digest of the token: no two predictions share one.
 */
export function recordId(id: string, token: string): string {
  if (id === token) return shortened(id, 128)
  return `${shortened(id, 128 - 1 - DIGEST_CHARACTERS)}~${sha256(token).slice(0, DIGEST_CHARACTERS)}`
}

function shortened(id: string, most: number): string {
  return id.length <= most ? id : `sha256-${sha256(id)}`
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function macOf(key: string, payload: Buffer): Buffer {
  return createHmac('sha256', key).update(payload).digest().subarray(0, MAC_BYTES)
}

/** @returns where the row ends; more than the buffer takes is cut, and lies beyond what may be carried */
function writeRow(into: Buffer, at: number, outcome: RowOutcome): number {
  if (at + 20 > into.length) return into.length + CARRIED_BYTES
  if (outcome.kind === 'value') {
    const isSingle = Math.fround(outcome.value) === outcome.value
    into[at] = isSingle ? 4 : 5
    return isSingle ? into.writeFloatBE(outcome.value, at + 1) : into.writeDoubleBE(outcome.value, at + 1)
  }
  const isText = outcome.index < 0
  into[at] = (isText ? 2 : 0) + (outcome.confidence === null ? 0 : 1)
  let end = at + 1
  if (isText) {
    const bytes = Buffer.byteLength(outcome.label, 'utf8')
    if (end + bytes + 12 > into.length) return into.length + CARRIED_BYTES
    end = writeVarint(into, end, bytes)
    end += into.write(outcome.label, end, 'utf8')
  } else end = writeVarint(into, end, outcome.index)
  return outcome.confidence === null ? end : into.writeUInt16BE(Math.round(outcome.confidence * 65_535), end)
}

interface Cursor {
  bytes: Buffer
  at: number
}

function decodeRow(cursor: Cursor): CarriedOutcome {
  const kind = cursor.bytes[cursor.at]!
  cursor.at += 1
  if (kind >= 4) {
    const value = kind === 4 ? cursor.bytes.readFloatBE(cursor.at) : cursor.bytes.readDoubleBE(cursor.at)
    cursor.at += kind === 4 ? 4 : 8
    return { kind: 'value', value }
  }
  let index = -1
  let text: string | null = null
  if (kind >= 2) {
    const length = readVarint(cursor)
    text = cursor.bytes.toString('utf8', cursor.at, cursor.at + length)
    cursor.at += length
  } else index = readVarint(cursor)
  if (kind % 2 === 0) return { kind: 'class', index, text, confidence: null }
  cursor.at += 2
  return { kind: 'class', index, text, confidence: cursor.bytes.readUInt16BE(cursor.at - 2) / 65_535 }
}

function writeVarint(into: Buffer, at: number, value: number): number {
  let rest = value
  let end = at
  for (; rest > 127; end += 1) {
    into[end] = (rest % 128) | 128
    rest = Math.floor(rest / 128)
  }
  into[end] = rest
  return end + 1
}

function readVarint(cursor: Cursor): number {
  let value = 0
  let scale = 1
  for (;;) {
    const byte = cursor.bytes[cursor.at]!
    cursor.at += 1
    value += (byte & 127) * scale
    if (byte < 128) return value
    scale *= 128
  }
}
