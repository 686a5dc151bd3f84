import { z } from 'zod'
import { carriedOutcome } from '../../protocol/carry.ts'
import { count, epochMs, text } from '../../protocol/message.ts'
import { command, query } from '../method.ts'

const problem = z.object({ code: text(64), message: text(2000), hint: text(500).optional() })
const folder = text(1024).describe('Whole path of a folder that exists on the machine of the console, such as one on a USB stick.')
const selection = {
  query: text(2000).describe('Which devices; empty: all.'),
  everything: z.boolean().default(false).describe('Also what the devices reported to have.'),
}

/** What of an export is for one device. */
const plannedDevice = z.object({
  device: text(64),
  deployments: count.describe('What its order asks for.'),
  bytes: count.describe('Of models that it lacks, as far as it has said what it has.'),
  hasKey: z.boolean().describe('It can sign a receipt.'),
})

const plan = z.object({
  devices: z.array(plannedDevice).max(5000),
  skipped: z.array(z.object({ device: text(64), why: text(500) })).max(5000),
  files: count,
  bytes: count.describe('All files together; what several devices lack is carried once.'),
  expiresAt: epochMs.describe('No device takes the folder after this.'),
  freeBytes: count.nullable().describe('On the disk of the folder; null: no folder was named, or it cannot be told.'),
})
export type CarryPlan = z.infer<typeof plan>

/** What a finished export says. */
export const carryExported = z.object({
  number: count,
  folder: text(1024),
  devices: count,
  files: count,
  bytes: count,
  copied: count.describe('Bytes that were written; the rest was there, whole.'),
  expiresAt: epochMs,
})
export type CarryExported = z.infer<typeof carryExported>

/** What an import made of the receipt of one device. */
const importedDevice = z.object({
  device: text(64),
  state: z.enum(['taken', 'known', 'refused']).describe('known: this very receipt was imported before.'),
  problem: problem.nullable().describe('Why nothing of it was stored.'),
  applied: problem.nullable().describe('Why the device took nothing of the folder; null: it did.'),
  deployments: z.record(z.string(), carriedOutcome),
  issuedAt: epochMs.nullable().describe('Clock of the device.'),
  records: count.describe('New ones.'),
  duplicates: count,
})
export type ImportedDevice = z.infer<typeof importedDevice>

/** What a finished import says. */
export const carryImported = z.object({ devices: z.array(importedDevice).max(5000) })
export type CarryImported = z.infer<typeof carryImported>

export const carryMethods = {
  'carry.preview': query(
    'What an export to a folder would hold.',
    z.strictObject({ ...selection, folder: folder.nullable().default(null) }),
    plan,
    'operator',
  ),
  'carry.export': command(
    'Writes models, signed orders, trust metadata and acknowledgements to a folder, for devices without a network. What is whole there is kept.',
    z.strictObject({ ...selection, folder }),
    z.object({ job: text(64), number: count }),
  ),
  'carry.import': command(
    'Takes in what devices wrote into a folder: signed receipts, and records of their spools. What was taken before is not taken twice.',
    z.strictObject({ folder }),
    z.object({ job: text(64) }),
  ),
  'carry.list': query(
    'Exports, and the newest receipt of each device.',
    z.strictObject({}),
    z.object({
      exports: z
        .array(
          z.object({
            number: count,
            createdAt: epochMs,
            expiresAt: epochMs,
            actor: text(200),
            folder: text(1024),
            state: z.enum(['writing', 'written', 'failed']),
            devices: z.array(text(64)).max(5000),
            answered: count.describe('Devices whose receipt for it came back.'),
            bytes: count,
          }),
        )
        .max(100)
        .describe('The newest first.'),
      receipts: z
        .array(
          z.object({
            device: text(64),
            number: count.describe('Of the export that it answers.'),
            issuedAt: epochMs,
            importedAt: epochMs,
            actor: text(200),
            applied: problem.nullable(),
            deployments: z.record(z.string(), carriedOutcome),
            records: count,
          }),
        )
        .max(5000),
    }),
  ),
} as const
