/** Where a record belongs and when it came: the same for all records of a batch. */
export interface RecordContext {
  /** Row of the spool in telemetry.db. */
  spool: number
  device: string
  /** Number of the device in telemetry.db. */
  deviceId: number
  /** Console clock, epoch ms. */
  receivedAt: number
}

/** What every record has beside its body. */
export interface RecordHead {
  seq: number
  boot: string
  /** Device clock, epoch ms. */
  measuredAt: number
}

/** Stores one record of one kind. @returns false if the record is stored already. */
export type InsertRecord<Body> = (context: RecordContext, head: RecordHead, body: Body) => boolean
