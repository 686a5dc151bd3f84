import { copyFileSync, cpSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { checkpoint, checkpointMessage, type Checkpoint } from '../../../../../shared/protocol/checkpoint.ts'
import { isConsistent } from '../../../../../shared/domain/audit/merkle.ts'
import { payloadTypes } from '../../../../../shared/protocol/envelope.ts'
import { CHECKPOINT_MS } from '../../../../../electron/core/audit/keeper.ts'
import { openWitnesses } from '../../../../../electron/core/audit/witnesses.ts'
import { sha256 } from '../../../../../electron/core/store/fleet/audit-tree.ts'
import { verifySignatures } from '../../../../../electron/core/trust/keys.ts'
import { auditLog, type AuditLog } from '../../../../harness/audit-log.ts'

const sizes = (log: AuditLog): number[] => log.store.auditWitnesses.inOrder().map(({ size }) => size)

function sent(log: AuditLog): { payload: Checkpoint; isSigned: boolean; topic: string; retain: number } {
  const row = log.store.outbox.next(0, 10).find(({ topic }) => topic.endsWith('/checkpoint'))!
  const { envelope } = checkpointMessage.parse(JSON.parse(row.payload.toString()))
  const bytes = Buffer.from(envelope.payload, 'base64')
  const isSigned = verifySignatures(payloadTypes.checkpoint, bytes, envelope.signatures, log.keyring.roots().assignment)
  return { payload: checkpoint.parse(JSON.parse(bytes.toString())), isSigned, topic: row.topic, retain: row.retain }
}

describe('a checkpoint', () => {
  test('is signed with the thousandth entry, in its transaction, and sent to every device, retained', () => {
    const log = auditLog()
    log.add(999)
    expect(sizes(log)).toEqual([])
    log.add(2)
    expect(sizes(log)).toEqual([1000])
    expect(sent(log)).toMatchObject({
      isSigned: true,
      topic: 'muster/1/plant/checkpoint',
      retain: 1,
      payload: { size: 1000, previous: null },
    })
    log.add(1500)
    expect(sizes(log)).toEqual([1000, 2000])
  })

  test('that was begun with a change which failed is not there either', () => {
    const log = auditLog()
    log.add(999)
    expect(() =>
      log.store.transact(() => {
        log.store.audit.recordSystem({ at: 1, action: 'test', detail: {} })
        expect(sizes(log)).toEqual([1000])
        throw new Error('half way')
      }),
    ).toThrow('half way')
    expect([sizes(log), log.store.outbox.next(0, 10)]).toEqual([[], []])
  })

  test('is signed an hour after the oldest entry that none covers, and only if there is one', () => {
    const log = auditLog()
    log.keeper.look()
    log.add(3)
    log.clock.at += CHECKPOINT_MS - 5000
    log.keeper.look()
    expect(sizes(log)).toEqual([])
    log.clock.at += 5000
    log.keeper.look()
    log.clock.at += 10 * CHECKPOINT_MS
    log.keeper.look()
    expect(sizes(log)).toEqual([3])
  })

  test('proves that it goes on from the one before', () => {
    const log = auditLog()
    log.add(300)
    log.keeper.sign()
    const first = sent(log).payload
    log.add(77)
    log.keeper.sign()
    const { size, root, previous } = sent(log).payload
    expect(previous).toMatchObject({ size: 300, root: first.root })
    const proof = previous!.proof.map((one) => Buffer.from(one, 'base64'))
    const hex = (text: string): Buffer => Buffer.from(text, 'hex')
    expect(isConsistent(sha256, { from: 300, to: size, fromRoot: hex(first.root), toRoot: hex(root), proof })).toBe(true)
  })
})

describe('what devices keep', () => {
  test('agrees with the log that goes on from it, and is noted', () => {
    const log = auditLog()
    log.add(5)
    log.keeper.sign()
    const { size, root } = sent(log).payload
    log.add(5)
    const witnesses = openWitnesses(log.store)
    expect(witnesses.heard('cam-1', { witness: { size, root } }, 1)).toBe(false)
    expect(log.store.auditWitnesses.witnesses()).toEqual([{ device: 'cam-1', size, root, at: 1 }])
    expect(witnesses.standing({ size, root })).toBe('extends')
    expect(witnesses.heard('cam-2', {}, 1)).toBe(false)
  })

  test('case 54: a database that was rolled back a day is shown by the devices, on record, until an admin says why', async () => {
    const log = auditLog()
    log.add(20)
    log.keeper.sign()
    log.store.db.exec(`VACUUM INTO '${log.directory}/yesterday.db'`)
    log.add(20)
    log.keeper.sign()
    const kept = sent(log).payload

    cpSync(`${log.directory}/keys`, `${log.directory}/restored/keys`, { recursive: true })
    copyFileSync(`${log.directory}/yesterday.db`, `${log.directory}/restored/fleet.db`)
    const restored = auditLog(`${log.directory}/restored`)
    expect(await restored.verify()).toMatchObject({ isGood: true, entries: 20 })

    const witnesses = openWitnesses(restored.store)
    const witness = { size: kept.size, root: kept.root }
    expect(witnesses.heard('cam-1', { witness }, 7)).toBe(true)
    expect(witnesses.heard('cam-1', { witness }, 8)).toBe(false)
    expect(restored.store.audit.ofDevice('cam-1', 1e9, 1)[0]).toMatchObject({ action: 'audit.rolledBack', actor: 'muster', at: 7 })
    // Entry 21 is the one that tells of it.
    expect(await restored.verify()).toMatchObject({ isGood: false, first: { kind: 'missing', seq: 22, through: 40 } })

    // The log outgrows what the device knows: it is another one all the same, and the device that goes on is not believed at once.
    restored.add(30)
    expect(witnesses.standing(witness)).toBe('other')
    expect(
      witnesses.heard('cam-1', { witness: { size: 30, root: restored.store.audit.tree.view().root(30) }, witnessBefore: witness }, 9),
    ).toBe(false)
    expect(restored.store.auditWitnesses.contradictions()).toMatchObject([{ device: 'cam-1', size: 40, logSize: 20, acceptedAt: null }])
    expect(restored.store.auditWitnesses.accept(10, 'cli:anna')).toBe(1)
    expect(await restored.verify()).toMatchObject({ isGood: true })
    restored.keeper.sign()
    expect(sent(restored).payload.accepted).toEqual([witness])
  })

  test('case 54: a log that was rewritten in place is told by a device that says what it said before', () => {
    const log = auditLog()
    log.add(1000)
    const witnesses = openWitnesses(log.store)
    const root = log.store.auditWitnesses.newest()!.root
    expect(witnesses.heard('cam-1', { witness: { size: 1000, root } }, log.clock.at)).toBe(false)
    log.tamper(`UPDATE audit_leaf SET hash = zeroblob(32) WHERE seq = 500`, `DELETE FROM audit_node`)
    // Another process wrote it, and the console was started again.
    const after = openWitnesses(log.store)
    expect(after.heard('cam-1', { witness: { size: 1000, root } }, log.clock.at)).toBe(true)
    expect(log.store.auditWitnesses.contradictions()).toMatchObject([{ device: 'cam-1', size: 1000, acceptedAt: null }])
    expect(after.heard('cam-1', { witness: { size: 1000, root } }, log.clock.at)).toBe(false)
  })

  test('in its older checkpoint, from while nobody heard it, contradicts as well', () => {
    const log = auditLog()
    log.add(10)
    const root = log.store.audit.tree.view().root(10)
    const witnessBefore = { size: 4, root: 'a'.repeat(64) }
    expect(openWitnesses(log.store).heard('cam-1', { witness: { size: 10, root }, witnessBefore }, 1)).toBe(true)
    expect(log.store.auditWitnesses.contradictions()).toMatchObject([{ size: 4, root: 'a'.repeat(64) }])
  })
})
