import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { tasks } from '../../shared/domain/bundle.ts'
import { errorCodeOf, messageOf } from '../../shared/domain/problem.ts'
import { replaceFile } from '../../shared/store/durable-file.ts'
import type { Log } from '../log.ts'
import { labelFields } from '../runtime/masking/label-masks.ts'
import type { KnownBundle, RuntimeDeployment } from '../runtime/messages.ts'

/** Feedback finds predictions of so many earlier bundles. */
const MAX_BUNDLES = 32
/** Labels may be many: the oldest bundles are forgotten beyond this size, characters of JSON. */
const MAX_CHARACTERS = 4 * 1024 * 1024
const FILE = 'known-bundles.json'

const knownFile = z.object({
  v: z.literal(1),
  bundles: z.array(
    z.object({
      deployment: z.string(),
      digest: z.string(),
      model: z.string(),
      version: z.string(),
      task: z.enum(tasks),
      labels: z.array(z.string()),
      fields: z.object({ outcome: z.array(z.string()), confidence: z.string().nullable() }).optional(),
    }),
  ),
})

/** The bundles that were served here, newest last, on disk: a label may come after restarts and other models. */
export interface KnownBundles {
  all(): KnownBundle[]
  /** Remembers what is going to be served. A full disk only costs late feedback, so it is logged and no error. */
  add(deployments: readonly RuntimeDeployment[]): void
}

/** Opens the list in a folder; a damaged file is set aside and a new list begun. */
export function openKnownBundles(directory: string, log: Log): KnownBundles {
  let bundles = read(directory, log)
  return {
    all: () => bundles,
    add(deployments) {
      const added = deployments.map(bundleOf)
      const isSame = (one: KnownBundle, other: KnownBundle): boolean => one.deployment === other.deployment && one.digest === other.digest
      if (added.every((one) => bundles.some((known) => isSame(one, known)))) return
      bundles = bounded([...bundles.filter((known) => !added.some((one) => isSame(one, known))), ...added])
      try {
        const calls = { openSync, writeSync, fsyncSync, closeSync, renameSync }
        replaceFile(calls, { directory, name: FILE }, Buffer.from(JSON.stringify({ v: 1, bundles })))
      } catch (error) {
        log('warn', 'the list of earlier bundles was not written', { reason: messageOf(error) })
      }
    },
  }
}

function read(directory: string, log: Log): KnownBundle[] {
  const path = join(directory, FILE)
  try {
    return knownFile
      .parse(JSON.parse(readFileSync(path, 'utf8')))
      .bundles.map(({ fields, ...bundle }) => (fields === undefined ? bundle : { ...bundle, fields }))
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return []
    log('warn', 'the list of earlier bundles is damaged; it was set aside', { reason: messageOf(error).slice(0, 200) })
    try {
      renameSync(path, `${path}.damaged`)
    } catch (failure) {
      log('warn', 'the damaged list could not be set aside', { reason: messageOf(failure) })
    }
    return []
  }
}

function bundleOf({ deployment, digest, manifest }: RuntimeDeployment): KnownBundle {
  const { model, version, task, labels } = manifest
  return { deployment, digest, model, version, task, labels, fields: labelFields(manifest) }
}

function bounded(bundles: readonly KnownBundle[]): KnownBundle[] {
  const kept: KnownBundle[] = []
  let characters = 0
  for (const bundle of bundles.toReversed()) {
    characters += JSON.stringify(bundle).length
    if (kept.length === MAX_BUNDLES || characters > MAX_CHARACTERS) break
    kept.unshift(bundle)
  }
  return kept
}
