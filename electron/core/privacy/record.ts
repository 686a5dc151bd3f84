import { retentionKinds, retentionOf, retentionWords, type RetentionKind } from '../../../shared/domain/retention.ts'
import type { PrivacyRecord } from '../../../shared/rpc/contract/privacy.ts'
import type { ApiParts } from '../api/parts.ts'
import { isSamplesOn, shownFields } from './show.ts'

type Row = PrivacyRecord['rows'][number]

const service = 'Performance of the service: watching models that were put in place'
const duty = 'Legal duty to record (AI Act 12, 19 and 26; HIPAA 164.312(b))'

/** Kinds of telemetry that tell of single inferences, and so of people where a field is personal. */
const aboutPeople: Partial<Record<RetentionKind, Row['isPersonal']>> = { samples: 'yes', labels: 'yes', distributions: 'can be' }

/** The record of processing of this console, from what is stored now. */
export function privacyRecord(parts: ApiParts): PrivacyRecord {
  const { store, telemetry, audit, backups, now } = parts
  const days = retentionOf(store.settings.get('retention'))
  const facts = telemetry.storeFacts()
  const accounts = store.accounts.all().filter(({ isDisabled }) => !isDisabled)
  const erasures = store.privacy.erasures()
  const status = audit.status()
  const list = backups.list()
  return {
    ...{ fleet: store.settings.get('fleetName') ?? parts.fleet, at: now(), version: parts.version, devices: store.devices.all().length },
    rows: [
      ...retentionKinds.map((kind): Row => ({
        what: retentionWords[kind],
        place: 'telemetry.db of the console; the spool of the device until it was acknowledged',
        isPersonal: aboutPeople[kind] ?? 'no',
        kept: `${days[kind]} days`,
        ground: service,
        who: kind === 'samples' ? 'Everybody who signs in; fields that are marked leave a device masked' : 'Everybody who signs in',
        rows: facts.kinds[kind].rows,
      })),
      ...otherRows(parts),
    ],
    fields: shownFields(parts),
    retention: days,
    samplesOn: isSamplesOn(store),
    erasures: {
      total: erasures.length,
      done: erasures.filter(({ doneAt }) => doneAt !== null).length,
      pendingDevices: new Set(store.privacy.pending().map(({ device }) => device)).size,
    },
    audit: {
      ...{ entries: status.size, checkpoints: status.checkpoints, oldestAt: store.audit.find(1)?.at ?? null },
      isVerified: status.verdict === null ? null : status.verdict.findings.length === 0,
    },
    people: { accounts: accounts.length, admins: accounts.filter(({ role }) => role === 'admin').length },
    backups: {
      ...{ count: list.length, newestAt: list[0]?.manifest.madeAt ?? null },
      keys: (store.settings.get('backupSeal') ?? null) === null ? 'left-out' : 'sealed',
    },
    models: modelsInService(parts),
  }
}

function otherRows({ store, backups }: ApiParts): Row[] {
  const { daily, weekly, monthly } = backups.schedule.keep
  return [
    {
      ...{
        what: 'Inputs and labels that people gave at the desk',
        place: 'fleet.db of the console',
        isPersonal: 'yes',
        kept: 'until they are erased',
      },
      ...{ ground: service, who: 'Everybody who signs in', rows: store.desk.rows({ devices: null }).length },
    },
    {
      ...{ what: 'Audit log: who did what, when', place: 'fleet.db of the console; two checkpoints on each device', isPersonal: 'yes' },
      ...{
        kept: 'for ever; entries that name a prediction of somebody who was erased are made unreadable, the chain stays',
        ground: duty,
        who: 'Everybody who signs in',
        rows: store.audit.size(),
      },
    },
    {
      ...{ what: 'Accounts: names, roles, hashes of passwords, passkeys', place: 'fleet.db of the console', isPersonal: 'yes' },
      ...{
        kept: 'for ever, because the audit log speaks of them',
        ground: 'Security of processing (GDPR 32)',
        who: 'Admins',
        rows: store.accounts.all().length,
      },
    },
    {
      ...{ what: 'Devices: names, labels, facts of the machine', place: 'fleet.db of the console', isPersonal: 'can be' },
      ...{ kept: 'until the device is removed', ground: service, who: 'Everybody who signs in', rows: store.devices.all().length },
    },
    {
      ...{ what: 'Models with reference bins, hold-out rows and golden inputs', place: 'artifacts of the console; bundles on devices' },
      ...{ isPersonal: 'can be', kept: 'as long as the version', ground: service, who: 'Everybody who signs in', rows: null },
    },
    reportsRow(store),
    {
      ...{
        what: 'Backups of all stores',
        place: backups.folder,
        isPersonal: 'yes',
        kept: `${daily} daily, ${weekly} weekly, ${monthly} monthly`,
      },
      ...{ ground: 'Security of processing (GDPR 32)', who: 'Whoever reads the folder', rows: backups.list().length },
    },
  ]
}

function reportsRow({ settings, reports }: ApiParts['store']): Row {
  const days = settings.get('reportKeepDays') ?? null
  return {
    ...{
      what: 'Reports: names of people who acted, their reasons, sentences of alerts, ids of devices',
      place: 'folder reports of the console; wherever somebody has put a file of one',
      isPersonal: 'can be',
    },
    ...{
      kept: `${days === null ? 'until somebody removes them' : `${days} days`}; those of schedules as long as the schedule says`,
      ground: duty,
      who: 'Everybody who signs in',
      rows: reports.total(),
    },
  }
}

function modelsInService({ store, registry }: ApiParts): PrivacyRecord['models'] {
  const running = new Map<string, Set<string>>()
  for (const { digest, device } of store.deployments.all()) running.set(digest, (running.get(digest) ?? new Set()).add(device))
  return registry
    .versions()
    .filter(({ digest }) => running.has(digest))
    .slice(0, 1000)
    .map(({ model, version, digest }) => ({ model, version, digest, devices: running.get(digest)!.size }))
}
