import { createHash, randomUUID } from 'node:crypto'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { Problem, type ProblemReport } from '../../shared/domain/problem.ts'
import type { Clock } from '../../shared/domain/clock.ts'
import {
  batchNameOf,
  carryLimits,
  carryReceipt,
  type CarriedEnvelope,
  type CarriedOutcome,
  type CarryIndex,
  type CarryReceipt,
} from '../../shared/protocol/carry.ts'
import { payloadTypes, preAuthEncoding } from '../../shared/protocol/envelope.ts'
import { WIRE_VERSION } from '../../shared/protocol/message.ts'
import type { ReportedMessage } from '../../shared/protocol/reported.ts'
import { replaceFile } from '../../shared/store/durable-file.ts'
import { storeProblem } from '../../shared/store/sqlite-rules.ts'
import { sha256Of } from '../artifact/block-check.ts'
import { openDeviceSigner, type DeviceSigner } from '../identity/credentials.ts'
import type { Identity } from '../identity.ts'
import type { Spool } from '../telemetry/spool.ts'

/** What a receipt is made from. */
export interface ReceiptParts {
  /** Folder of the agent. */
  directory: string
  identity: Identity
  spool: Spool
  clock: Clock
}

/** What the receipt says. */
export interface Said {
  index: CarryIndex
  carry: string
  problem: ProblemReport | null
  deployments: Record<string, CarriedOutcome>
  reported: ReportedMessage
}

/** Where a receipt and its batches lie, to be copied to the folder that was carried. */
export interface WrittenReceipt {
  folder: string
  receipt: string
  /** How many; `batchNameOf` names them. */
  batches: number
  records: number
}

/** Folder of the agent in which a receipt waits to be copied to a stick. */
export const CARRY_OUT = 'carry-out'
const STATE = 'carry-state.json'
const state = z.looseObject({ receipts: z.int().nonnegative() })

/**
 * Writes the signed receipt of a device, and with it everything that its spool holds; the spool keeps it until the console says, with the next folder
 * or over the broker, that it is stored.
 * @throws Problem `usb.no-key`, `store.*`
 */
export function writeReceipt(parts: ReceiptParts, said: Said): WrittenReceipt {
  const { directory, identity, clock } = parts
  const signer = openDeviceSigner(directory)
  if (signer === null) throw new Problem('usb.no-key', `${identity.device} has no key to sign a receipt with.`)
  const folder = join(directory, CARRY_OUT)
  try {
    // Counted first: a number is never given twice, whatever is cut off.
    const number = countUp(directory)
    fs.rmSync(folder, { recursive: true, force: true })
    fs.mkdirSync(folder, { mode: 0o700 })
    const batches = writeBatches(parts, folder)
    const receipt: CarryReceipt = carryReceipt.parse({
      ...{ v: 1, fleet: identity.fleet, device: identity.device, number, issuedAt: clock.now() },
      ...{ carry: said.carry, carryNumber: said.index.number, carryCreatedAt: said.index.createdAt },
      problem: said.problem === null ? null : { code: said.problem.code, message: said.problem.message.slice(0, 2000) },
      ...{ deployments: said.deployments, reported: said.reported, batches },
    })
    const name = 'receipt.json'
    replaceFile(fs, { directory: folder, name, mode: 0o600 }, Buffer.from(JSON.stringify(signed(signer, receipt, clock.now()))))
    return { folder, receipt: name, batches: batches.length, records: batches.reduce((sum, { records }) => sum + records, 0) }
  } catch (error) {
    throw storeProblem(error, folder)
  }
}

function writeBatches({ spool, identity, clock }: ReceiptParts, folder: string): CarryReceipt['batches'] {
  const batches: CarryReceipt['batches'] = []
  let after = spool.acked
  let id = spool.id
  while (batches.length < carryLimits.batches) {
    const batch = spool.batch(after)
    if (spool.id !== id) {
      // The file was replaced under the read: its numbers begin anew.
      id = spool.id
      after = spool.acked
      continue
    }
    if (batch === null) break
    spool.markSent(batch.through)
    const bytes = Buffer.from(JSON.stringify({ v: WIRE_VERSION, sentAt: clock.now(), device: identity.device, spool: id, ...batch }))
    const name = batchNameOf(batches.length + 1)
    replaceFile(fs, { directory: folder, name, mode: 0o600 }, bytes)
    batches.push({ name, sizeBytes: bytes.length, sha256: sha256Of(bytes), records: batch.records.length })
    after = batch.through
  }
  return batches
}

function countUp(directory: string): number {
  let receipts = 0
  try {
    receipts = state.parse(JSON.parse(fs.readFileSync(join(directory, STATE), 'utf8'))).receipts
  } catch {
    // None was written yet, or the count is lost: the number of the folder that is answered goes before this one.
  }
  replaceFile(fs, { directory, name: STATE, mode: 0o600 }, Buffer.from(`${JSON.stringify({ receipts: receipts + 1 })}\n`))
  return receipts + 1
}

function signed(signer: DeviceSigner, receipt: CarryReceipt, now: number): CarriedEnvelope {
  const bytes = Buffer.from(JSON.stringify(receipt))
  const keyid = createHash('sha256').update(Buffer.from(signer.publicKey, 'base64')).digest('hex').slice(0, 32)
  const sig = signer.sign(preAuthEncoding(payloadTypes.receipt, bytes)).toString('base64')
  return {
    ...{ v: WIRE_VERSION, sentAt: now, id: randomUUID() },
    envelope: { payloadType: payloadTypes.receipt, payload: bytes.toString('base64'), signatures: [{ keyid, sig }] },
  }
}
