import type { SampleBody } from '../../../../shared/protocol/telemetry.ts'
import type { ReadDb } from '../open.ts'

/** A sample as it is stored. */
export interface StoredSample {
  /** Grows with each sample that arrives. */
  id: number
  device: string
  body: SampleBody
}

/** How much is read at once: a person looks at the newest, and the memory of the console has an end. */
export interface SampleBounds {
  samples: number
  /** Characters of all bodies together. */
  characters: number
}

/** Reads samples; what was taken away by age is not found. */
export interface SampleReader {
  /** Samples that came after one, the newest first, within bounds. */
  newest(after: number, bounds: SampleBounds): StoredSample[]
  /** Ids of the oldest and the newest that are still there; null: there is none. */
  range(): { oldest: number; newest: number } | null
  byId(id: number): StoredSample | null
  /** What a device sent of one prediction. */
  ofPrediction(device: string, prediction: string): StoredSample[]
  /** Samples of any device whose prediction is wanted: one pass over the names of all, however many are wanted. */
  wanted(isWanted: (prediction: string) => boolean): StoredSample[]
}

interface Row {
  id: number
  device: string
  body: string
}

/** The reader of a file that appears with the first start of the hub: before that there are no samples. */
export function lateSamples(open: () => ReadDb | null): SampleReader {
  let reader: SampleReader | null = null
  const ask = <Answer>(question: (reader: SampleReader) => Answer, none: Answer): Answer => {
    const db = reader === null ? open() : null
    if (db !== null) reader = sampleReader(db)
    return reader === null ? none : question(reader)
  }
  return {
    newest: (after, bounds) => ask((samples) => samples.newest(after, bounds), []),
    range: () => ask((samples) => samples.range(), null),
    byId: (id) => ask((samples) => samples.byId(id), null),
    ofPrediction: (device, prediction) => ask((samples) => samples.ofPrediction(device, prediction), []),
    wanted: (isWanted) => ask((samples) => samples.wanted(isWanted), []),
  }
}

export function sampleReader(db: ReadDb): SampleReader {
  const newest = db.prepare<[number, number], Row>(
    `SELECT rowid AS id, device, body FROM sample WHERE rowid > ? AND prediction <> '' ORDER BY rowid DESC LIMIT ?`,
  )
  // Two questions: SQLite finds one end of a table at a glance, both ends together only by reading all of it.
  const range = db.prepare<[], { oldest: number | null; newest: number | null }>(
    'SELECT (SELECT min(rowid) FROM sample) AS oldest, (SELECT max(rowid) FROM sample) AS newest',
  )
  const byId = db.prepare<[number], Row>(`SELECT rowid AS id, device, body FROM sample WHERE rowid = ? AND prediction <> ''`)
  // The index of samples begins with the device.
  const ofDevice = db.prepare<[string, string], Row>(
    'SELECT rowid AS id, device, body FROM sample WHERE device = ? AND prediction = ? ORDER BY rowid',
  )
  const names = db.prepare<[], { id: number; prediction: string }>(
    `SELECT rowid AS id, prediction FROM sample WHERE prediction <> '' ORDER BY rowid DESC`,
  )
  return {
    newest(after, bounds) {
      const found: StoredSample[] = []
      let characters = 0
      for (const row of newest.iterate(after, bounds.samples)) {
        characters += row.body.length
        if (characters > bounds.characters && found.length > 0) break
        found.push(sampleOf(row))
      }
      return found
    },
    range() {
      const { oldest, newest } = range.get()!
      return oldest === null || newest === null ? null : { oldest, newest }
    },
    byId(id) {
      const row = byId.get(id)
      return row === undefined ? null : sampleOf(row)
    },
    ofPrediction: (device, prediction) => ofDevice.all(device, prediction).map(sampleOf),
    wanted(isWanted) {
      const ids: number[] = []
      for (const { id, prediction } of names.iterate()) if (isWanted(prediction)) ids.push(id)
      return ids.flatMap((id) => {
        const row = byId.get(id)
        return row === undefined ? [] : [sampleOf(row)]
      })
    },
  }
}

/** Ingest has parsed the body before it was stored. */
function sampleOf({ id, device, body }: Row): StoredSample {
  return { id, device, body: JSON.parse(body) as SampleBody }
}
