import { z } from 'zod'
import { csvText } from '../csv.ts'
import { base64, count, epochMs, text } from '../../protocol/message.ts'
import { envelope } from '../../protocol/envelope.ts'
import { withoutDevices } from './entry.ts'
import { MAX_PROOF_HASHES } from './merkle.ts'

const hexHash = z.string().regex(/^[0-9a-f]{64}$/)

/** Which entries are asked for; what is left out does not matter. */
export const auditFilter = z.strictObject({
  actor: text(200).optional().describe('A part of the actor, such as anna.'),
  action: text(64).optional().describe('A part of the action, such as rollouts.'),
  device: text(64).optional(),
  text: text(200).optional().describe('A part of what the entry says.'),
  from: epochMs.optional(),
  through: epochMs.optional(),
})
export type AuditFilterInput = z.infer<typeof auditFilter>

/** First line of an export: what it is of, and the signed checkpoint that every entry is proven against. */
export const exportHead = z.looseObject({
  kind: z.literal('header'),
  v: z.literal(1),
  fleet: text(64),
  exportedAt: epochMs,
  filter: auditFilter,
  size: count.describe('Entries that the checkpoint covers; later ones are not exported.'),
  checkpoint: envelope.describe('Signed DSSE envelope of a Checkpoint.'),
  keys: z.array(base64.max(64)).max(20).describe('Public keys of the fleet, as the console had them: compare them with those you know.'),
})
export type ExportHead = z.infer<typeof exportHead>

/** One entry of an export, with what proves it. */
export const exportEntry = z.looseObject({
  kind: z.literal('entry'),
  seq: z.int().positive(),
  at: epochMs,
  actor: text(300).describe('As it is hashed; a person stands as a reference.'),
  action: text(128),
  detail: z.string().describe('JSON, as it is hashed.'),
  previousHash: z.string().regex(/^([0-9a-f]{64})?$/),
  hash: hexHash,
  redactedBy: z.int().positive().nullable(),
  leaf: base64.max(64).nullable().describe('Of an entry that can no longer be read.'),
  devices: z.array(text(64)).describe('Devices that it is about, the first hundred.'),
  personal: z
    .record(z.string(), z.object({ salt: base64.max(64), text: z.string() }))
    .describe('Texts of the references that were not erased.'),
  proof: z.array(base64.max(64)).max(MAX_PROOF_HASHES).nullable().describe('RFC 6962 inclusion proof; null: the file holds the whole log.'),
})
export type ExportEntry = z.infer<typeof exportEntry>

/** Last line: a file that was cut off has none. */
export const exportEnd = z.looseObject({ kind: z.literal('end'), entries: count })

/** Any line of an export. */
export const exportLine = z.discriminatedUnion('kind', [exportHead, exportEntry, exportEnd])

/** True if the filter leaves nothing out: then the entries prove each other. */
export function isWholeLog(filter: AuditFilterInput): boolean {
  return Object.values(filter).every((value) => value === undefined)
}

/** Columns of an export as CSV: for reading, not for verifying. */
export const csvColumns = ['entry', 'at', 'actor', 'action', 'devices', 'detail', 'hash', 'previous hash', 'proof'] as const

/** Entries as rows of CSV, without a header; what is personal stands in its place, where it was not erased. */
export function csvOfEntries(entries: readonly ExportEntry[]): string {
  return csvText([], entries.map(csvRow)).replace(/^\r\n/, '')
}

function csvRow(entry: ExportEntry): (string | number)[] {
  const { seq, at, actor, action, devices, detail, hash, previousHash, proof, personal } = entry
  const filled = (value: string): string =>
    Object.entries(personal).reduce(
      (rest, [ref, one]) => rest.replaceAll(`{"$personal":"${ref}"}`, JSON.stringify(one.text)).replaceAll(`::${ref}`, `:${one.text}`),
      value,
    )
  return [
    seq,
    new Date(at).toISOString(),
    filled(actor),
    action,
    devices.join(' '),
    filled(withoutDevices(detail)),
    hash,
    previousHash,
    (proof ?? []).join(' '),
  ]
}
