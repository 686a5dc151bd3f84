import { describe, expect, test } from 'vitest'
import { commandRunner } from '../../../../../electron/core/api/run-command.ts'
import type { Caller, CommandContext } from '../../../../../shared/rpc/dispatch.ts'
import { enrolled, fleetStore, T0 } from '../../../../harness/fleet.ts'

const call = {
  method: 'devices.remove' as const,
  input: { device: 'cam-12' },
  commandId: 'c-1',
  caller: { actor: 'test', role: 'admin' as const },
}

function auditOf(store: ReturnType<typeof fleetStore>): unknown[] {
  return store.db.prepare('SELECT seq, action, length(previous_hash) AS before FROM audit ORDER BY seq').all()
}

describe('a command', () => {
  test('runs once for its id: a resend gets the first result and does nothing', () => {
    const store = fleetStore()
    enrolled(store, 'cam-12')
    const run = commandRunner(store, () => T0)
    let ran = 0
    let after = 0
    const work = (context: CommandContext): unknown => {
      ran += 1
      context.afterCommit(() => void (after += 1))
      return { device: 'cam-12', ran }
    }
    expect(run(call, work)).toEqual({ device: 'cam-12', ran: 1 })
    expect(run(call, work)).toEqual({ device: 'cam-12', ran: 1 })
    expect([ran, after]).toEqual([1, 1])
    expect(auditOf(store)).toEqual([{ seq: 1, action: 'devices.remove', before: 0 }])
  })

  test('gives its result to nobody else: the id stands in the audit log, and the result may hold a code', () => {
    const store = fleetStore()
    const run = commandRunner(store, () => T0)
    const as = (caller: Caller): unknown => run({ ...call, caller }, () => ({ code: 'secret' }))
    const anna = { actor: 'web:anna', role: 'admin', by: 'session', account: 'anna' } as const
    expect(as(anna)).toEqual({ code: 'secret' })
    expect(as({ ...anna, actor: 'cli:anna' })).toEqual({ code: 'secret' })
    for (const other of [
      { actor: 'web:ben', role: 'admin', by: 'session', account: 'ben' },
      { actor: 'token-ci:anna', role: 'admin', by: 'token', account: 'anna', credential: 't1' },
      { actor: 'owner', role: 'admin', by: 'owner', account: null },
    ] as const)
      expect(() => as(other)).toThrow(expect.objectContaining({ code: 'input.invalid' }))
  })

  test('that throws leaves no row, no audit entry and no effect', () => {
    const store = fleetStore()
    enrolled(store, 'cam-12')
    let after = 0
    const work = (context: CommandContext): unknown => {
      store.devices.remove('cam-12')
      context.afterCommit(() => void (after += 1))
      throw new Error('half way')
    }
    expect(() => commandRunner(store, () => T0)(call, work)).toThrow('half way')
    expect([store.devices.all().length, auditOf(store).length, after]).toEqual([1, 0, 0])
  })

  test('whose audit entry cannot be written changes nothing', () => {
    const store = fleetStore()
    enrolled(store, 'cam-12')
    store.db.exec("CREATE TEMP TRIGGER full BEFORE INSERT ON main.audit BEGIN SELECT RAISE(ABORT, 'no entry'); END")
    let after = 0
    const work = (context: CommandContext): unknown => {
      store.devices.remove('cam-12')
      context.afterCommit(() => void (after += 1))
      return {}
    }
    const run = commandRunner(store, () => T0)
    expect(() => run(call, work)).toThrow('no entry')
    expect([store.devices.all().length, auditOf(store).length, store.commands.find('c-1'), after]).toEqual([1, 0, null, 0])
    store.db.exec('DROP TRIGGER full')
    run(call, work)
    expect([store.devices.all().length, auditOf(store).length, after]).toEqual([0, 1, 1])
  })

  test('an id that belongs to another command is refused', () => {
    const store = fleetStore()
    const run = commandRunner(store, () => T0)
    run(call, () => ({}))
    expect(() => run({ ...call, input: { device: 'cam-13' } }, () => ({}))).toThrow(/belongs to another command/)
  })

  test('audit entries are chained: each carries the hash of the one before', () => {
    const store = fleetStore()
    const run = commandRunner(store, () => T0)
    for (const commandId of ['c-1', 'c-2', 'c-3']) run({ ...call, commandId }, () => ({}))
    const rows = store.db.prepare<[], { hash: string; previous_hash: string }>('SELECT hash, previous_hash FROM audit ORDER BY seq').all()
    expect(rows.map((row) => row.previous_hash)).toEqual(['', rows[0]!.hash, rows[1]!.hash])
  })
})
