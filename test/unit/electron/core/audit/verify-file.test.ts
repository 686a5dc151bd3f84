import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { headOfExport, pageOfExport } from '../../../../../electron/core/audit/export.ts'
import { verifyFile } from '../../../../../electron/core/audit/verify-file.ts'
import { csvOfEntries, type AuditFilterInput, type ExportEntry } from '../../../../../shared/domain/audit/export.ts'
import { auditLog, type AuditLog } from '../../../../harness/audit-log.ts'

function lines(log: AuditLog, filter: AuditFilterInput = {}): string[] {
  const head = headOfExport(log.store, { filter, fleet: 'plant', keys: log.keyring.roots().assignment, now: 5 })
  const entries: ExportEntry[] = []
  for (let after: number | null = 0; after !== null;) {
    const page = pageOfExport(log.store, filter, { size: head.size, after, limit: 50 })
    entries.push(...page.entries)
    after = page.next
  }
  return [head, ...entries, { kind: 'end', entries: entries.length }].map((line) => JSON.stringify(line))
}

function verify(log: AuditLog, content: readonly string[], key: string | null = log.keyring.roots().assignment[0]!) {
  const file = join(log.directory, 'export.jsonl')
  writeFileSync(file, content.map((line) => `${line}\n`).join(''))
  return verifyFile(file, { key, now: () => 9 })
}

function signedLog(): AuditLog {
  const log = auditLog()
  log.add(120)
  log.add(1, { actor: 'web:ben', action: 'rollouts.pause', detail: { input: { rollout: 1, reason: 'dark' } } })
  log.keeper.sign()
  // What comes later belongs to the next checkpoint.
  log.add(3)
  return log
}

const filters: [string, AuditFilterInput][] = [
  ['the whole log', {}],
  ['a part of it', { device: 'cam-1' }],
]

describe.each(filters)('an export of %s', (_, filter) => {
  test('is what was signed, by the key of the fleet, without a console', async () => {
    const log = signedLog()
    const content = lines(log, filter)
    expect(await verify(log, content)).toMatchObject({
      isGood: true,
      entries: filter.device === undefined ? 121 : 41,
      isKeyGiven: true,
      fleet: 'plant',
    })
    expect(await verify(log, content, null)).toMatchObject({ isGood: true, isKeyGiven: false })
  })

  test('case 54: with an entry changed, it is not', async () => {
    const log = signedLog()
    const content = lines(log, filter)
    const changed = JSON.parse(content[5]!) as ExportEntry
    const seq = changed.seq
    content[5] = JSON.stringify({ ...changed, detail: changed.detail.replace('"site":"s', '"site":"t') })
    const verdict = await verify(log, content)
    expect(verdict.isGood).toBe(false)
    // Of a whole log without stored leaves, the chain and the root show that it is another one; a proof shows which.
    expect(verdict.first!.seq).toBeLessThanOrEqual(seq)
    expect(verdict.findings.some((one) => one.seq <= seq && one.through >= seq)).toBe(true)
  })

  test('with an entry left out, it is not', async () => {
    const log = signedLog()
    const content = lines(log, filter)
    content.splice(6, 1)
    expect((await verify(log, content)).findings).not.toEqual([])
  })

  test('that was cut off, it is not', async () => {
    const log = signedLog()
    const verdict = await verify(log, lines(log, filter).slice(0, -1))
    expect(verdict).toMatchObject({ isGood: false })
    expect(verdict.findings.map(({ sentence }) => sentence).join(' ')).toContain('cut off')
  })

  test('signed by somebody else, it is not', async () => {
    const log = signedLog()
    const other = auditLog()
    expect(await verify(log, lines(log, filter), other.keyring.roots().assignment[0])).toMatchObject({
      isGood: false,
      first: { kind: 'signature' },
    })
  })
})

test('a personal text that was changed in the file is found; one that was erased is counted', async () => {
  const log = signedLog()
  const content = lines(log)
  const good = content.map((line) => line.replace('"text":"anna"', '"text":"ben!"'))
  expect(await verify(log, good)).toMatchObject({ isGood: false, first: { kind: 'personal', seq: 1 } })
  log.store.audit.personal.erase(log.store.audit.personal.containing('anna')[0]!)
  expect(await verify(log, lines(log))).toMatchObject({ isGood: true, erased: 1 })
})

test('an entry that was made unreadable is proven by its leaf', async () => {
  const log = signedLog()
  log.store.audit.redact([9], (redacted) =>
    log.store.audit.recordSystem({ at: log.clock.at, action: 'privacy.storesErased', detail: { redacted } }),
  )
  log.keeper.sign()
  for (const [, filter] of filters) expect(await verify(log, lines(log, filter))).toMatchObject({ isGood: true })
  expect(await verify(log, lines(log))).toMatchObject({ redacted: 1 })
})

test.each([
  ['an empty file', []],
  ['no JSON', ['hello']],
  ['no export', ['{"kind":"header","v":2}']],
  ['entries without a header', ['{"kind":"end","entries":0}']],
])('%s is refused by name', async (_, content) => {
  await expect(verify(auditLog(), content)).rejects.toMatchObject({ code: 'audit.file-invalid' })
})

test('as CSV it can be read: what is personal stands in its place, and a formula is none', () => {
  const log = auditLog()
  log.add(1, { actor: 'cli:anna', action: '=cmd()', detail: { input: { note: 'a, b' } } })
  log.keeper.sign()
  const { entries } = pageOfExport(log.store, {}, { size: 1, after: 0, limit: 9 })
  const csv = csvOfEntries(entries)
  expect(csv).toMatch(/^1,2026-01-01T00:00:01.000Z,cli:anna,'=cmd\(\),cam-1 cam-2|^1,2026-01-01T00:00:01.000Z,cli:anna,'=cmd\(\),cam-1/)
  expect(csv).toContain('"{""input"":{""note"":""a, b""}}"')
})
