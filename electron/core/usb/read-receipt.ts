import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import { batchFolder, carriedEnvelope, carryLimits, carryReceipt, receiptPath, type CarryReceipt } from '../../../shared/protocol/carry.ts'
import { decodeMessage, decodeSigned } from '../../../shared/protocol/decode.ts'
import { payloadTypes } from '../../../shared/protocol/envelope.ts'
import { readPlain } from '../../../shared/store/carry-folder.ts'
import { verifySignatures } from '../trust/keys.ts'

/** A receipt whose signature, target and batches are sound. */
export interface SoundReceipt {
  receipt: CarryReceipt
  /** SHA-256 of its signed bytes. */
  hash: string
}

/** Whom a receipt is held against. */
export interface ReceiptContext {
  folder: string
  fleet: string
  device: string
  /** Raw Ed25519 public key of the device, base64. */
  signingKey: string
}

/**
 * Reads the receipt of a device and hashes every batch that it names, before anything of it is stored.
 * @throws Problem `usb.receipt-invalid`, `usb.changed`, `usb.folder-unsafe`
 */
export function readReceipt({ folder, fleet, device, signingKey }: ReceiptContext): SoundReceipt {
  const path = receiptPath(device)
  const file = readPlain(fs, { directory: folder, path, maxBytes: 2 * carryLimits.receiptBytes })
  const { receipt, hash } = openReceipt(file, signingKey, path)
  if (receipt.fleet !== fleet || receipt.device !== device || receipt.reported.device !== device)
    throw new Problem('usb.receipt-invalid', `${path} is a receipt of ${receipt.fleet}/${receipt.device}.`)
  for (const batch of receipt.batches) readBatchFile(folder, device, batch)
  return { receipt, hash }
}

/** The bytes of a batch as the receipt says them. @throws Problem `usb.changed`, `usb.folder-unsafe` */
export function readBatchFile(folder: string, device: string, batch: CarryReceipt['batches'][number]): Uint8Array {
  const path = `${batchFolder(device)}/${batch.name}`
  const bytes = readPlain(fs, { directory: folder, path, maxBytes: batch.sizeBytes })
  if (bytes.length !== batch.sizeBytes || createHash('sha256').update(bytes).digest('hex') !== batch.sha256)
    throw new Problem('usb.changed', `${path} is not the file that the device signed. Nothing of its receipt was stored.`)
  return bytes
}

function openReceipt(file: Uint8Array, signingKey: string, path: string): SoundReceipt {
  try {
    const text = new TextDecoder('utf-8', { fatal: true })
    const { envelope } = decodeMessage(carriedEnvelope, text.decode(file), path)
    const bytes = Buffer.from(envelope.payload, 'base64')
    const isSound =
      envelope.payloadType === payloadTypes.receipt &&
      bytes.toString('base64') === envelope.payload &&
      verifySignatures(payloadTypes.receipt, bytes, envelope.signatures, [signingKey])
    if (!isSound) throw new Problem('usb.receipt-invalid', `${path} carries no valid signature of the device.`)
    return { receipt: decodeSigned(carryReceipt, text.decode(bytes), path), hash: createHash('sha256').update(bytes).digest('hex') }
  } catch (error) {
    if (error instanceof Problem && error.code !== 'message.malformed') throw error
    throw new Problem('usb.receipt-invalid', `${path} cannot be read: ${messageOf(error)}`, { cause: error })
  }
}
