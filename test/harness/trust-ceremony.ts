import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parseSealedKey, unsealKey } from '../../electron/core/trust/keys/sealed-key.ts'
import type { SigningKey } from '../../electron/core/trust/keys/signing-key.ts'
import { bundleDigest, type BundleDigest } from '../../shared/domain/ids.ts'
import { openTrustDesk, type TrustDesk } from './trust-desk.ts'

/** Who acts. */
export const by = { actor: 'anna' }
const passphrase = 'four words that differ'

type UnlockInput = Parameters<TrustDesk['trust']['desk']['unlock']>[0]

/** A desk whose keys people hold, with one model on the list. @param stick folder of all keys; else each has its own */
export async function afterCeremony(desk: TrustDesk = openTrustDesk(), stick?: string) {
  const digest = putBundle(desk, '{"first":1}')
  if (stick === undefined) desk.store.transact(() => desk.trust.authorise(digest, 11))
  const rootTo = stick === undefined ? ['a', 'b', 'c'].map((name) => desk.stick(name)) : [stick]
  const written = await desk.trust.desk.create(
    {
      ...{ rootTo, rootPassphrases: [passphrase], targetsTo: stick ?? desk.stick('t'), targetsPassphrase: passphrase },
      leaveDevices: false,
    },
    by,
  )
  const files = written.map(({ file }) => file)
  return {
    ...{ desk, digest, files },
    root: (i: number) => ({ path: files[i]!, passphrase }),
    /** The targets key itself, as a thief has it. */
    stolen: (): Promise<SigningKey> => unsealKey(parseSealedKey(readFileSync(files[3]!, 'utf8')), passphrase),
    unlock: (change: Partial<UnlockInput> = {}) =>
      desk.trust.desk.unlock({ key: targetsFile(files), minutes: 10, sign: [], mend: false, ...change }, by),
  }
}

/** The file of the targets key, with what opens it. */
export function targetsFile(files: readonly string[]): { path: string; passphrase: string } {
  return { path: files[3]!, passphrase }
}

/** Writes a bundle into the store, past every check. @returns its digest */
export function putBundle({ store, clock }: TrustDesk, manifest: string, as?: string): BundleDigest {
  const digest = bundleDigest.parse(as ?? createHash('sha256').update(manifest).digest('hex'))
  store.db
    .prepare('INSERT INTO bundle (digest, manifest, signatures, created_at) VALUES (?, ?, ?, ?)')
    .run(digest, Buffer.from(manifest), '[]', clock.at)
  return digest
}

/** Adds an entry to the list in the store, as somebody who can write there and has no key. */
export function tamper({ store }: TrustDesk, digest: string): void {
  const { name, bytes } = store.trust.newest('targets')!
  const file = JSON.parse(bytes.toString()) as { signed: { targets: Record<string, unknown> } }
  file.signed.targets[`bundles/${digest}`] = { length: 5, hashes: { sha256: digest } }
  store.db.prepare('UPDATE trust_metadata SET bytes = ? WHERE name = ?').run(Buffer.from(JSON.stringify(file)), name)
}
