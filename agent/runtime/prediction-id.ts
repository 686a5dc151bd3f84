import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { RowOutcome } from '../../shared/inference/outcome.ts'

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

/** Makes the id of a prediction. `nonce` (32 bits) keeps two predictions of one millisecond apart. */
export function makePredictionId(
  key: string,
  tag: Buffer,
  of: { predictedAt: number; rows: number; outcomes: readonly RowOutcome[] },
  nonce: number,
): string {
  const rows: Buffer[] = []
  let bytes = 0
  for (const outcome of of.outcomes.slice(0, CARRIED_ROWS)) {
    const row = encodeRow(outcome)
    if (bytes + row.length > CARRIED_BYTES) break
    bytes += row.length
    rows.push(row)
  }
  const head = Buffer.allocUnsafe(HEAD_BYTES)
  head[0] = VERSION
  tag.copy(head, 1)
  head.writeUIntBE(Math.min(Math.max(0, Math.trunc(of.predictedAt)), 2 ** 48 - 1), 1 + TAG_BYTES, 6)
  head.writeUInt32BE(nonce >>> 0, 1 + TAG_BYTES + 6)
  const payload = Buffer.concat([head, varint(of.rows), varint(rows.length), ...rows])
  return Buffer.concat([payload, macOf(key, payload)]).toString('base64url')
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

function encodeRow(outcome: RowOutcome): Buffer {
  if (outcome.kind === 'value') {
    const isSingle = Math.fround(outcome.value) === outcome.value
    const row = Buffer.allocUnsafe(isSingle ? 5 : 9)
    row[0] = isSingle ? 4 : 5
    if (isSingle) row.writeFloatBE(outcome.value, 1)
    else row.writeDoubleBE(outcome.value, 1)
    return row
  }
  const confidence = Buffer.alloc(outcome.confidence === null ? 0 : 2)
  if (outcome.confidence !== null) confidence.writeUInt16BE(Math.round(outcome.confidence * 65_535))
  const isText = outcome.index < 0
  const kind = Buffer.of((isText ? 2 : 0) + (outcome.confidence === null ? 0 : 1))
  if (!isText) return Buffer.concat([kind, varint(outcome.index), confidence])
  const text = Buffer.from(outcome.label, 'utf8')
  return Buffer.concat([kind, varint(text.length), text, confidence])
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

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  while (rest > 127) {
    bytes.push((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
  return Buffer.from(bytes)
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
