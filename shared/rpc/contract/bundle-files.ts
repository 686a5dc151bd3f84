import { z } from 'zod'
import { modelName, modelVersionName } from '../../domain/ids.ts'
import { count, epochMs, text } from '../../protocol/message.ts'
import { command, query } from '../method.ts'
import { evaluationRecord } from './models.ts'

const ticket = z.string().regex(/^[a-z0-9]{32}$/)
const keyId = z.string().regex(/^[0-9a-f]{32}$/)

/** What a finished export says. */
export const bundleFileWritten = z.object({
  file: text(1024),
  sizeBytes: count,
  model: modelName,
  version: modelVersionName,
  digest: text(64),
  signedBy: keyId.describe('Id of the key of this console that signed the file: whoever imports it can compare.'),
  hasHoldout: z.boolean(),
})
export type BundleFileWritten = z.infer<typeof bundleFileWritten>

/** What a finished import of an exported version says. */
export const bundleFileImported = z.object({
  model: modelName,
  version: modelVersionName,
  digest: text(64),
  evaluation: evaluationRecord.nullable(),
  signedBy: keyId,
  isOwn: z.boolean().describe('The key is of this console.'),
})
export type BundleFileImported = z.infer<typeof bundleFileImported>

export const bundleFilesMethods = {
  'models.export': command(
    'Writes a version into one .muster file on the machine of the console, signed: another console imports it under the same digest. Returns a job.',
    z.strictObject({
      model: text(64),
      version: text(64).describe('A version, or an alias of the model.'),
      file: text(1024).describe('Whole path of the file, on the machine of the console; it ends in .muster.'),
      withHoldout: z.boolean().default(false).describe('Also the hold-out rows of its import, which may be personal.'),
      replace: z.boolean().default(false),
    }),
    z.object({ job: text(64) }),
  ),
  'models.inspectFile': query(
    'Looks into an uploaded .muster file: what is in it, and whose signature it has. Stores nothing.',
    z.strictObject({ file: ticket }),
    z.object({
      model: modelName,
      version: modelVersionName,
      digest: text(64),
      task: text(32),
      sizeBytes: count.describe('Of the model, the golden set and the baseline.'),
      fleet: text(64).describe('Id of the fleet that exported it.'),
      exportedAt: epochMs.describe('Clock of the console that exported it.'),
      signedBy: keyId,
      isOwn: z.boolean().describe('The key is of this console.'),
      hasBaseline: z.boolean(),
      hasGolden: z.boolean(),
      hasHoldout: z.boolean(),
      state: z.enum(['new', 'same', 'other']).describe('same: this very version is here; other: its name is taken by other content.'),
    }),
    'operator',
  ),
  'models.importFile': command(
    'Imports an uploaded .muster file: the same manifest under the same digest, signed anew by this fleet. Returns a job.',
    z.strictObject({
      file: ticket,
      signedBy: keyId
        .optional()
        .describe('The key that must have signed it; left out: whichever did, as with a model without a signature.'),
    }),
    z.object({ job: text(64) }),
  ),
} as const
