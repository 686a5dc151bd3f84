import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Manifest } from '../../../shared/domain/bundle.ts'
import { cellsOf, rowInputOf, rowsOf } from '../labelling/row-input.ts'
import type { StoredSample } from '../store/telemetry/samples.ts'
import type { SubjectReader } from '../store/telemetry/subjects.ts'
import type { PredictionKey } from './erase-rows.ts'

const PAGE = 200
const MOST_ROWS = 4096

/** What the search works with. */
export interface RawSearch {
  reader: Pick<SubjectReader, 'unnamed'>
  manifestOf(digest: string): Manifest | null
  /** Fields that say whom a row is about. */
  fields: ReadonlySet<string>
  /** Whether a value is the subject that is looked for. */
  isMeant(value: string): boolean
}

/**
 * Predictions about a subject whose samples came before its field was marked: there it stands as it was sent, not as a hash. Read page by page,
 * so that the console goes on meanwhile.
 */
export async function rawMatches(search: RawSearch): Promise<PredictionKey[]> {
  const found: PredictionKey[] = []
  if (search.fields.size === 0) return found
  for (let after = 0; ;) {
    const page = search.reader.unnamed(after, PAGE)
    if (page.length === 0) return found
    for (const sample of page) if (isAbout(sample, search)) found.push({ device: sample.device, prediction: sample.body.id })
    after = page.at(-1)!.id
    await nextTurn()
  }
}

function isAbout({ body }: StoredSample, { manifestOf, fields, isMeant }: RawSearch): boolean {
  const schema = manifestOf(body.digest)?.schema ?? null
  for (let row = 0; row < Math.min(rowsOf(body), MOST_ROWS); row += 1) {
    const cells = cellsOf(rowInputOf(body, row), schema)
    if (cells.some(({ name, value }) => value !== null && fields.has(name) && isMeant(String(value)))) return true
  }
  return false
}
