import type { BackupSchedule } from '../../../../shared/domain/backup/schedule.ts'
import type { Retention } from '../../../../shared/domain/retention.ts'
import type { ApprovalPolicy } from '../../../../shared/rpc/contract/approvals.ts'
import type { DevicePolicy } from '../../../../shared/rpc/contract/device-trust.ts'
import type { PriceSheet } from '../../../../shared/rpc/contract/costs.ts'
import type { OwnTemplate } from '../../report/templates.ts'
import type { BackupState } from '../../backup/keeper.ts'
import type { RestoredFrom } from '../../backup/restore/after-restore.ts'
import type { KeySeal } from '../../backup/seal-keys.ts'
import type { BrokerOptions } from '../../hub/messages.ts'
import type { StoredHaltList } from '../../rollout/halt-list.ts'
import { openSecretBox, type SecretBox, type StoredSecret } from '../../trust/secret-box.ts'
import type { WriteDb } from '../open.ts'

/** What the fleet remembers of itself. */
export interface Settings {
  fleet: string
  fleetName: string
  limitBytesPerSecond: number | null
  /** The token of the interface. It outlives a restart, so that an open page connects again by itself. */
  consoleToken: string
  /** Somebody has answered the questions of the first run. */
  isSetUp: boolean
  /** The password of an external broker is sealed where the desktop keeps a key; else it is plain, in a file that its owner alone reads. */
  broker: BrokerOptions
  sampleFleet: SampleFleetSetting
  /** Days that telemetry is kept, where somebody chose others than the usual. */
  retention: Partial<Retention>
  /** False alarms that the whole fleet may give. */
  alarmBudget: { falseAlarms: number; perDays: number }
  /** How far rules on events have read, by rule. */
  alertCursors: Record<string, number>
  labelling: LabellingSetting
  /** What approval needs; nothing where nobody has said. */
  approvalPolicy: ApprovalPolicy
  /** The halt list that was signed last. */
  haltList: StoredHaltList
  /** Public keys, raw, base64, that ever signed checkpoints of the audit log. */
  auditKeys: string[]
  priceSheet: PriceSheet
  /** Templates of reports that people of this fleet have saved. */
  reportTemplates: OwnTemplate[]
  /** Reports that people asked for go so many days after they were asked for; null, or nothing: they stay. */
  reportKeepDays: number | null
  /** Reports whose rows are gone, and whose files are still to be removed. */
  removedReports: number[]
  /** How devices join, and what happens when one is seen twice. */
  devicePolicy: DevicePolicy
  /** Listener of an external broker on which devices enrol, where Muster made its configuration. */
  enrolListener: { port: number; password: string }
  /** Until when the papers of such a broker count, and when the list of what was taken back was last written for it. */
  brokerPapers: { certificateUntil: number; listUntil: number; listAt: number }
  /** The epoch that orders are signed in; nothing: 0. */
  epoch: number
  /** Id of the key that signed the standing orders. */
  ordersSignedBy: string
  /** When backups are made, where somebody chose it otherwise than usual. */
  backupSchedule: BackupSchedule
  /** What keys are sealed with in backups: the public half of a passphrase. */
  backupSeal: KeySeal | null
  /** Since when the console makes backups, and why the last attempt failed. */
  backupState: BackupState
  /** The restore that this store comes from, until the console has drawn its consequences, and after. */
  restored: RestoredFrom
  /** The highest number that the trust metadata may have had before the restore; what is signed since has a higher one. */
  trustFloor: number
  /** What subjects are hashed with on the devices; it is made with the first mark or erasure, and never changes. */
  privacySalt: string
  /** The restore after which people who were erased were taken out again. */
  privacyRestore: string
  /** telemetry.db was begun: from then on it is there, or somebody must know. */
  hasTelemetry: boolean
}

/** The rules of the labelling desk. */
export interface LabellingSetting {
  /** Labellers who must agree on a row. */
  labellersNeeded: number
  /** Half the width of the interval of the accuracy that people want to come to. */
  targetHalfWidth: number
}

/** What must be known of the sample fleet when the console starts again. */
export interface SampleFleetSetting {
  /** It ran when the console ended. */
  isWanted: boolean
  /**
   * Its devices. A device that a person enrolled under the same id later is not of it: the time of the enrolment differs. While that is not
   * known, because the start was cut off in the middle of one, it is a device with the label of the sample fleet and enrolled since `from`.
   */
  devices: Record<string, { from: number; enrolledAt: number | null }>
}

export type SettingTable = ReturnType<typeof openSettingTable>

/** A broker as it is stored. */
type StoredBroker =
  | Exclude<BrokerOptions, { kind: 'external' }>
  | (Omit<Extract<BrokerOptions, { kind: 'external' }>, 'password'> & { password: StoredSecret | null })

/** Settings by name, each a JSON value. @param box seals what is secret among them */
export function openSettingTable(db: WriteDb, box: SecretBox = openSecretBox(null)) {
  const read = db.prepare<[string], { value: string }>('SELECT value FROM setting WHERE key = ?')
  const write = db.prepare('INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value')
  return {
    get<Key extends keyof Settings>(key: Key): Settings[Key] | undefined {
      const row = read.get(key)
      if (row === undefined) return undefined
      const value = JSON.parse(row.value) as Settings[Key]
      return key === 'broker' ? (openedBroker(value as StoredBroker, box) as Settings[Key]) : value
    },
    set<Key extends keyof Settings>(key: Key, value: Settings[Key]): void {
      write.run(key, JSON.stringify(key === 'broker' ? sealedBroker(value as BrokerOptions, box) : value))
    },
  }
}

function sealedBroker(broker: BrokerOptions, box: SecretBox): StoredBroker {
  return broker.kind === 'external' && broker.password !== null ? { ...broker, password: box.seal(broker.password) } : broker
}

/** A password that cannot be opened here is none: the broker refuses, and the settings say that there is no password. */
function openedBroker(broker: StoredBroker, box: SecretBox): BrokerOptions {
  return broker.kind === 'external' ? { ...broker, password: broker.password === null ? null : box.open(broker.password) } : broker
}
