import type Database from 'better-sqlite3'

/** A prediction of a device: what a sample, its labels and its row at the desk have in common. */
export interface PredictionKey {
  device: string
  prediction: string
}

/** Who is to be taken out of a store. */
export interface ErasedSubjects {
  /** As devices hash them. */
  subjects: readonly string[]
  /** Predictions about them in which they do not stand as a hash. */
  predictions: readonly PredictionKey[]
}

/** What was taken out of telemetry. */
export interface ErasedTelemetry {
  samples: number
  labels: number
  /** Records that could not be read when they came. */
  unreadable: number
  /** Every prediction that was found to be about them. */
  predictions: PredictionKey[]
}

/** Takes subjects out of a telemetry.db, or a copy of one of any schema. Call it in a transaction. */
export function eraseFromTelemetry(db: Database.Database, { subjects, predictions }: ErasedSubjects): ErasedTelemetry {
  const found = new Map(predictions.map((key) => [keyText(key), key]))
  const erased: ErasedTelemetry = { samples: 0, labels: 0, unreadable: 0, predictions: [] }
  if (hasTable(db, 'sample')) {
    const about = db.prepare<[string], PredictionKey>('SELECT device, prediction FROM sample WHERE instr(body, ?) > 0')
    // In its quotes, so that no digest holds it by chance.
    for (const subject of subjects) for (const key of about.all(`"${subject}"`)) found.set(keyText(key), key)
  }
  if (hasColumn(db, 'label', 'subject')) {
    const about = db.prepare<[string], PredictionKey>('SELECT device, prediction FROM label WHERE subject = ?')
    for (const subject of subjects) for (const key of about.all(subject)) found.set(keyText(key), key)
  }
  erased.predictions = [...found.values()]
  for (const { device, prediction } of erased.predictions) {
    if (hasTable(db, 'sample')) erased.samples += removeSamples(db, device, prediction)
    if (hasTable(db, 'label'))
      erased.labels += db.prepare('DELETE FROM label WHERE device = ? AND prediction = ?').run(device, prediction).changes
  }
  if (hasTable(db, 'quarantine')) {
    const remove = db.prepare('DELETE FROM quarantine WHERE instr(body, ?) > 0')
    for (const subject of subjects) erased.unreadable += remove.run(subject).changes
  }
  return erased
}

/** The newest row stays, empty and under no name: SQLite would give its number again, and whoever counts by numbers would miss a sample. */
function removeSamples(db: Database.Database, device: string, prediction: string): number {
  const newest = db.prepare<[], number | null>('SELECT max(rowid) FROM sample').pluck().get() ?? 0
  const removed = db.prepare('DELETE FROM sample WHERE device = ? AND prediction = ? AND rowid < ?').run(device, prediction, newest).changes
  const emptied = db
    .prepare(`UPDATE sample SET prediction = '', body = '{}' WHERE device = ? AND prediction = ? AND rowid = ?`)
    .run(device, prediction, newest).changes
  return removed + emptied
}

/** Takes subjects out of a fleet.db, or a copy of one of any schema. Call it in a transaction. @returns rows of the labelling desk */
export function eraseFromFleet(db: Database.Database, { subjects, predictions }: ErasedSubjects): number {
  if (!hasTable(db, 'desk_row')) return 0
  let rows = 0
  const ids = db.prepare<[string, string], number>('SELECT id FROM desk_row WHERE device = ? AND prediction = ?').pluck()
  const all = new Set(predictions.flatMap(({ device, prediction }) => ids.all(device, prediction)))
  if (hasColumn(db, 'desk_row', 'subject')) {
    const about = db.prepare<[string], number>('SELECT id FROM desk_row WHERE subject = ?').pluck()
    for (const subject of subjects) for (const id of about.all(subject)) all.add(id)
  }
  // Results of commands name rows by their prediction. A resend of such a command finds no row any more, and says so.
  const results = db.prepare(`DELETE FROM command_result WHERE method >= 'labelling.' AND method < 'labelling/' AND instr(output, ?) > 0`)
  for (const { prediction } of predictions) results.run(prediction)
  for (const id of all) {
    // By hand: a copy may be opened without foreign keys.
    for (const table of ['desk_input', 'desk_vote', 'desk_act']) db.prepare(`DELETE FROM ${table} WHERE desk_row = ?`).run(id)
    rows += db.prepare('DELETE FROM desk_row WHERE id = ?').run(id).changes
  }
  return rows
}

/** Notes subjects of whom nothing is stored any more, whenever it comes. Call it in a transaction. */
export function noteErased(db: Database.Database, subjects: readonly string[], at: number): void {
  const add = db.prepare('INSERT OR IGNORE INTO erased_subject (subject, at) VALUES (?, ?)')
  for (const subject of subjects) add.run(subject, at)
}

/** Brings what was written into the file itself, and empties the log of changes, where deleted rows still stand. @returns false: a reader held it up */
export function emptyLog(db: Database.Database): boolean {
  const [row] = db.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[]
  return row?.busy === 0
}

/** True if a store has a table; copies may be of an older schema. */
export function hasTable(db: Database.Database, name: string): boolean {
  return db.prepare(`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?`).get(name) !== undefined
}

/** The same for a column. */
export function hasColumn(db: Database.Database, table: string, column: string): boolean {
  return db.prepare('SELECT 1 FROM pragma_table_info(?) WHERE name = ?').get(table, column) !== undefined
}

function keyText({ device, prediction }: PredictionKey): string {
  return `${device} ${prediction}`
}
