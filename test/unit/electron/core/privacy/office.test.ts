import Database from 'better-sqlite3'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openBackupKeeper } from '../../../../../electron/core/backup/keeper.ts'
import { listBackups } from '../../../../../electron/core/backup/places.ts'
import { verifyBackup } from '../../../../../electron/core/backup/verify.ts'
import { startJobs } from '../../../../../electron/core/jobs/jobs.ts'
import { verifyLog } from '../../../../../electron/core/audit/verify.ts'
import { emptyLog, eraseFromTelemetry, noteErased, type ErasedSubjects } from '../../../../../electron/core/privacy/erase-rows.ts'
import { ERASED_FILE } from '../../../../../electron/core/privacy/erased-file.ts'
import { openPrivacyOffice, type PrivacyParts } from '../../../../../electron/core/privacy/office.ts'
import { countSubject, subjectData } from '../../../../../electron/core/privacy/subject-data.ts'
import { privacySalt, subjectRefOf } from '../../../../../electron/core/privacy/subject-ref.ts'
import { openFleetStore } from '../../../../../electron/core/store/fleet/fleet-store.ts'
import { openFleet } from '../../../../../electron/core/store/fleet/open.ts'
import { openTelemetryWriter } from '../../../../../electron/core/store/telemetry/open.ts'
import { openTelemetryQueries } from '../../../../../electron/core/store/telemetry/queries.ts'
import { Problem } from '../../../../../shared/domain/problem.ts'
import { backedUp, dataDirectory, type DataDirectory } from '../../../../harness/backed-up.ts'
import { report, T0 } from '../../../../harness/fleet.ts'

const DIGEST = 'd'.repeat(64)
/** What only rows of the person hold. */
const MARK = '3.140625'

/** A console in the small: real stores, real backups in a process of their own; only the hub is left out. */
function desk(of: DataDirectory) {
  const db = openFleet(join(of.directory, 'fleet.db'))
  const store = openFleetStore(db)
  const writer = openTelemetryWriter(join(of.directory, 'telemetry.db'))
  const telemetry = openTelemetryQueries(join(of.directory, 'telemetry.db'))
  onTestFinished(() => [telemetry, writer, db].forEach((one) => one.close()))
  const jobs = startJobs({ onChange: () => undefined })
  onTestFinished(() => jobs.stop())
  const signed: string[] = []
  const state = { isHubAway: false, forgotten: 0 }
  const parts = {
    ...{ store, telemetry, dataDirectory: of.directory, now: () => T0, log: () => undefined, changed: () => undefined },
    desk: { context: { book: { forget: () => void (state.forgotten += 1) } } },
    registry: { manifest: () => null },
    config: { sign: (devices: readonly string[]) => void signed.push(...devices) },
    backups: openBackupKeeper({
      ...{ store, jobs, keyring: of.keyring, dataDirectory: of.directory, version: '0.0.0', now: () => T0 },
      ...{ fleet: () => 'plant', log: () => undefined, changed: () => undefined },
    }),
    hub: () => ({
      erase(erased: ErasedSubjects) {
        if (state.isHubAway) return Promise.reject(new Problem('broker.unreachable', 'The hub does not run.'))
        noteErased(writer, erased.subjects, T0)
        return Promise.resolve({ ...writer.transaction(() => eraseFromTelemetry(writer, erased))(), isLogEmpty: emptyLog(writer) })
      },
    }),
  } as unknown as PrivacyParts
  return { store, writer, telemetry, parts, signed, state, office: openPrivacyOffice(() => parts) }
}

function addSample(db: Database.Database, id: string, of: { subject?: string; data: unknown[]; name?: string }): void {
  const { subject, data, name = 'x' } = of
  const inputs = [{ name, datatype: 'FP32', shape: [1, data.length], data }]
  const body = { deployment: 'd', digest: DIGEST, model: 'm', version: '1', id, predictedAt: T0, weight: 1, inputs, outputs: [] }
  db.prepare(
    `INSERT INTO sample (spool, seq, device, deployment, digest, prediction, predicted_at, body, received_at)
      VALUES ((SELECT min(id) FROM spool), ?, 'cam-1', 'd', '${DIGEST}', ?, ${T0}, ?, ${T0})`,
  ).run(Math.trunc(Math.random() * 1e9), id, JSON.stringify(subject === undefined ? body : { ...body, subjects: [subject] }))
}

const facts = { device: 'cam-1', row: 0, deployment: 'd', digest: DIGEST, model: 'm', version: '1', predictedAt: T0 }
const row = (prediction: string) => ({ ...facts, prediction, predicted: '3', confidence: 0.5, weight: 1, reason: 'random' as const })

/** Files of a folder in which a text stands. */
function holding(directory: string, text: string): string[] {
  return fs
    .readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => fs.statSync(join(directory, name)).isFile() && fs.readFileSync(join(directory, name)).includes(text))
}

test('case 55: a person leaves stores, logs, backups and copies; the audit log verifies; others stay; a restore does not bring them back', async () => {
  const of = dataDirectory()
  const { store, writer, telemetry, parts, signed, state, office } = desk(of)
  const salt = privacySalt(store)
  const [person, other] = [subjectRefOf(salt, 'patient-83'), subjectRefOf(salt, 'somebody')]
  store.privacy.putMark({ field: 'patient', kind: 'subject', mask: 'drop', reason: '', setBy: 'anna', setAt: T0 })
  addSample(writer, 'visit-of-other', { subject: other, data: [1] })
  addSample(writer, 'visit-1~x', { subject: person, data: [Number(MARK)] })
  // From before the field was marked: there the person stands as they are.
  addSample(writer, 'old-visit', { data: ['patient-83'], name: 'patient' })
  addSample(writer, 'newest', { subject: person, data: [Number(MARK), 2] })
  writer
    .prepare(
      `INSERT INTO label (device, prediction, row, deployment, digest, model, version, predicted_at, predicted, actual, spool, seq, subject)
        VALUES ('cam-1', 'visit-1~x', 0, 'd', ?, 'm', '1', ${T0}, '3', '4', 1, 1, ?)`,
    )
    .run(DIGEST, person)
  store.desk.add(row('visit-1~x'), { fields: { inputs: [MARK] }, subject: person })
  // And its row at the desk outlives the sample.
  const inputs = [{ name: 'patient', datatype: 'BYTES', shape: [1], data: ['patient-83'] }]
  store.desk.add(row('aged-out'), { fields: { inputs, masked: {} }, subject: null })
  store.desk.add(row('visit-of-other'), { fields: {}, subject: other })
  store.commands.put({ commandId: 'c', method: 'labelling.label', inputHash: '', output: '{"task":"visit-1~x"}', at: T0 })
  store.audit.append({ at: T0, actor: 'web:anna', action: 'labelling.label', detail: { input: { task: 'cam-1 visit-1~x 0' } } })
  await backedUp(of)
  fs.mkdirSync(join(of.directory, 'before-migration'))
  const copy = join(of.directory, 'before-migration', 'telemetry-schema-50-before-60-x.db')
  fs.copyFileSync(
    join(
      of.folder,
      fs.readdirSync(of.folder).find((name) => name.startsWith('20'))!,
      'telemetry.db',
    ),
    copy,
  )
  // Whoever asks what is stored gets that as well.
  const known = { store, subjects: telemetry.subjects, manifestOf: () => null }
  expect(await countSubject(person, known, 100)).toEqual({ samples: 3, labels: 3 })
  const data = await subjectData(person, known)
  expect(data.samples.map(({ prediction }) => prediction).sort()).toEqual(['newest', 'old-visit', 'visit-1~x'])
  expect(data.labels.map(({ prediction }) => prediction).sort()).toEqual(['aged-out', 'visit-1~x', 'visit-1~x'])
  expect(telemetry.subjects.labels(person, 10)).toMatchObject([{ prediction: 'visit-1~x', actual: '4' }])
  expect(holding(of.directory, MARK).length).toBeGreaterThanOrEqual(4)
  const restoredFrom = fs.readFileSync(copy)

  state.isHubAway = true
  store.privacy.askDevices(store.privacy.addErasure({ subject: person, reason: 'asked', by: 'web:anna', at: T0 }))
  office.kick()
  await vi.waitFor(() => expect(store.privacy.erasure(person)?.problem).toBe('The hub does not run.'))
  state.isHubAway = false
  office.kick()
  await vi.waitFor(() => expect(store.privacy.erasure(person)?.doneAt).toBe(T0), { timeout: 110_000, interval: 100 })
  expect(store.privacy.erasure(person)).toMatchObject({
    problem: null,
    found: { samples: 3, labels: 1, deskRows: 2, backups: 1, copies: 4 },
  })
  for (const text of [MARK, 'patient-83', 'visit-1']) expect(holding(of.directory, text)).toEqual([])
  expect(telemetry.subjects.samples(other, 10)).toHaveLength(1)
  expect(store.desk.aboutSubject(other)).toHaveLength(1)
  expect(telemetry.samples.newest(0, { samples: 10, characters: 1e6 })).toHaveLength(1)
  const verdict = await verifyLog(
    { store, keys: of.keyring.roots().assignment, now: () => T0 },
    { signal: new AbortController().signal, progress: () => undefined },
  )
  expect(verdict.findings).toEqual([])
  const [backup] = listBackups(of.folder, of.keyring.roots().assignment)
  verifyBackup(backup!.directory, of.folder, backup!.manifest)
  expect(backup!.manifest.madeAt).toBe(T0)

  // Devices: one confirms, the other is pending until it does.
  expect(store.privacy.pending().map(({ device }) => device)).toEqual(['cam-1', 'cam-2'])
  store.devices.noteReport(report('cam-1', { erased: [person] }), T0)
  office.heard(['cam-1', 'cam-2'])
  expect([store.privacy.pending().map(({ device }) => device), signed]).toEqual([['cam-2'], ['cam-1']])

  // The stores of before come back, and know nothing of it; the list beside them does.
  writer.exec('DELETE FROM erased_subject')
  fs.writeFileSync(copy, restoredFrom)
  store.db.exec('DELETE FROM privacy_erasure')
  addSample(writer, 'back-again', { subject: person, data: [Number(MARK)] })
  expect(fs.existsSync(join(of.folder, ERASED_FILE))).toBe(true)
  const next = openPrivacyOffice(() => parts)
  const stop = next.start()
  onTestFinished(stop)
  await vi.waitFor(() => expect(store.privacy.erasure(person)?.doneAt).toBe(T0), { timeout: 110_000, interval: 100 })
  expect(holding(of.directory, MARK)).toEqual([])
  expect(store.privacy.pending().map(({ device }) => device)).toEqual(['cam-1', 'cam-2'])
}, 240_000)

test('a copy in which nothing can be looked up is named, and the erasure is not called done', async () => {
  const of = dataDirectory()
  const { store, office } = desk(of)
  privacySalt(store)
  const subject = 'c'.repeat(32)
  fs.mkdirSync(join(of.directory, 'before-restore-x'))
  const damaged = join(of.directory, 'before-restore-x', 'telemetry.db')
  fs.writeFileSync(damaged, 'this is no database, whatever its name says')
  store.privacy.addErasure({ subject, reason: 'asked', by: 'web:anna', at: T0 })
  office.kick()
  await vi.waitFor(() => expect(store.privacy.erasure(subject)?.problem).toContain(damaged), { timeout: 110_000, interval: 100 })
  expect(store.privacy.erasure(subject)?.doneAt).toBeNull()
  fs.rmSync(damaged)
  office.kick()
  await vi.waitFor(() => expect(store.privacy.erasure(subject)?.doneAt).toBe(T0), { timeout: 110_000, interval: 100 })
}, 240_000)

test('what the office cannot write down ends nothing: it is said, and tried again', async () => {
  const of = dataDirectory()
  const { store, parts } = desk(of)
  privacySalt(store)
  store.privacy.addErasure({ subject: 'c'.repeat(32), reason: 'asked', by: 'web:anna', at: T0 })
  const said: string[] = []
  const full = (): never => {
    throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' })
  }
  const broken = { ...parts, store: { ...store, privacy: { ...store.privacy, noteErasure: full } } } as PrivacyParts
  const office = openPrivacyOffice(() => ({ ...broken, log: (_, message) => void said.push(message) }))
  // Whatever is not caught ends this test, as it would end the console.
  office.kick()
  await vi.waitFor(() => expect(said.at(-1)).toBe('people could not be taken out'), { timeout: 30_000, interval: 50 })
  office.kick()
  await vi.waitFor(() => expect(said.filter((one) => one === 'people could not be taken out')).toHaveLength(2), { timeout: 30_000 })
}, 60_000)
