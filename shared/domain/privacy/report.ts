import type { PrivacyRecord } from '../../rpc/contract/privacy.ts'
import { htmlOf, markdownOf, type Document, type DocumentPart } from './document.ts'
import { maskWords } from './mark.ts'

/** Reports that can be made of the record of processing. */
export const reportKinds = ['gdpr', 'hipaa', 'ai-act'] as const
export type ReportKind = (typeof reportKinds)[number]

/** What each report is, for people. */
export const reportWords: Record<ReportKind, string> = {
  gdpr: 'Record of processing activities (GDPR, Article 30)',
  hipaa: 'Audit controls and integrity (HIPAA, 45 CFR 164.312)',
  'ai-act': 'Logging by a deployer (AI Act, Articles 12, 19 and 26)',
}

/** What a person has to add, because no console knows it. */
const OWN = '(to be filled in by the organisation)'

/** A report with the figures of a console. */
export function reportText(kind: ReportKind, record: PrivacyRecord, format: 'markdown' | 'html'): string {
  const made: Document = { title: reportWords[kind], parts: [...headOf(record), ...bodies[kind](record), ...footOf()] }
  return format === 'html' ? htmlOf(made) : markdownOf(made)
}

function headOf({ fleet, at, version, devices }: PrivacyRecord): DocumentPart[] {
  return [
    { text: `Fleet ${fleet}, ${devices} devices. Made ${timeText(at)} by Muster ${version} from what is stored there at that moment.` },
    { list: [`Organisation: ${OWN}`, `Contact: ${OWN}`] },
  ]
}

function footOf(): DocumentPart[] {
  return [
    { heading: 'What this report is not' },
    {
      text: 'It states what this console keeps and does. It is a template and no legal advice; whether it meets a duty is for the organisation to judge.',
    },
  ]
}

const bodies: Record<ReportKind, (record: PrivacyRecord) => DocumentPart[]> = { gdpr, hipaa, 'ai-act': aiAct }

function gdpr(record: PrivacyRecord): DocumentPart[] {
  const { rows, erasures, backups, people } = record
  return [
    { heading: 'Purposes' },
    { text: 'Putting machine-learning models on devices, watching how they do there, and improving them with labels.' },
    { heading: 'What is kept, where, for how long, on which ground' },
    {
      columns: ['What', 'Where', 'Personal', 'Kept', 'Ground', 'Who may see it', 'Rows now'],
      rows: rows.map((row) => [row.what, row.place, row.isPersonal, row.kept, row.ground, row.who, row.rows]),
    },
    ...fieldParts(record),
    { heading: 'Rights of people' },
    {
      list: [
        `Erased so far: ${erasures.total} (${erasures.done} done on the console; ${erasures.pendingDevices} devices are still to confirm).`,
        'Access: everything about a person is written as JSON and CSV, and the audit log says who asked for it.',
        `Recipients outside: ${OWN}. Muster itself sends nothing to anybody but channels and ways out that a person set up; samples and labels go to none of them.`,
      ],
    },
    { heading: 'Security of processing (Article 32)' },
    {
      list: [
        `${people.accounts} accounts, ${people.admins} of them admins.`,
        `${backups.count} backups, keys ${backups.keys === 'sealed' ? 'sealed in them' : 'left out of them'}.`,
        'What is deleted is overwritten in the stores, from this version on.',
      ],
    },
  ]
}

function hipaa(record: PrivacyRecord): DocumentPart[] {
  const { audit, people, backups } = record
  return [
    { heading: 'Audit controls, 164.312(b)' },
    { list: auditLines(record) },
    { heading: 'Integrity, 164.312(c)' },
    {
      list: [
        'Each entry carries the hash of the one before; the log is a Merkle tree, and devices keep signed checkpoints of it.',
        `Last verification in this run: ${audit.isVerified === null ? 'none' : audit.isVerified ? 'nothing was found' : 'it has findings'}.`,
        `${backups.count} backups; the newest ${backups.newestAt === null ? 'does not exist' : `was made ${timeText(backups.newestAt)}`}.`,
      ],
    },
    { heading: 'Access control, 164.312(a) and (d)' },
    {
      list: [
        people.accounts === 0
          ? 'There are no accounts: whoever has the token of the console does everything.'
          : `${people.accounts} people sign in, ${people.admins} as admins; every method has a role.`,
      ],
    },
    ...fieldParts(record),
    { heading: 'Documents, 164.316(b)(2)(i)' },
    { text: 'The audit log is kept for ever, which covers the six years that are asked for.' },
  ]
}

function aiAct(record: PrivacyRecord): DocumentPart[] {
  const { models, retention } = record
  return [
    { heading: 'Systems in service' },
    { columns: ['Model', 'Version', 'Digest', 'Devices'], rows: models.map((one) => [one.model, one.version, one.digest, one.devices]) },
    { heading: 'Logs (Articles 12, 19 and 26(6))' },
    { list: auditLines(record) },
    {
      columns: ['Log', 'Days it is kept', 'Six months or more'],
      rows: [
        ...logKinds.map((kind) => [kind, retention[kind] ?? 0, (retention[kind] ?? 0) >= HALF_YEAR ? 'yes' : 'no']),
        ['audit log', 'for ever', 'yes'],
      ],
    },
    {
      text: 'Each order names the model by the hash of its signed bundle, the device, the person and the time; a rollout can be read back from the log step by step.',
    },
    { heading: 'Human oversight (Article 26(2))' },
    { text: `Approvals, halts and reverts are commands of people and stand in the log. Persons who oversee: ${OWN}.` },
    ...fieldParts(record),
  ]
}

const logKinds = ['events', 'hours', 'labels', 'usage'] as const
const HALF_YEAR = 184

function auditLines({ audit }: PrivacyRecord): string[] {
  return [
    `${audit.entries} entries${audit.oldestAt === null ? '' : `, the oldest of ${timeText(audit.oldestAt)}`}, under ${audit.checkpoints} signed checkpoints.`,
    'Every command leaves its entry in the same transaction as its effect: who, when, what was asked for.',
    'The log only grows; an entry that names a prediction of somebody who was erased is made unreadable without breaking its proofs.',
  ]
}

function fieldParts({ fields, samplesOn }: PrivacyRecord): DocumentPart[] {
  const state = samplesOn ? 'Samples of inputs and outputs are switched on for some devices.' : 'Samples of inputs and outputs are off.'
  return [
    { heading: 'Fields that are marked as personal' },
    { text: fields.length === 0 ? `No field is marked. ${state}` : state },
    ...(fields.length === 0
      ? []
      : [
          {
            columns: ['Field', 'Is', 'What leaves a device', 'Why', 'Models'],
            rows: fields.map((one) => [
              one.field,
              one.kind,
              maskWords[one.mask],
              one.reason === '' ? null : one.reason,
              one.models.join(', '),
            ]),
          },
        ]),
  ]
}

function timeText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
