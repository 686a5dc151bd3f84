import { createHash } from 'node:crypto'
import { createReadStream, readFileSync, statSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { artifactsOf, goldenSet, type Manifest } from '../../shared/domain/bundle.ts'
import { errorCodeOf, messageOf, Problem } from '../../shared/domain/problem.ts'
import type { BundleReference } from '../../shared/protocol/assignment.ts'
import { decodeMessage } from '../../shared/protocol/decode.ts'
import { payloadTypes } from '../../shared/protocol/envelope.ts'
import { parseManifest } from '../artifact/manifest.ts'
import type { Reusable } from '../artifact/reuse.ts'
import type { ArtifactStore } from '../artifact/store.ts'
import type { RuntimeDeployment } from '../runtime/messages.ts'
import { isSigned, type TrustedKey } from '../trust/verify.ts'
import type { JournalState } from './journal.ts'
import type { BundleContent } from './steps.ts'
import type { SetEntry } from './wanted-set.ts'

/** The bundles whose files are on this device. A file that is found damaged is removed at once, so that it can be fetched again. */
export interface Bundles {
  /** The manifest of a digest, its bytes hashed anew. @throws Problem `store.corrupt` if it is absent or other bytes are there */
  manifest(digest: string): Manifest
  /**
   * Checks a fetched manifest against the order: signature over the exact bytes, then model and version.
   * @throws Problem `bundle.signature-invalid`, `bundle.invalid`, `store.corrupt`
   */
  verify(content: BundleContent, reference: BundleReference): Manifest
  /** The manifest of a bundle whose files are all there and of the right size. @throws Problem `store.corrupt` naming the first that is not */
  complete(content: BundleContent): Manifest
  /**
   * What the runtime needs to serve a bundle, or to try it: then with its golden set and the budget of its median.
   * @throws Problem `store.corrupt` if a file is absent or of another size
   */
  runtimeDeployment(entry: SetEntry, trial: { latencyBudgetMs: number | null } | null): RuntimeDeployment
  /** Checks that the golden set, if there is one, is of a known form. @throws Problem `bundle.invalid`, `store.corrupt` */
  checkGolden(manifest: Manifest): void
  /** Hashes every file of a bundle. @throws Problem `store.corrupt` naming the first damaged one */
  verifyFiles(digest: string): Promise<void>
  /** Artifacts that other bundles on the device have, to copy equal blocks from. */
  reusable(state: JournalState): Reusable[]
  /** Removes every file that no slot of the journal and no bundle of its order needs. */
  removeUnreferenced(state: JournalState): string[]
}

/**
 * Opens the bundles in an artifact store.
 * @param keys may sign bundles, where no metadata decides
 * @param isTarget what the trust metadata says of a bundle; null: it does not decide, the keys do
 */
export function openBundles(
  store: ArtifactStore,
  keys: readonly TrustedKey[],
  isTarget: (digest: string) => boolean | null = () => null,
): Bundles {
  const damaged = (what: string, why: string): Problem =>
    new Problem('store.corrupt', `${what} on this device is damaged: ${why}.`, { hint: 'It is fetched again from the console.' })

  function readBytes(sha256: string, what: string): Buffer {
    try {
      return readFileSync(store.path(sha256))
    } catch (error) {
      throw damaged(what, errorCodeOf(error) === 'ENOENT' ? 'it is not there' : messageOf(error))
    }
  }

  function manifest(digest: string): Manifest {
    const bytes = readBytes(digest, `Manifest ${digest}`)
    if (createHash('sha256').update(bytes).digest('hex') !== digest) {
      store.remove(digest)
      throw damaged(`Manifest ${digest}`, 'its bytes have another hash')
    }
    return parseManifest(bytes, digest)
  }

  function checkSize(sha256: string, sizeBytes: number, what: string): void {
    const size = statSync(store.path(sha256), { throwIfNoEntry: false })?.size
    if (size === sizeBytes) return
    store.remove(sha256)
    throw damaged(what, size === undefined ? 'it is not there' : `it has ${size} of ${sizeBytes} bytes`)
  }

  function complete(content: BundleContent): Manifest {
    const found = manifest(content.digest)
    for (const { role, entry } of artifactsOf(found))
      checkSize(entry.sha256, entry.sizeBytes, `The ${role} of ${content.model} ${content.version}`)
    return found
  }

  const neededBy = (digest: string): string[] => {
    try {
      return [digest, ...artifactsOf(manifest(digest)).map(({ entry }) => entry.sha256)]
    } catch {
      // Without a sound manifest only the manifest itself is known to be wanted.
      return [digest]
    }
  }

  return {
    manifest,
    verify(content, reference) {
      const bytes = readBytes(content.digest, `Manifest ${content.digest}`)
      if (!(isTarget(content.digest) ?? isSigned(payloadTypes.bundle, bytes, reference.signatures, keys))) {
        throw new Problem(
          'bundle.signature-invalid',
          `Bundle ${content.model} ${content.version} carries no valid signature of a bundle key of this fleet.`,
        )
      }
      const found = parseManifest(bytes, content.digest)
      if (found.model !== content.model || found.version !== content.version) {
        throw new Problem(
          'bundle.invalid',
          `The order names ${content.model} ${content.version}, the bundle is ${found.model} ${found.version}.`,
        )
      }
      return found
    },
    complete,
    runtimeDeployment({ deployment, content, role, serving }, trial) {
      const found = complete(content)
      const { golden, baseline } = found.artifacts
      return {
        deployment,
        digest: content.digest,
        manifest: found,
        modelPath: store.path(found.artifacts.model.sha256),
        goldenPath: trial !== null && golden !== undefined ? store.path(golden.sha256) : null,
        baselinePath: baseline === undefined ? null : store.path(baseline.sha256),
        isCandidate: trial !== null,
        role,
        serving,
        latencyBudgetMs: trial?.latencyBudgetMs ?? null,
      }
    },
    checkGolden(found) {
      const golden = found.artifacts.golden
      if (golden === undefined) return
      const what = `The golden set of ${found.model} ${found.version}`
      try {
        decodeMessage(goldenSet, readBytes(golden.sha256, what).toString('utf8'), what)
      } catch (error) {
        if (error instanceof Problem && error.code === 'store.corrupt') throw error
        throw new Problem('bundle.invalid', messageOf(error), { cause: error })
      }
    },
    async verifyFiles(digest) {
      const found = manifest(digest)
      for (const { role, entry } of artifactsOf(found)) {
        const what = `The ${role} of ${found.model} ${found.version}`
        checkSize(entry.sha256, entry.sizeBytes, what)
        const hash = createHash('sha256')
        await pipeline(createReadStream(store.path(entry.sha256)), hash)
        if (hash.digest('hex') === entry.sha256) continue
        store.remove(entry.sha256)
        throw damaged(what, 'its bytes have another hash')
      }
    },
    reusable(state) {
      return slotDigests(state).flatMap((digest) => {
        try {
          return artifactsOf(manifest(digest)).flatMap(({ entry }) =>
            store.has(entry.sha256) ? [{ entry, path: store.path(entry.sha256) }] : [],
          )
        } catch {
          // Nothing can be copied from a bundle whose manifest is not there.
          return []
        }
      })
    },
    removeUnreferenced(state) {
      const assigned = Object.values(state.order?.assignment.deployments ?? {})
      const wanted = assigned.flatMap(({ bundle, beside }) => (beside === null ? [bundle.digest] : [bundle.digest, beside.bundle.digest]))
      const rejected = new Set(Object.values(state.deployments).flatMap((one) => one.rejected.map(({ digest }) => digest)))
      const kept = [...slotDigests(state), ...wanted.filter((digest) => !rejected.has(digest))]
      return store.removeUnreferenced(new Set(kept.flatMap(neededBy)))
    },
  }
}

/** Digests in any slot of any deployment. */
function slotDigests(state: JournalState): string[] {
  const slots = Object.values(state.deployments).flatMap(({ active, candidate, lastGood, beside }) => [
    ...[active, candidate, lastGood],
    // A rejected one is only named.
    beside === null || beside.state === 'rejected' ? null : beside.content,
  ])
  return [...new Set(slots.flatMap((slot) => (slot === null ? [] : [slot.digest as string])))]
}
