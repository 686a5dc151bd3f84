import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Manifest } from '../../../shared/domain/bundle.ts'
import { cellsOf, rowInputOf, rowsOf, type RowInput } from '../labelling/row-input.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { StoredSample } from '../store/telemetry/samples.ts'
import type { SubjectReader } from '../store/telemetry/subjects.ts'
import type { PredictionKey } from './erase-rows.ts'
import { subjectRefOf } from './subject-ref.ts'

const PAGE = 200
const MOST_ROWS = 4096

/** What the search works with. */
export interface RawSearch {
  store: Pick<FleetStore, 'desk' | 'privacy' | 'settings'>
  reader: Pick<SubjectReader, 'unnamed'>
  manifestOf(digest: string): Manifest | null
  signal?: AbortSignal
}

/** What is about a subject in which it does not stand as a hash. */
export interface RawMatches {
  samples: StoredSample[]
  /** Of samples, and of rows of the desk whose sample is gone already. */
  predictions: PredictionKey[]
}

/**
 * Finds what is about a subject from before its field was marked: there it stands as it was sent, not as a hash. Read page by page, so that the
 * console goes on meanwhile. @throws the reason of the signal
 */
export async function rawMatches(subject: string, search: RawSearch): Promise<RawMatches> {
  const { store, reader, manifestOf, signal } = search
  const found: RawMatches = { samples: [], predictions: [] }
  const salt = store.settings.get('privacySalt')
  const fields = new Set(store.privacy.marks().flatMap(({ field, kind }) => (kind === 'subject' ? [field] : [])))
  if (salt === undefined || fields.size === 0) return found
  const isAbout = (input: RowInput, digest: string): boolean =>
    cellsOf(input, manifestOf(digest)?.schema ?? null).some(
      ({ name, value }) => value !== null && fields.has(name) && subjectRefOf(salt, String(value)) === subject,
    )
  for (let after = 0; ;) {
    const page = reader.unnamed(after, PAGE)
    if (page.length === 0) break
    for (const sample of page.filter((one) => rowInputsOf(one).some((input) => isAbout(input, one.body.digest)))) {
      found.samples.push(sample)
      found.predictions.push({ device: sample.device, prediction: sample.body.id })
    }
    after = page.at(-1)!.id
    await nextTurn()
    signal?.throwIfAborted()
  }
  await matchDesk(search, isAbout, found)
  return found
}

/** Rows of the desk stay when their samples are too old to be kept. */
async function matchDesk({ store, signal }: RawSearch, isAbout: (input: RowInput, digest: string) => boolean, found: RawMatches) {
  const known = new Set(found.predictions.map(({ device, prediction }) => `${device} ${prediction}`))
  for (const [n, { id, device, prediction, digest }] of store.desk.unnamedRows().entries()) {
    const key = `${device} ${prediction}`
    if (!known.has(key)) {
      const input = rowInput(store.desk.fields(id))
      if (input !== null && isAbout(input, digest)) {
        known.add(key)
        found.predictions.push({ device, prediction })
      }
    }
    if (n % PAGE !== PAGE - 1) continue
    await nextTurn()
    signal?.throwIfAborted()
  }
}

function rowInputsOf({ body }: StoredSample): RowInput[] {
  return Array.from({ length: Math.min(rowsOf(body), MOST_ROWS) }, (_, row) => rowInputOf(body, row))
}

/** Rows that were labelled before their inputs were kept have none. */
function rowInput(fields: unknown): RowInput | null {
  return typeof fields === 'object' && fields !== null && Array.isArray((fields as { inputs?: unknown }).inputs)
    ? (fields as RowInput)
    : null
}
