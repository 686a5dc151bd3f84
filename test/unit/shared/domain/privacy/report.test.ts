import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { masksWithMarks } from '../../../../../shared/domain/privacy/mark.ts'
import { reportKinds, reportText } from '../../../../../shared/domain/privacy/report.ts'
import { subjectArchive } from '../../../../../shared/domain/privacy/subject-archive.ts'
import { retentionKinds, retentionOf } from '../../../../../shared/domain/retention.ts'
import type { PrivacyRecord, SubjectData } from '../../../../../shared/rpc/contract/privacy.ts'
import { T0, temporaryDirectory } from '../../../../harness/fleet.ts'

const record: PrivacyRecord = {
  ...{ fleet: '<script>alert(1)</script> | plant', at: T0, version: '0.7.0', devices: 4 },
  rows: [{ what: 'Samples', place: 'telemetry.db', isPersonal: 'yes', kept: '30 days', ground: 'service', who: 'admins', rows: 17 }],
  fields: [{ field: 'age', kind: 'personal', mask: 'drop', reason: '', setBy: 'anna', setAt: T0, models: ['triage'] }],
  retention: retentionOf(undefined),
  samplesOn: false,
  erasures: { total: 3, done: 2, pendingDevices: 1 },
  audit: { entries: 1234, checkpoints: 2, oldestAt: T0, isVerified: true },
  people: { accounts: 5, admins: 1 },
  backups: { count: 7, keys: 'sealed', newestAt: T0 },
  models: [{ model: 'triage', version: '1.0.0', digest: 'd'.repeat(64), devices: 4 }],
}

test('each report has the figures of the console, in both forms, and no name can become markup', () => {
  for (const kind of reportKinds) {
    const [markdown, html] = [reportText(kind, record, 'markdown'), reportText(kind, record, 'html')]
    expect(html).not.toContain('<script')
    expect(markdown).not.toMatch(/(?<!\\)<script/)
    for (const text of [markdown, html]) expect(text).toContain('triage')
  }
  expect(reportText('gdpr', record, 'markdown')).toContain('Erased so far: 3 (2 done on the console; 1 devices are still to confirm)')
  expect(reportText('hipaa', record, 'markdown')).toContain('1234 entries')
  expect(reportText('ai-act', record, 'markdown')).toContain('| events | 90 | no |')
  expect(retentionKinds.length).toBeGreaterThan(0)
})

test('an archive is a ZIP file that other programs open, with everything in it', () => {
  const data: SubjectData = {
    subject: 'a'.repeat(32),
    samples: [
      {
        device: 'cam-1',
        prediction: '=cmd|é',
        deployment: 'd',
        model: 'm',
        version: '1',
        predictedAt: T0,
        inputs: [1.5],
        outputs: [],
        masked: { age: 'drop' },
      },
    ],
    labels: [],
    isWhole: true,
  }
  const file = join(temporaryDirectory(), 'person.zip')
  writeFileSync(file, subjectArchive(data))
  expect(execFileSync('unzip', ['-t', file], { encoding: 'utf8' })).toContain('No errors detected')
  expect(JSON.parse(execFileSync('unzip', ['-p', file, 'data.json'], { encoding: 'utf8' }))).toEqual(data)
  // A cell that a spreadsheet would run is written as text.
  expect(execFileSync('unzip', ['-p', file, 'samples.csv'], { encoding: 'utf8' })).toContain("'=cmd|é")
})

test('of a mask and a mark the one counts that hides more', () => {
  const marks = [
    { field: 'age', mask: 'hash' as const },
    { field: 'name', mask: 'drop' as const },
    { field: 'site', mask: 'none' as const },
  ]
  expect(masksWithMarks({ age: 'round', name: 'hash', site: 'round' }, marks)).toEqual({ age: 'hash', name: 'drop', site: 'round' })
  expect(masksWithMarks({ age: 'drop' }, marks)).toEqual({ age: 'drop', name: 'drop' })
})
