import * as fs from 'node:fs'
import { Problem, reportOf } from '../../../shared/domain/problem.ts'
import { carryPaths, stemOf, type CarryReceipt } from '../../../shared/protocol/carry.ts'
import type { CarryImported, ImportedDevice } from '../../../shared/rpc/contract/carry.ts'
import { briefReport } from '../../../shared/rpc/dispatch.ts'
import { checkFolder } from '../../../shared/store/carry-folder.ts'
import type { ApiParts } from '../api/parts.ts'
import { act } from '../devices/act.ts'
import type { JobWork } from '../jobs/jobs.ts'
import { readBatchFile, readReceipt, type SoundReceipt } from './read-receipt.ts'

type ImportParts = ApiParts
const receiptName = /^receipts\/([a-z0-9_-]{1,80})\.json$/

/** Who imports what. */
export interface ImportAsk {
  folder: string
  actor: string
}

/**
 * Takes in every receipt of a folder.
 *
 * INVARIANTS
 * 1. A folder with a link, a strange name or the like in it is refused before anything is read.
 * 2. A receipt is checked with all its batches before the first record of it is stored.
 * 3. Records take the way of all telemetry: one writer, each number of a spool once. The receipt is noted after the last of them is committed, so
 *    a cut in between is made good by importing the folder again.
 * 4. A receipt that was imported before is read all the same: a store that came back from a backup, or began anew, may lack what it brought.
 * 5. A receipt never puts what a device said before in the place of what it said later.
 */
export async function importReceipts(parts: ImportParts, ask: ImportAsk, context: Parameters<JobWork>[0]): Promise<CarryImported> {
  const stems = checkFolder(fs, ask.folder).flatMap(({ path }) => receiptName.exec(path)?.[1] ?? [])
  if (stems.length === 0)
    throw new Problem('usb.not-carried', `${ask.folder} holds no receipts in ${carryPaths.receipts}.`, {
      hint: 'Take the folder to the devices first; on each: muster-agent carry apply FOLDER',
    })
  const byStem = new Map(parts.store.devices.all().map(({ device }) => [stemOf(device), device]))
  const devices: ImportedDevice[] = []
  for (const [done, stem] of stems.entries()) {
    if (context.signal.aborted) throw new Problem('cancelled', 'It was cancelled; what is stored stays, and counts once.')
    context.progress(done / stems.length, stem)
    devices.push(await importOne(parts, ask, { stem, device: byStem.get(stem) ?? null }))
  }
  tell(parts, devices)
  return { devices }
}

async function importOne(parts: ImportParts, ask: ImportAsk, of: { stem: string; device: string | null }): Promise<ImportedDevice> {
  const none = { applied: null, deployments: {}, issuedAt: null, records: 0, duplicates: 0 }
  try {
    if (of.device === null) throw new Problem('device.not-found', `There is no device '${of.stem}'; its receipt stays in the folder.`)
    return await takeReceipt(parts, ask, of.device)
  } catch (error) {
    return { device: of.device ?? of.stem.slice(0, 64), state: 'refused', problem: briefReport(reportOf(error)), ...none }
  }
}

async function takeReceipt(parts: ImportParts, { folder, actor }: ImportAsk, device: string): Promise<ImportedDevice> {
  const { store, now } = parts
  const sound = readReceipt({ folder, fleet: parts.fleet, device, signingKey: keyOf(parts, device) })
  const { receipt } = sound
  const said = { device, problem: null, applied: receipt.problem, deployments: receipt.deployments, issuedAt: receipt.issuedAt }
  const isKnown = store.carries.findReceipt(device, sound.hash) !== null
  const counted = { records: 0, duplicates: 0 }
  for (const batch of receipt.batches) {
    const stored = await parts.hub().storeCarried(device, readBatchFile(folder, device, batch))
    counted.records += stored.records
    counted.duplicates += stored.duplicates
  }
  if (isKnown && counted.records === 0) return { ...said, state: 'known', records: 0, duplicates: 0 }
  store.transact(() => {
    noteReport(parts, sound)
    store.carries.putReceipt({
      ...{ device, hash: sound.hash, carryNumber: receipt.carryNumber, receiptNumber: receipt.number, issuedAt: receipt.issuedAt },
      ...{ importedAt: now(), actor, applied: receipt.problem, deployments: receipt.deployments, records: counted.records },
    })
    const detail = { device, carry: receipt.carryNumber, receipt: sound.hash, records: counted.records }
    store.audit.append({ at: now(), actor, action: 'carry.receipt', detail, devices: [device] })
  })
  return { ...said, state: 'taken', ...counted }
}

/** The key that a receipt of the device must be signed with. */
function keyOf({ store }: ImportParts, device: string): string {
  const trust = store.deviceTrust.find(device)
  if (trust?.revoked != null || trust?.quarantined != null)
    throw new Problem(
      'usb.device-shut',
      `${device} ${trust.revoked === null ? 'is in quarantine' : 'was revoked'}; its receipt stays in the folder.`,
    )
  if (trust?.signingKey == null) throw new Problem('usb.no-key', `The console knows no key of ${device}.`)
  return trust.signingKey
}

/** What the device said of itself, unless something later is known. */
function noteReport({ store, now }: ImportParts, { receipt }: SoundReceipt): void {
  const row = store.devices.find(receipt.device)
  if (row === null || row.status === 'online' || isBefore(receipt, store.carries.lastReceipt(receipt.device))) return
  const known = row.reported
  // Over the network it may have spoken since; between two starts of an agent only its clock can tell.
  if (
    known !== null &&
    known.boot !== receipt.reported.boot &&
    known.sentAt > receipt.reported.sentAt &&
    row.reportedAt !== null &&
    row.reportedAt > receipt.carryCreatedAt
  )
    return
  const seenAt = Math.max(row.lastSeenAt ?? 0, Math.min(now(), Math.max(receipt.carryCreatedAt, receipt.issuedAt)))
  store.devices.noteCarriedReport(receipt.reported, seenAt)
}

function isBefore(receipt: CarryReceipt, last: { carryNumber: number; receiptNumber: number } | null): boolean {
  if (last === null || receipt.carryNumber > last.carryNumber) return false
  return receipt.carryNumber < last.carryNumber || receipt.number < last.receiptNumber
}

/** The parts that act on what devices say hear of it as if it had come over the broker. */
function tell(parts: ImportParts, devices: readonly ImportedDevice[]): void {
  const taken = devices.filter(({ state }) => state === 'taken').map(({ device }) => device)
  if (taken.length > 0) {
    const result = { online: [], changed: true, devices: new Set(taken), enrolments: [], certificates: [], wants: [], refused: [] }
    act(parts, result, { publish: (message) => parts.hub().publish(message), log: parts.log })
  }
  parts.changed('deployments', 'telemetry', 'devices')
}
