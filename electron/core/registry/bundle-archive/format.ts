import { z } from 'zod'
import { modelName, modelVersionName, sha256 } from '../../../../shared/domain/ids.ts'
import { envelope } from '../../../../shared/protocol/envelope.ts'
import { base64, epochMs, text } from '../../../../shared/protocol/message.ts'

// A `.muster` file is a tar archive (POSIX ustar) in one fixed form: the signed index, then the files that it names, in its order. Any tool
// opens it; the console takes only what it would have written itself, byte for byte, and never makes a path of a name that is in there.

/** Name of the first member. */
export const INDEX = 'index.json' as const
/** Every other member that there can be, in its order; the last one only where somebody asked for it. */
export const memberNames = ['manifest.json', 'model.onnx', 'baseline.json', 'golden.json', 'holdout.csv'] as const
export type MemberName = (typeof memberNames)[number]

/** Every name that a member can have. */
export const knownNames: readonly (MemberName | typeof INDEX)[] = [INDEX, ...memberNames]

/** A tar block; headers and padding are whole ones. */
export const BLOCK = 512
const GIB = 1024 ** 3

/** Most bytes of each member; what is read as JSON is small enough to be read between two calls. What an upload may have is the bound of all of them together. */
export const memberLimits: Record<MemberName | typeof INDEX, number> = {
  [INDEX]: 256 * 1024,
  'manifest.json': 4 * 1024 * 1024,
  'model.onnx': 8 * GIB - 1,
  'baseline.json': 8 * 1024 * 1024,
  'golden.json': 8 * 1024 * 1024,
  'holdout.csv': 8 * GIB - 1,
}

/** What the index says; its bytes are what was signed. */
export const bundleFileIndex = z.looseObject({
  v: z.literal(1),
  fleet: text(64).describe('Id of the fleet that exported it.'),
  exportedAt: epochMs,
  model: modelName,
  version: modelVersionName,
  digest: sha256.describe('SHA-256 of manifest.json.'),
  holdoutName: text(512).nullable(),
  files: z
    .array(z.strictObject({ name: z.enum(memberNames), sizeBytes: z.int().positive(), sha256 }))
    .min(2)
    .max(memberNames.length),
})
export type BundleFileIndex = z.infer<typeof bundleFileIndex>

/** The first member: the index as it was signed, and the public half of the key (raw Ed25519). */
export const signedIndex = z.strictObject({ envelope, publicKey: base64.length(44) })

/** Header of a member: a plain file without owner and time, so that the same version makes the same archive. */
export function headerOf(name: string, sizeBytes: number): Buffer {
  const header = Buffer.alloc(BLOCK)
  const octal = (value: number, at: number, digits: number): void =>
    void header.write(value.toString(8).padStart(digits, '0'), at, 'latin1')
  header.write(name, 0, 'latin1')
  octal(0o644, 100, 7)
  octal(0, 108, 7)
  octal(0, 116, 7)
  octal(sizeBytes, 124, 11)
  octal(0, 136, 11)
  header.write('0', 156, 'latin1')
  header.write('ustar\u000000', 257, 'latin1')
  // The sum counts its own field as spaces.
  header.fill(' ', 148, 156)
  const sum = header.reduce((all, byte) => all + byte, 0)
  octal(sum, 148, 6)
  header[154] = 0
  return header
}

/** Zeros after so many bytes, up to the next block. */
export function paddingAfter(sizeBytes: number): number {
  return (BLOCK - (sizeBytes % BLOCK)) % BLOCK
}
