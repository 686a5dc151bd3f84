import { describe, expect, test } from 'vitest'
import { auditLog } from '../../../../harness/audit-log.ts'

describe('the database itself', () => {
  test.each([
    ['UPDATE audit SET actor = actor WHERE seq = 2'],
    [`UPDATE audit SET detail = '{"erased":true}', redacted_by = 1 WHERE seq = 2`],
    [`UPDATE audit SET detail = '{"erased":true}', redacted_by = 3, actor = 'web' WHERE seq = 2`],
    ['DELETE FROM audit WHERE seq = 3'],
    ['DELETE FROM audit'],
    [`INSERT INTO audit VALUES (9, 0, '', '', '', '', '', NULL)`],
    [`INSERT OR REPLACE INTO audit VALUES (2, 0, '', '', '', '', '', NULL)`],
    ['DELETE FROM audit_leaf WHERE seq = 1'],
    [`UPDATE audit_leaf SET hash = x'00' WHERE seq = 1`],
    ['DELETE FROM audit_device'],
    [`UPDATE audit_device SET device = 'cam-9'`],
    [`UPDATE audit_personal SET text = 'ben'`],
    ['DELETE FROM audit_checkpoint'],
    ['UPDATE audit_checkpoint SET size = 9'],
  ])('refuses %s', (statement) => {
    const log = auditLog()
    log.add(3)
    log.keeper.sign()
    expect(() => log.store.db.exec(statement)).toThrow(/audit log/)
  })
})

describe('what is personal', () => {
  test('stands beside the log, once, and the entry carries its salted hash', () => {
    const { store, add } = auditLog()
    add(1, { actor: 'web:anna', detail: { input: { note: 'the patient in bed 7', device: 'cam-1' } } })
    add(1, { actor: 'cli:anna', detail: { input: { note: '', device: 'cam-1' } } })
    const stored = store.audit.after(0, 10)
    expect(stored.map(({ actor }) => actor.replace(/[0-9a-f]{32}$/, 'ref'))).toEqual(['web::ref', 'cli::ref'])
    expect(stored[0]!.actor.slice(5)).toBe(stored[1]!.actor.slice(5))
    expect(JSON.stringify(stored)).not.toMatch(/anna|patient/)
    expect(stored.map(store.audit.readable).map(({ actor, detail }) => [actor, JSON.parse(detail)])).toEqual([
      ['web:anna', { input: { note: 'the patient in bed 7', device: 'cam-1' } }],
      ['cli:anna', { input: { note: '', device: 'cam-1' } }],
    ])
  })

  test('can be erased for ever, and every hash of the log stands', async () => {
    const log = auditLog()
    log.add(40)
    log.keeper.sign()
    const [ref] = log.store.audit.personal.containing('anna')
    expect(log.store.audit.personal.erase(ref!)).toBe(true)
    expect(log.store.audit.readable(log.store.audit.find(1)!).actor).toBe('cli:(erased)')
    expect(await log.verify()).toMatchObject({ isGood: true, erased: 1, redacted: 0 })
  })

  test('in a place without a reference it goes with its entry, which keeps its hashes', async () => {
    const log = auditLog()
    log.add(4, { detail: { input: { labels: { patient: 'Mr Smith' } } } })
    log.keeper.sign()
    const because = (redacted: Record<string, string>): number =>
      log.store.audit.recordSystem({ at: log.clock.at, action: 'privacy.storesErased', detail: { redacted } })
    expect(log.store.audit.redact([2, 99], because)).toBe(1)
    expect(log.store.audit.redact([2], because)).toBe(0)
    const by = log.store.audit.size()
    log.keeper.sign()
    expect(log.store.audit.find(2)).toMatchObject({
      actor: expect.stringMatching(/^cli$|^cli:$/),
      detail: '{"erased":true}',
      redactedBy: by,
    })
    expect(await log.verify()).toMatchObject({ isGood: true, redacted: 1 })
  })

  test('a field that is called like a reference is no reference', () => {
    const { store, add } = auditLog()
    add(1, { detail: { input: { $personal: 'x', code: 'y' } } })
    expect(JSON.parse(store.audit.readable(store.audit.find(1)!).detail)).toEqual({ input: { $$personal: 'x', code: 'y' } })
  })
})

test('entries of a version without a tree get their leaves', async () => {
  const log = auditLog()
  log.add(600)
  const root = log.store.audit.tree.view().root(600)
  log.tamper('DELETE FROM audit_leaf', 'DELETE FROM audit_node')
  const { openFleetStore } = await import('../../../../../electron/core/store/fleet/fleet-store.ts')
  expect(openFleetStore(log.store.db).audit.tree.view().root(600)).toBe(root)
})
