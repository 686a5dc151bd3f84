import { describe, expect, test } from 'vitest'
import { maskedInput } from '../../../../../electron/core/audit/masked-input.ts'
import { unaudited } from '../../../../../electron/core/audit/unaudited.ts'
import { commandRunner } from '../../../../../electron/core/api/run-command.ts'
import { contract, type MethodName } from '../../../../../shared/rpc/contract.ts'
import { createDispatch, type Handlers } from '../../../../../shared/rpc/dispatch.ts'
import { fleetStore, T0 } from '../../../../harness/fleet.ts'

const names = Object.keys(contract) as MethodName[]
const commands = names.filter((name) => contract[name].kind === 'command')

describe('every command of the contract', () => {
  test('leaves exactly one entry, in its own transaction, or stands on the list of those that do not', () => {
    const store = fleetStore()
    const run = commandRunner(store, () => T0)
    const entries = Object.fromEntries(
      commands.map((method) => {
        const before = store.audit.size()
        run({ method, input: { some: 'input' }, commandId: method, caller: { actor: 'cli:anna', role: 'admin' } }, () => {
          expect(store.db.inTransaction).toBe(true)
          return {}
        })
        return [method, store.audit.size() - before]
      }),
    )
    expect(entries).toEqual(Object.fromEntries(commands.map((method) => [method, Object.hasOwn(unaudited, method) ? 0 : 1])))
    const kept = store.audit.after(0, 1000)
    expect(kept.map(({ action }) => action)).toEqual(commands.filter((method) => !Object.hasOwn(unaudited, method)))
  })

  test('reaches its handler through that one way, and a query does not', async () => {
    const ran: string[] = []
    const handlers = Object.fromEntries(names.map((name) => [name, () => ({})])) as unknown as Handlers
    const dispatch = createDispatch({
      handlers,
      runCommand: ({ method }, work) => {
        ran.push(method)
        return work({ caller: { actor: 'x', role: 'admin' }, afterCommit: () => undefined })
      },
      checksOutput: false,
      onInternal: () => undefined,
    })
    const answered: string[] = []
    for (const method of names) {
      const answer = await dispatch({ id: 1, method, input: {}, commandId: 'c' }, { actor: 'x', role: 'admin' })
      if (answer.ok) answered.push(method)
    }
    // Those that ask for more than an empty input end before; the way of the others shows that there is no second one.
    expect(answered.filter((name) => contract[name as MethodName].kind === 'command')).toEqual(ran)
    expect(ran.length).toBeGreaterThan(5)
    expect(ran.every((method) => contract[method as MethodName].kind === 'command')).toBe(true)
  })

  test('each exception is a command, and says why', () => {
    for (const [method, reason] of Object.entries(unaudited)) {
      expect(commands).toContain(method)
      expect(reason.length).toBeGreaterThan(20)
    }
  })
})

describe('what an entry keeps of the input', () => {
  test.each<[unknown, unknown]>([
    [
      { password: 'hunter2', username: 'anna' },
      { password: '***', username: 'anna' },
    ],
    [
      { newPassword: 'x', passphrase: 'y', clientSecret: 'z', privateKey: 'k' },
      { newPassword: '***', passphrase: '***', clientSecret: '***', privateKey: '***' },
    ],
    [{ set: { secret: { deep: 'er' } } }, { set: { secret: '***' } }],
    [
      { password: null, hasSecret: true },
      { password: null, hasSecret: true },
    ],
    [
      { token: 'a'.repeat(43), other: { token: 'ci' } },
      { token: '***', other: { token: 'ci' } },
    ],
    [{ url: 'https://hooks.example/services/T0/B1' }, { url: 'https://hooks.example/…' }],
    [{ brokerUrl: 'mqtt://muster:pw@broker:1883' }, { brokerUrl: 'mqtt://broker:1883…' }],
    [{ url: 'mqtt://broker:1883' }, { url: 'mqtt://broker:1883' }],
    [{ url: null }, { url: null }],
    [{ note: 'n'.repeat(600) }, { note: `${'n'.repeat(500)}…` }],
    [undefined, null],
  ])('%j', (input, kept) => {
    expect(maskedInput(input)).toEqual(kept)
  })
})
