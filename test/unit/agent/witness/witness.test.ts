import { describe, expect, onTestFinished, test } from 'vitest'
import { openJournal } from '../../../../agent/converge/journal.ts'
import { trustedKeys } from '../../../../agent/trust/verify.ts'
import { openWitness, type Witness } from '../../../../agent/witness/witness.ts'
import { checkpointMessage, type Checkpoint, type CheckpointMessage } from '../../../../shared/protocol/checkpoint.ts'
import { auditLog, type AuditLog } from '../../../harness/audit-log.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'

interface Device {
  witness: Witness
  events: { name: string; message: string }[]
  /** The agent starts anew from its files. */
  restarted(): Witness
}

function device(log: AuditLog, fleet = 'plant'): Device {
  const directory = temporaryDirectory()
  const events: Device['events'] = []
  const open = (): Witness =>
    openWitness({
      fleet,
      journal: openJournal(directory, 0).journal,
      assignmentKeys: () => trustedKeys(log.keyring.roots().assignment),
      tell: ({ name, message }) => void events.push({ name, message }),
    })
  onTestFinished(() => void events.splice(0))
  return { witness: open(), events, restarted: open }
}

function newest(log: AuditLog): CheckpointMessage {
  return checkpointMessage.parse(JSON.parse(log.store.auditWitnesses.newest()!.message))
}

function signed(log: AuditLog, entries: number): CheckpointMessage {
  log.add(entries)
  log.keeper.sign()
  return newest(log)
}

const kept = (witness: Witness): (number | undefined)[] => [witness.kept().witness?.size, witness.kept().witnessBefore?.size]

describe('a device as a witness', () => {
  test('keeps the latest two checkpoints, also over a restart', () => {
    const log = auditLog()
    const { witness, events, restarted } = device(log)
    expect(witness.kept()).toEqual({ witness: null, witnessBefore: null })
    expect(witness.take(signed(log, 5))).toBe(true)
    expect(witness.take(newest(log))).toBe(false)
    for (const size of [3, 40, 7]) expect(witness.take(signed(log, size))).toBe(true)
    expect([kept(witness), kept(restarted()), events]).toEqual([[55, 48], [55, 48], []])
  })

  test('that has missed some takes what comes', () => {
    const log = auditLog()
    const { witness } = device(log)
    witness.take(signed(log, 5))
    signed(log, 5)
    expect(witness.take(signed(log, 5))).toBe(true)
    expect(kept(witness)).toEqual([15, 5])
  })

  test('refuses what is not signed by the fleet, is of another fleet, or is no checkpoint', () => {
    const log = auditLog()
    const message = signed(log, 5)
    const other = signed(auditLog(), 5)
    const { witness, events } = device(log)
    const otherFleet = device(log, 'office')
    for (let again = 0; again < 2; again += 1) {
      expect(witness.take(other)).toBe(false)
      expect(otherFleet.witness.take(message)).toBe(false)
    }
    expect(events).toEqual([{ name: 'checkpoint.refused', message: expect.stringContaining('no valid signature') }])
    expect(otherFleet.events).toEqual([{ name: 'checkpoint.refused', message: expect.stringContaining('of plant, not of office') }])
    expect(kept(witness)).toEqual([undefined, undefined])
  })

  test('case 54: does not take a log that is shorter, another one of the same length, or one that does not go on from what it knows', () => {
    const log = auditLog()
    const { witness, events } = device(log)
    witness.take(signed(log, 30))

    // The same keys, another history: the console was rolled back, or rewritten.
    const twin = auditLog(log.directory + '/twin')
    const forge = (entries: number): CheckpointMessage => {
      twin.add(entries, { action: 'devices.remove' })
      twin.keeper.sign()
      const { envelope } = newest(twin)
      const bytes = Buffer.from(envelope.payload, 'base64')
      return { ...newest(twin), envelope: { ...envelope, signatures: log.keyring.sign('application/vnd.muster.checkpoint+json', bytes) } }
    }
    for (const [entries, words] of [
      [20, 'now signs one of 20'],
      [10, 'another one of the same length'],
      [5, 'does not go on from it'],
    ] as const) {
      expect(witness.take(forge(entries))).toBe(false)
      expect(events.at(-1)).toMatchObject({ name: 'checkpoint.conflict', message: expect.stringContaining(words) })
    }
    // It names what the device knows as the one before, and proves nothing.
    const known = witness.kept().witness!
    const { envelope, ...rest } = forge(5)
    const payload = JSON.parse(Buffer.from(envelope.payload, 'base64').toString()) as Checkpoint
    const claimed = Buffer.from(JSON.stringify({ ...payload, previous: { ...payload.previous, ...known } }))
    const signatures = log.keyring.sign('application/vnd.muster.checkpoint+json', claimed)
    expect(witness.take({ ...rest, envelope: { ...envelope, payload: claimed.toString('base64'), signatures } })).toBe(false)
    expect(events.at(-1)).toMatchObject({ name: 'checkpoint.conflict', message: expect.stringContaining('does not go on from it') })
    expect(kept(witness)).toEqual([30, undefined])
  })

  test('goes on from a log that an admin has accepted', () => {
    const log = auditLog()
    const { witness, events } = device(log)
    witness.take(signed(log, 5))
    const known = witness.kept().witness!
    // A restored log: the same beginning is not needed, an act of an admin is.
    const restored = auditLog(log.directory + '/restored')
    restored.store.auditWitnesses.contradict({ device: 'cam-1', size: known.size, root: known.root, logSize: 2, foundAt: 1 })
    restored.store.auditWitnesses.accept(2, 'cli:anna')
    restored.add(2)
    restored.keeper.sign()
    const { envelope, ...rest } = newest(restored)
    const bytes = Buffer.from(envelope.payload, 'base64')
    const message = { ...rest, envelope: { ...envelope, signatures: log.keyring.sign('application/vnd.muster.checkpoint+json', bytes) } }
    expect(witness.take(message)).toBe(true)
    expect([kept(witness), events]).toEqual([[2, 5], []])
  })
})
