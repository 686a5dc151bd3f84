import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { evidenceOf, noSubject } from '../../../../../../electron/core/monitor/alerts/reading.ts'
import { openAlertTable, type AlertRow } from '../../../../../../electron/core/store/fleet/alerts.ts'
import { openChannelTable } from '../../../../../../electron/core/store/fleet/channels.ts'
import { fleetMigrations } from '../../../../../../electron/core/store/fleet/open.ts'
import { rulesHandle, type WriteDb } from '../../../../../../electron/core/store/open.ts'
import { migrate } from '../../../../../../shared/store/sqlite-rules.ts'

function migrated(): WriteDb {
  const db = new Database(':memory:')
  onTestFinished(() => void db.close())
  db.pragma('foreign_keys = ON')
  migrate(
    rulesHandle(db),
    fleetMigrations.filter(({ id }) => id < 50),
    'memory',
  )
  expect(migrate(rulesHandle(db), fleetMigrations, 'memory')).toContain(50)
  return db as WriteDb
}

const alert: Omit<AlertRow, 'alert'> = {
  ...{
    rule: 'drift',
    ruleName: 'Drift',
    severity: 'warning',
    state: 'firing',
    subjectKey: 'k',
    subject: { ...noSubject, feature: '__proto__' },
  },
  ...{ group: 'g', sentence: 's', evidence: evidenceOf('adjusted PSI', { value: 0.3 }), startedAt: 1, firedAt: 1, resolvedAt: null },
  ...{ lastSeenAt: 1, clearSince: null, blindSince: null, notBefore: 0, toldAt: null, silencedUntil: null, occurrences: 1 },
  ...{ acknowledged: null, holdsReleases: true, runbook: null },
}

test('there is a desktop from the first day', () => {
  expect(openChannelTable(migrated()).all()).toMatchObject([
    { channel: 'desktop', hasSecret: false, settings: { kind: 'desktop', isEnabled: true } },
  ])
})

test('at most one alert of a rule and subject is open', () => {
  const table = openAlertTable(migrated())
  const id = table.add(alert)
  expect(table.find(id)).toEqual({ ...alert, alert: id })
  expect(() => table.add(alert)).toThrow('UNIQUE')
  table.set({ ...table.find(id)!, state: 'resolved', resolvedAt: 5 })
  expect(table.add(alert)).toBeGreaterThan(id)
  expect(table.newestOf('drift', 'k')?.state).toBe('firing')
})

test('readings of an alert are bounded, and go with it', () => {
  const db = migrated()
  const table = openAlertTable(db)
  const id = table.add(alert)
  for (let at = 0; at < 620; at += 1) table.addReading(id, { at, value: null, state: 'met' })
  expect([table.readings(id).length, table.readings(id)[0]?.at]).toEqual([500, 120])
  table.forget(id)
  expect(db.prepare('SELECT count(*) FROM alert_reading').pluck().get()).toBe(0)
})

test('what is asked all the time is found by an index', () => {
  const db = migrated()
  const plan = (sql: string): string =>
    db
      .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map(({ detail }) => detail)
      .join(' | ')
  expect(plan(`SELECT * FROM alert WHERE rule = 'a' AND subject_key = 'b' AND state <> 'resolved'`)).toContain('USING INDEX')
  expect(plan(`SELECT * FROM alert WHERE state IN ('pending', 'firing') ORDER BY id`)).toContain('USING INDEX alert_by_state')
  expect(plan(`SELECT * FROM alert WHERE deployment = 'a' AND holds_releases = 1 AND state = 'firing'`)).toContain(
    'USING INDEX alert_holding',
  )
  expect(
    plan(`SELECT * FROM notice WHERE channel = 'a' AND state IN ('waiting', 'sending') AND next_at <= 5 ORDER BY next_at, id LIMIT 1`),
  ).toContain('USING INDEX notice_due')
})
