import { hash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { canonicalEntry } from '../../../../../shared/domain/audit/entry.ts'
import { leafOf } from '../../../../../electron/core/store/fleet/audit-tree.ts'
import { auditLog, type AuditLog } from '../../../../harness/audit-log.ts'

/** Rewrites the log from an entry on, as somebody would who knows how it is made but has no key. */
function rewriteFrom(log: AuditLog, seq: number, action: string): void {
  const { audit, db } = log.store
  let previousHash = audit.find(seq)!.previousHash
  const statements: string[] = []
  for (const entry of audit.after(seq - 1, 10_000)) {
    const changed = { ...entry, previousHash, action: entry.seq === seq ? action : entry.action }
    const canonical = canonicalEntry(changed)
    previousHash = hash('sha256', canonical)
    statements.push(
      `UPDATE audit SET action = '${changed.action}', previous_hash = '${changed.previousHash}', hash = '${previousHash}' WHERE seq = ${entry.seq}`,
      `UPDATE audit_leaf SET hash = x'${leafOf(canonical).toString('hex')}' WHERE seq = ${entry.seq}`,
    )
  }
  log.tamper(...statements, 'DELETE FROM audit_node')
  expect(db.prepare('SELECT count(*) AS n FROM audit').get()).toEqual({ n: audit.size() })
}

const swapped = (a: number, b: number): string[] => [
  `UPDATE audit SET seq = -1 WHERE seq = ${a}`,
  `UPDATE audit SET seq = ${a} WHERE seq = ${b}`,
  `UPDATE audit SET seq = ${b} WHERE seq = -1`,
]

const remove = (where: string): string[] => [`DELETE FROM audit_device WHERE ${where}`, `DELETE FROM audit WHERE ${where}`]

/** What somebody did to a log of 600 entries, signed at 300 and at 600. */
const cases: { name: string; tamper(log: AuditLog): void; first: { kind: string; seq: number; through: number } }[] = [
  { name: 'the last row deleted', tamper: (log) => log.tamper(...remove('seq = 600')), first: { kind: 'missing', seq: 600, through: 600 } },
  {
    name: 'the last rows deleted with their leaves',
    tamper: (log) => log.tamper(...remove('seq > 590'), 'DELETE FROM audit_leaf WHERE seq > 590'),
    first: { kind: 'missing', seq: 591, through: 600 },
  },
  {
    name: 'a row in the middle deleted',
    tamper: (log) => log.tamper(...remove('seq = 123')),
    first: { kind: 'missing', seq: 123, through: 123 },
  },
  {
    name: 'rows in the middle deleted with their leaves',
    tamper: (log) => log.tamper(...remove('seq BETWEEN 123 AND 130'), 'DELETE FROM audit_leaf WHERE seq BETWEEN 123 AND 130'),
    first: { kind: 'missing', seq: 123, through: 130 },
  },
  { name: 'the first row deleted', tamper: (log) => log.tamper(...remove('seq = 1')), first: { kind: 'missing', seq: 1, through: 1 } },
  {
    name: 'a detail edited',
    tamper: (log) => log.tamper(`UPDATE audit SET detail = replace(detail, 's77', 's78') WHERE seq = 77`),
    first: { kind: 'changed', seq: 77, through: 77 },
  },
  {
    name: 'a time edited',
    tamper: (log) => log.tamper('UPDATE audit SET at = at + 1 WHERE seq = 78'),
    first: { kind: 'changed', seq: 78, through: 78 },
  },
  {
    name: 'an actor edited',
    tamper: (log) => log.tamper(`UPDATE audit SET actor = 'cli' WHERE seq = 79`),
    first: { kind: 'changed', seq: 79, through: 79 },
  },
  {
    name: 'a chain hash edited',
    tamper: (log) => log.tamper(`UPDATE audit SET hash = '${'0'.repeat(64)}' WHERE seq = 80`),
    first: { kind: 'chain', seq: 80, through: 80 },
  },
  {
    name: 'the last chain hash edited',
    tamper: (log) => log.tamper(`UPDATE audit SET hash = '${'0'.repeat(64)}' WHERE seq = 600`),
    first: { kind: 'changed', seq: 600, through: 600 },
  },
  { name: 'two rows swapped', tamper: (log) => log.tamper(...swapped(200, 201)), first: { kind: 'changed', seq: 200, through: 200 } },
  {
    name: 'a row put in at the end, past the log',
    tamper: (log) =>
      log.tamper(
        `INSERT INTO audit (seq, at, actor, action, detail, previous_hash, hash) SELECT 601, at, actor, action, detail, hash, hash FROM audit WHERE seq = 600`,
      ),
    first: { kind: 'added', seq: 601, through: 601 },
  },
  {
    name: 'an entry and all that follows rewritten with their hashes',
    tamper: (log) => rewriteFrom(log, 450, 'devices.remove'),
    first: { kind: 'rewritten', seq: 301, through: 600 },
  },
  {
    name: 'an entry taken out of the history of its device',
    tamper: (log) => log.tamper('DELETE FROM audit_device WHERE seq = 70'),
    first: { kind: 'devices', seq: 70, through: 70 },
  },
  {
    name: 'an entry put into the history of another device',
    tamper: (log) => log.tamper(`INSERT INTO audit_device (device, seq) VALUES ('cam-9', 71)`),
    first: { kind: 'devices', seq: 71, through: 71 },
  },
  {
    name: 'a checkpoint that nobody signed',
    tamper: (log) => log.tamper(`UPDATE audit_checkpoint SET message = replace(message, '"sig":"', '"sig":"AAAA') WHERE size = 600`),
    first: { kind: 'signature', seq: 600, through: 600 },
  },
  {
    name: 'a personal text changed',
    tamper: (log) => log.tamper(`UPDATE audit_personal SET text = 'ben' WHERE text = 'anna'`),
    first: { kind: 'personal', seq: 1, through: 600 },
  },
  {
    name: 'an entry made unreadable without an entry that says so',
    tamper: (log) => log.tamper(`UPDATE audit SET detail = '{"erased":true}', redacted_by = 900 WHERE seq = 90`),
    first: { kind: 'redaction', seq: 90, through: 90 },
  },
  {
    name: 'an entry made unreadable by one that is about something else',
    tamper: (log) =>
      log.tamper(`UPDATE audit SET action = 'devices.looked', at = 1, detail = '{"erased":true}', redacted_by = 91 WHERE seq = 90`),
    first: { kind: 'redaction', seq: 90, through: 90 },
  },
  {
    name: 'what is left of an unreadable entry changed',
    tamper(log) {
      log.store.audit.redact([90], (redacted) =>
        log.store.audit.recordSystem({ at: log.clock.at, action: 'privacy.storesErased', detail: { redacted } }),
      )
      log.tamper(`UPDATE audit SET action = 'devices.looked' WHERE seq = 90`)
    },
    first: { kind: 'redaction', seq: 90, through: 90 },
  },
]

describe('case 54: a log that somebody changed', () => {
  test.each(cases)('$name: the first bad entry is named', async ({ tamper, first }) => {
    const log = auditLog()
    log.add(300)
    log.keeper.sign()
    log.add(300)
    log.keeper.sign()
    expect(await log.verify()).toMatchObject({ isGood: true, entries: 600, checkpoints: 2, first: null, uncovered: 0 })
    tamper(log)
    const verdict = await log.verify()
    expect(verdict).toMatchObject({ isGood: false, first })
    expect(verdict.sentence).toContain(verdict.first!.sentence)
  })

  test('work goes on upon a damaged log, and what is added later is judged too', async () => {
    const log = auditLog()
    log.add(255)
    log.tamper('DELETE FROM audit_leaf WHERE seq = 7', ...remove('seq = 255'))
    log.add(300)
    expect((await log.verify()).findings.map(({ kind, seq }) => [kind, seq])).toEqual([
      ['added', 7],
      ['changed', 255],
    ])
  })
})

test('an empty log is good', async () => {
  expect(await auditLog().verify()).toMatchObject({ isGood: true, entries: 0, checkpoints: 0, root: hash('sha256', '') })
})
