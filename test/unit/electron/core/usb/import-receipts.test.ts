import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import * as fs from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import type { ApiParts } from '../../../../../electron/core/api/parts.ts'
import { importReceipts } from '../../../../../electron/core/usb/import-receipts.ts'
import { batchFolder, batchNameOf, carryReceipt, receiptPath } from '../../../../../shared/protocol/carry.ts'
import { payloadTypes, preAuthEncoding } from '../../../../../shared/protocol/envelope.ts'
import { enrolled, fleetStore, report, T0, temporaryDirectory } from '../../../../harness/fleet.ts'

const DEVICE = 'cam-1'

/** A folder with one receipt and one batch of a device. @returns the public key that it is signed for */
function carriedBack(folder: string): string {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url')
  const write = (path: string, bytes: Buffer): void => {
    fs.mkdirSync(dirname(join(folder, path)), { recursive: true })
    fs.writeFileSync(join(folder, path), bytes)
  }
  const batch = Buffer.from('{"records":[]}')
  write(`${batchFolder(DEVICE)}/${batchNameOf(1)}`, batch)
  const receipt = carryReceipt.parse({
    ...{ v: 1, fleet: 'plant', device: DEVICE, carry: 'a'.repeat(64), carryNumber: 1, carryCreatedAt: T0, number: 1, issuedAt: T0 },
    ...{ problem: null, deployments: {}, reported: report(DEVICE) },
    batches: [{ name: batchNameOf(1), sizeBytes: batch.length, sha256: createHash('sha256').update(batch).digest('hex'), records: 3 }],
  })
  const bytes = Buffer.from(JSON.stringify(receipt))
  const signature = {
    keyid: createHash('sha256').update(raw).digest('hex').slice(0, 32),
    sig: sign(null, preAuthEncoding(payloadTypes.receipt, bytes), privateKey).toString('base64'),
  }
  const envelope = { payloadType: payloadTypes.receipt, payload: bytes.toString('base64'), signatures: [signature] }
  write(receiptPath(DEVICE), Buffer.from(JSON.stringify({ v: 1, sentAt: T0, id: randomUUID(), envelope })))
  return raw.toString('base64')
}

test('a receipt that was imported before brings its records again to a telemetry store that began anew', async () => {
  const folder = temporaryDirectory()
  const store = fleetStore(temporaryDirectory())
  enrolled(store, DEVICE)
  store.deviceTrust.setSigningKey(DEVICE, carriedBack(folder))
  const nothing = (): void => undefined
  const has = { records: 0 }
  const parts = {
    ...{ store, fleet: 'plant', now: () => T0, log: nothing, changed: nothing },
    ...{ audit: { heard: nothing }, privacy: { heard: nothing }, book: { settle: nothing } },
    ...{ config: { note: nothing }, rollouts: { note: nothing } },
    hub: () => ({
      storeCarried() {
        const stored = { records: 3 - has.records, duplicates: has.records }
        has.records = 3
        return Promise.resolve(stored)
      },
    }),
  } as unknown as ApiParts
  const bring = async () => {
    const work = { signal: new AbortController().signal, progress: nothing }
    return (await importReceipts(parts, { folder, actor: 'cli:anna' }, work)).devices[0]
  }
  expect(await bring()).toMatchObject({ state: 'taken', problem: null, records: 3, duplicates: 0 })
  expect(await bring()).toMatchObject({ state: 'known', records: 0, duplicates: 0 })
  // Telemetry comes from a backup, or begins anew; fleet.db still knows the receipt.
  has.records = 0
  expect(await bring()).toMatchObject({ state: 'taken', problem: null, records: 3 })
})
