import type { WriteDb } from '../open.ts'

/** A true label: the name of a class, or a value. */
export type Truth = string | number

/** How far a row of the desk is. */
export type DeskState = 'open' | 'settled' | 'disputed' | 'skipped'

export const deskReasons = ['random', 'low-confidence', 'outlier', 'disagreement'] as const
export type DeskReason = (typeof deskReasons)[number]

/** What a row is named by. */
export interface DeskKey {
  device: string
  prediction: string
  row: number
}

/** What the desk knows of a row from its sample. */
export interface DeskFacts extends DeskKey {
  deployment: string
  digest: string
  model: string
  version: string
  /** Device clock. */
  predictedAt: number
  predicted: Truth | null
  confidence: number | null
  weight: number
  reason: DeskReason
}

/** Who settled a row: votes at the desk, imported labels alone, or a person who decided a dispute. */
export type DeskSource = 'desk' | 'import' | 'decision'

/** What votes and decision make of a row. */
export interface DeskOutcome {
  state: DeskState
  actual: Truth | null
  source: DeskSource | null
  settledAt: number | null
}

/** A decision that overrules the votes. */
export interface DeskDecision {
  label: Truth
  by: string
  at: number
}

export type DeskRow = DeskFacts & DeskOutcome & { id: number; decision: DeskDecision | null }

export interface DeskVote {
  by: string
  /** null: skipped. */
  label: Truth | null
  at: number
  source: 'desk' | 'import'
}

/** Something a person did, and what stood there before: a vote, a decision, or nothing. */
export type DeskAct = { id: number; by: string; deskRow: number } & (
  | { kind: 'vote'; before: DeskVote | null }
  | { kind: 'decision'; before: DeskDecision | null }
)

/** Which rows a question is about; what is left out does not matter. */
export interface DeskScope {
  devices: ReadonlySet<string> | null
  deployment?: string | undefined
  model?: string | undefined
  version?: string | undefined
  digests?: readonly string[] | undefined
  from?: number | undefined
  /** Exclusive. */
  through?: number | undefined
}

type Stored = Omit<DeskRow, 'predicted' | 'actual' | 'decision'> & {
  predicted: string | null
  actual: string | null
  decision: string | null
  decidedBy: string | null
  decidedAt: number | null
}

const columns = `id, device, prediction, row, deployment, digest, model, version, predicted_at AS predictedAt, predicted, confidence, weight,
  reason, state, actual, source, settled_at AS settledAt, decision, decided_by AS decidedBy, decided_at AS decidedAt`

export type DeskTable = ReturnType<typeof openDeskTable>

/** Rows, votes and acts of the labelling desk. */
export function openDeskTable(db: WriteDb) {
  const byKey = db.prepare<[string, string, number], Stored>(
    `SELECT ${columns} FROM desk_row WHERE device = ? AND prediction = ? AND row = ?`,
  )
  const byId = db.prepare<[number], Stored>(`SELECT ${columns} FROM desk_row WHERE id = ?`)
  // A prediction whose id a client chose is kept as that id, a tilde and a digest; '~' is the last but one of the printable characters.
  const named = db.prepare<{ name: string; row: number }, Stored>(
    `SELECT ${columns} FROM desk_row WHERE row = @row AND (prediction = @name OR (prediction > @name || '~' AND prediction < @name || char(127)))`,
  )
  const add = db.prepare(`INSERT INTO desk_row (device, prediction, row, deployment, digest, model, version, predicted_at, predicted,
    confidence, weight, reason, subject, state) VALUES (@device, @prediction, @row, @deployment, @digest, @model, @version, @predictedAt, @predicted,
    @confidence, @weight, @reason, @subject, 'open')`)
  const aboutSubject = db.prepare<[string], Stored>(`SELECT ${columns} FROM desk_row WHERE subject = ? ORDER BY id`)
  const addInput = db.prepare('INSERT INTO desk_input (desk_row, fields) VALUES (?, ?)')
  const input = db.prepare<[number], string>('SELECT fields FROM desk_input WHERE desk_row = ?').pluck()
  const putOutcome = db.prepare(
    'UPDATE desk_row SET state = @state, actual = @actual, source = @source, settled_at = @settledAt WHERE id = @id',
  )
  const putDecision = db.prepare('UPDATE desk_row SET decision = @label, decided_by = @by, decided_at = @at WHERE id = @id')
  const remove = db.prepare('DELETE FROM desk_row WHERE id = ?')
  return {
    find: (key: DeskKey): DeskRow | null => rowOf(byKey.get(key.device, key.prediction, key.row)),
    byId: (id: number): DeskRow | null => rowOf(byId.get(id)),
    /** Rows of a prediction, by its id or by the one that a client chose, on any device. */
    named: (name: string, row: number): DeskRow[] => named.all({ name, row }).map((one) => rowOf(one)!),
    /** @param of.subject whom it is about; null: nobody that is known. @returns the id of the new row */
    add(facts: DeskFacts, of: { fields: unknown; subject: string | null }): number {
      const { fields, subject } = of
      const id = Number(add.run({ ...facts, subject, predicted: jsonOf(facts.predicted) }).lastInsertRowid)
      addInput.run(id, JSON.stringify(fields))
      return id
    },
    /** Rows about somebody. */
    aboutSubject: (subject: string): DeskRow[] => aboutSubject.all(subject).map((row) => rowOf(row)!),
    /** What went into the model, as it was kept with the first vote. */
    fields: (id: number): unknown => JSON.parse(input.get(id) ?? '[]') as unknown,
    putOutcome: (id: number, outcome: DeskOutcome): void => void putOutcome.run({ ...outcome, id, actual: jsonOf(outcome.actual) }),
    putDecision(id: number, decision: DeskDecision | null): void {
      putDecision.run({ id, label: jsonOf(decision?.label ?? null), by: decision?.by ?? null, at: decision?.at ?? null })
    },
    /** Forgets a row that nobody says anything about any more. */
    remove: (id: number): void => void remove.run(id),
    ...openDeskLists(db),
    ...openVotes(db),
    ...openActs(db),
  }
}

function openDeskLists(db: WriteDb) {
  const read = (scope: DeskScope, where: string, given: readonly (string | number)[]): DeskRow[] => {
    const { sql, values } = scopeSql(scope)
    const rows = db.prepare<unknown[], Stored>(`SELECT ${columns} FROM desk_row WHERE ${[where, ...sql].join(' AND ')} ORDER BY id`)
    return rows
      .all(...given, ...values)
      .filter(({ device }) => scope.devices?.has(device) !== false)
      .map((row) => rowOf(row)!)
  }
  return {
    /** Rows of a state, in the order in which somebody first looked at them. */
    inState: (scope: DeskScope, state: DeskState): DeskRow[] => read(scope, 'state = ?', [state]),
    /** All rows of a scope. */
    rows: (scope: DeskScope): DeskRow[] => read(scope, 'id > 0', []),
    /** Rows of which nobody knows whom they are about. */
    unnamedRows: (): DeskRow[] => read({ devices: null }, 'subject IS NULL', []),
    /** Settled rows after an id: a page of an export. */
    settledAfter: (scope: DeskScope, after: number): DeskRow[] => read(scope, `state = 'settled' AND id > ?`, [after]),
  }
}

function scopeSql({ deployment, model, version, digests, from, through }: DeskScope): { sql: string[]; values: (string | number)[] } {
  const sql: string[] = []
  const values: (string | number)[] = []
  const equal = { deployment, model, version }
  for (const [column, value] of Object.entries(equal)) {
    if (value === undefined) continue
    sql.push(`${column} = ?`)
    values.push(value)
  }
  if (digests !== undefined) {
    sql.push(`digest IN (SELECT value FROM json_each(?))`)
    values.push(JSON.stringify(digests))
  }
  if (from !== undefined) {
    sql.push('predicted_at >= ?')
    values.push(from)
  }
  if (through !== undefined) {
    sql.push('predicted_at < ?')
    values.push(through)
  }
  return { sql, values }
}

function openVotes(db: WriteDb) {
  const ofRow = db.prepare<[number], StoredVote>('SELECT by, label, at, source FROM desk_vote WHERE desk_row = ? ORDER BY at, by')
  const one = db.prepare<[number, string], StoredVote>('SELECT by, label, at, source FROM desk_vote WHERE desk_row = ? AND by = ?')
  const put = db.prepare(`INSERT INTO desk_vote (desk_row, by, label, at, source) VALUES (@id, @by, @label, @at, @source)
    ON CONFLICT (desk_row, by) DO UPDATE SET label = excluded.label, at = excluded.at, source = excluded.source`)
  const remove = db.prepare('DELETE FROM desk_vote WHERE desk_row = ? AND by = ?')
  return {
    votesOf: (id: number): DeskVote[] => ofRow.all(id).map(voteOf),
    voteBy(id: number, by: string): DeskVote | null {
      const vote = one.get(id, by)
      return vote === undefined ? null : voteOf(vote)
    },
    putVote: (id: number, vote: DeskVote): void => void put.run({ ...vote, id, label: jsonOf(vote.label) }),
    removeVote: (id: number, by: string): void => void remove.run(id, by),
  }
}

type StoredVote = Omit<DeskVote, 'label'> & { label: string | null }

function voteOf(vote: StoredVote): DeskVote {
  return { ...vote, label: truthOf(vote.label) }
}

function openActs(db: WriteDb) {
  const add = db.prepare('INSERT INTO desk_act (by, desk_row, kind, before) VALUES (?, ?, ?, ?)')
  const ofPerson = db.prepare<[string], { id: number; by: string; deskRow: number; kind: DeskAct['kind']; before: string | null }>(
    'SELECT id, by, desk_row AS deskRow, kind, before FROM desk_act WHERE by = ? ORDER BY id DESC',
  )
  const remove = db.prepare('DELETE FROM desk_act WHERE id = ?')
  return {
    addAct(act: Omit<DeskAct, 'id'>): void {
      add.run(act.by, act.deskRow, act.kind, act.before === null ? null : JSON.stringify(act.before))
    },
    /** What a person did, the last first; read it only as far as it is needed. */
    *actsOf(by: string): Generator<DeskAct> {
      for (const { before, ...act } of ofPerson.all(by)) {
        yield { ...act, before: before === null ? null : (JSON.parse(before) as never) }
      }
    },
    removeAct: (id: number): void => void remove.run(id),
  }
}

function rowOf(row: Stored | undefined): DeskRow | null {
  if (row === undefined) return null
  const { decidedBy, decidedAt, ...rest } = row
  const label = truthOf(row.decision)
  return {
    ...rest,
    predicted: truthOf(row.predicted),
    actual: truthOf(row.actual),
    decision: label === null ? null : { label, by: decidedBy ?? '', at: decidedAt ?? 0 },
  }
}

function jsonOf(value: Truth | null): string | null {
  return value === null ? null : JSON.stringify(value)
}

function truthOf(json: string | null): Truth | null {
  return json === null ? null : (JSON.parse(json) as Truth)
}
