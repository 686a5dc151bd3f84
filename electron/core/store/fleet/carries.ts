import type { CarriedOutcome } from '../../../../shared/protocol/carry.ts'
import type { WriteDb } from '../open.ts'

/** An export to a folder. */
export interface CarryRow {
  number: number
  createdAt: number
  expiresAt: number
  actor: string
  folder: string
  devices: string[]
  bytes: number
  state: 'writing' | 'written' | 'failed'
}

/** A receipt that was imported. */
export interface ReceiptRow {
  device: string
  /** SHA-256 of its signed bytes. */
  hash: string
  carryNumber: number
  receiptNumber: number
  issuedAt: number
  importedAt: number
  actor: string
  /** Why the device took nothing of the folder; null: it did. */
  applied: { code: string; message: string } | null
  deployments: Record<string, CarriedOutcome>
  records: number
}

type Stored<Row, Json extends keyof Row> = { [Name in keyof Row]: Name extends Json ? string : Row[Name] }
type StoredReceipt = Stored<Omit<ReceiptRow, 'applied'>, 'deployments'> & { applied: string | null }

export type CarryTable = ReturnType<typeof openCarryTable>

const receiptColumns = `device, hash, carry_number AS carryNumber, receipt_number AS receiptNumber, issued_at AS issuedAt,
  imported_at AS importedAt, actor, applied, deployments, records`

/** Folders that were written for devices without a network, and what came back. */
export function openCarryTable(db: WriteDb) {
  const add = db.prepare(`INSERT INTO carry_export (number, created_at, expires_at, actor, folder, devices, bytes, state)
    VALUES (@number, @createdAt, @expiresAt, @actor, @folder, @devices, @bytes, @state)`)
  const settle = db.prepare('UPDATE carry_export SET state = ?, bytes = ? WHERE number = ?')
  const cutOff = db.prepare(`UPDATE carry_export SET state = 'failed' WHERE state = 'writing'`)
  const highest = db.prepare<[], number | null>('SELECT max(number) FROM carry_export').pluck()
  const newest = db.prepare<[number], Stored<CarryRow, 'devices'> & { answered: number }>(
    `SELECT number, created_at AS createdAt, expires_at AS expiresAt, actor, folder, devices, bytes, state,
      (SELECT count(DISTINCT device) FROM carry_receipt WHERE carry_number = number) AS answered
    FROM carry_export ORDER BY number DESC LIMIT ?`,
  )
  const find = db.prepare<[string, string], StoredReceipt>(`SELECT ${receiptColumns} FROM carry_receipt WHERE device = ? AND hash = ?`)
  const last = db.prepare<[string], StoredReceipt>(
    `SELECT ${receiptColumns} FROM carry_receipt WHERE device = ? ORDER BY carry_number DESC, receipt_number DESC LIMIT 1`,
  )
  const devices = db.prepare<[], string>('SELECT DISTINCT device FROM carry_receipt ORDER BY device').pluck()
  const put =
    db.prepare(`INSERT OR IGNORE INTO carry_receipt (device, hash, carry_number, receipt_number, issued_at, imported_at, actor, applied, deployments, records)
    VALUES (@device, @hash, @carryNumber, @receiptNumber, @issuedAt, @importedAt, @actor, @applied, @deployments, @records)`)
  const lastOf = (device: string): ReceiptRow | null => receiptOf(last.get(device))
  // What a console that was killed left half written will not be finished.
  cutOff.run()
  return {
    add: (row: CarryRow): void => void add.run({ ...row, devices: JSON.stringify(row.devices) }),
    settle: (number: number, state: CarryRow['state'], bytes: number): void => void settle.run(state, bytes, number),
    highest: (): number => highest.get() ?? 0,
    newest: (most: number): (CarryRow & { answered: number })[] =>
      newest.all(most).map((row) => ({ ...row, devices: JSON.parse(row.devices) as string[] })),
    findReceipt: (device: string, hash: string): ReceiptRow | null => receiptOf(find.get(device, hash)),
    lastReceipt: lastOf,
    /** The newest receipt of each device. */
    lastReceipts: (): ReceiptRow[] => devices.all().flatMap((device) => lastOf(device) ?? []),
    putReceipt: (row: ReceiptRow): void =>
      void put.run({
        ...row,
        applied: row.applied === null ? null : JSON.stringify(row.applied),
        deployments: JSON.stringify(row.deployments),
      }),
  }
}

function receiptOf(row: StoredReceipt | undefined): ReceiptRow | null {
  if (row === undefined) return null
  return {
    ...row,
    applied: row.applied === null ? null : (JSON.parse(row.applied) as ReceiptRow['applied']),
    deployments: JSON.parse(row.deployments) as ReceiptRow['deployments'],
  }
}
