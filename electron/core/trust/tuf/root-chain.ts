import { Problem } from '../../../../shared/domain/problem.ts'
import type { MetadataRow } from '../../store/fleet/trust.ts'
import { isSignedBy, readRoot } from './metadata.ts'

/**
 * Makes sure that the newest root of the store follows, step by step, on one whose root keys are known from elsewhere: whoever writes to the store
 * must not tell the console whose keys count.
 * @param roots the newest first
 * @throws Problem `trust.root-damaged`
 */
export function assertFollows(roots: readonly Pick<MetadataRow, 'version' | 'bytes'>[], knownRootKeys: readonly string[]): void {
  const known = JSON.stringify([...knownRootKeys].sort())
  for (const [i, { version, bytes }] of roots.entries()) {
    if (!isSignedBy(bytes, bytes)) break
    const keys = readRoot(bytes).keys.root.map(({ publicKey }) => publicKey)
    if (JSON.stringify(keys.sort()) === known) return
    const before = roots[i + 1]
    if (before === undefined || before.version !== version - 1 || !isSignedBy(bytes, before.bytes)) break
  }
  throw new Problem('trust.root-damaged', 'The roots in the store do not follow on the root keys that this console knows.')
}
