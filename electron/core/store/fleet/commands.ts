import { createHash } from 'node:crypto'
import type { WriteDb } from '../open.ts'

export type CommandTable = ReturnType<typeof openCommandTable>

/** Results of commands by the id that their caller made: a resend after a lost answer gets the first result, and does nothing. */
export function openCommandTable(db: WriteDb) {
  const find = db.prepare<[string], { method: string; input_hash: string; output: string }>(
    'SELECT method, input_hash, output FROM command_result WHERE command_id = ?',
  )
  const put = db.prepare(
    'INSERT INTO command_result (command_id, method, input_hash, output, finished_at) VALUES (@commandId, @method, @inputHash, @output, @at)',
  )
  const forget = db.prepare('DELETE FROM command_result WHERE finished_at < ?')
  return {
    find: (commandId: string) => find.get(commandId) ?? null,
    put: (row: { commandId: string; method: string; inputHash: string; output: string; at: number }): void => void put.run(row),
    /** Results are kept 30 days. */
    forgetOld: (now: number): void => void forget.run(now - 30 * 86_400_000),
  }
}

/** SHA-256 of a JSON value, hex: tells whether a resent command is the same command. */
export function hashOfJson(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex')
}
