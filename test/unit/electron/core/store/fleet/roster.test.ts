import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openFleetStore, type FleetStore } from '../../../../../../electron/core/store/fleet/fleet-store.ts'
import { openFleet } from '../../../../../../electron/core/store/fleet/open.ts'
import { bootId } from '../../../../../../shared/domain/ids.ts'
import { presenceMessage } from '../../../../../../shared/protocol/presence.ts'
import { enrolled, fleetStore, report, T0, temporaryDirectory } from '../../../../../harness/fleet.ts'

function addBundle(store: FleetStore): void {
  store.db.exec(`INSERT INTO bundle VALUES ('d1', x'', '[]', 0), ('d2', x'', '[]', 0)`)
}

const order = (device: string, digest: string) => ({
  device,
  deployment: 'main',
  digest,
  model: 'm',
  version: digest,
  orderedAt: T0,
  asked: null,
  terms: {},
  beside: null,
})

function online(store: FleetStore, device: string): void {
  store.devices.notePresence(
    presenceMessage.parse({ v: 1, sentAt: T0, device, status: 'online', boot: 'boot-1', agentVersion: '0.1.0' }),
    T0,
  )
}

/** What a store that has kept nothing reads from the same file. */
function readAnew(directory: string): unknown {
  const db = openFleet(join(directory, 'fleet.db'))
  try {
    return structuredClone(openFleetStore(db).roster.all())
  } finally {
    db.close()
  }
}

describe('the devices in memory are those of the file', () => {
  test('after a transaction that was rolled back', () => {
    const directory = temporaryDirectory()
    const store = fleetStore(directory)
    addBundle(store)
    enrolled(store, 'cam-1', { site: 'lyon' })
    store.devices.noteReport(report('cam-1'), T0)
    const before = structuredClone(store.roster.all())
    expect(() =>
      store.transact(() => {
        store.devices.noteReport(report('cam-1', { sequence: 2, assignmentCounter: 9 }), T0)
        store.devices.setLabels('cam-1', { site: 'oslo' })
        store.deployments.put(order('cam-1', 'd1'))
        enrolled(store, 'cam-2')
        const seen = store.roster.all()
        expect([seen.length, seen[0]!.row.labels, seen[0]!.orders.length, store.devices.find('cam-1')?.reported?.sequence]).toEqual([
          2,
          { site: 'oslo' },
          1,
          2,
        ])
        throw new Error('half way')
      }),
    ).toThrow('half way')
    expect(store.roster.all()).toEqual(before)
    // The same boot and sequence come again with other content: it is the content of the file that counts.
    store.devices.noteReport(report('cam-1', { sequence: 2, assignmentCounter: 4 }), T0)
    expect(store.devices.find('cam-1')?.reported?.assignmentCounter).toBe(4)
    expect(store.roster.all()).toEqual(readAnew(directory))
  })

  test('after a device was enrolled again and reports the same boot and sequence', () => {
    const store = fleetStore()
    enrolled(store, 'cam-1')
    store.devices.noteReport(report('cam-1', { assignmentCounter: 1 }), T0)
    store.roster.all()
    enrolled(store, 'cam-1')
    store.devices.noteReport(report('cam-1', { assignmentCounter: 2 }), T0)
    expect(store.roster.all()[0]!.row.reported?.assignmentCounter).toBe(2)
  })

  test('after another connection wrote', () => {
    const directory = temporaryDirectory()
    const store = fleetStore(directory)
    enrolled(store, 'cam-1')
    expect(store.roster.all().length).toBe(1)
    const other = fleetStore(directory)
    enrolled(other, 'cam-2')
    expect([store.devices.find('cam-2')?.device, store.roster.all().length]).toEqual(['cam-2', 2])
    other.devices.setLabels('cam-1', { site: 'oslo' })
    expect(store.transact(() => store.roster.all().map(({ row }) => row.labels))).toEqual([{ site: 'oslo' }, {}])
  })

  test('after any changes, read at any moment', () => {
    const device = fc.constantFrom('cam-1', 'cam-2', 'cam-3')
    const step = fc.oneof(
      fc.record({ do: fc.constant('enrol' as const), device }),
      fc.record({ do: fc.constant('remove' as const), device }),
      fc.record({ do: fc.constant('report' as const), device, sequence: fc.nat(5), boot: fc.constantFrom('boot-1', 'boot-2') }),
      fc.record({ do: fc.constant('online' as const), device }),
      fc.record({ do: fc.constant('label' as const), device, value: fc.string({ maxLength: 3 }) }),
      fc.record({ do: fc.constant('order' as const), device, digest: fc.constantFrom('d1', 'd2') }),
      fc.record({ do: fc.constant('take off' as const), device }),
      fc.record({ do: fc.constant('all offline' as const) }),
      fc.record({ do: fc.constant('read' as const) }),
    )
    fc.assert(
      fc.property(
        fc.array(fc.record({ steps: fc.array(step, { maxLength: 6 }), fails: fc.boolean() }), { maxLength: 8 }),
        (transactions) => {
          const directory = temporaryDirectory()
          const db = openFleet(join(directory, 'fleet.db'))
          const store = openFleetStore(db)
          addBundle(store)
          for (const { steps, fails } of transactions) {
            try {
              store.transact(() => {
                for (const one of steps) {
                  if (one.do === 'enrol') enrolled(store, one.device)
                  if (one.do === 'remove') store.devices.remove(one.device)
                  if (one.do === 'report')
                    store.devices.noteReport(report(one.device, { sequence: one.sequence, boot: bootId.parse(one.boot) }), T0)
                  if (one.do === 'online') online(store, one.device)
                  if (one.do === 'label') store.devices.setLabels(one.device, { site: one.value })
                  if (one.do === 'order' && store.devices.find(one.device) !== null) store.deployments.put(order(one.device, one.digest))
                  if (one.do === 'take off') store.deployments.remove(one.device, 'main')
                  if (one.do === 'all offline') store.devices.noteAllOffline()
                  if (one.do === 'read') store.roster.all()
                }
                if (fails) throw new Error('rolled back')
              })
            } catch (error) {
              if (!(error instanceof Error) || error.message !== 'rolled back') throw error
            }
            if (steps.length % 2 === 0) expect(store.roster.all()).toEqual(readAnew(directory))
          }
          expect(store.roster.all()).toEqual(readAnew(directory))
          db.close()
        },
      ),
      { numRuns: 60 },
    )
  })
})

test('a state that depends on dropped records follows the set of devices that drop', () => {
  let dropping: ReadonlySet<string> = new Set()
  const db = openFleet(':memory:')
  onTestFinished(() => void db.close())
  const store = openFleetStore(db, () => dropping)
  for (const device of ['cam-1', 'cam-2']) {
    enrolled(store, device)
    online(store, device)
  }
  const states = (): string[] => store.roster.all().map(({ state, subject }) => `${state.cause} ${subject.health}`)
  expect(states()).toEqual(['no-orders ok', 'no-orders ok'])
  dropping = new Set(['cam-2'])
  expect(states()).toEqual(['no-orders ok', 'dropping-records attention'])
  dropping = new Set(['cam-1', 'gone'])
  expect(states()).toEqual(['dropping-records attention', 'no-orders ok'])
})

test('what a transaction touches is told within it and is gone with it', () => {
  const store = fleetStore()
  for (const device of ['cam-1', 'cam-2', 'cam-3']) enrolled(store, device)
  store.roster.all()
  store.transact(() => {
    store.devices.setLabels('cam-2', { site: 'lyon' })
    store.devices.remove('cam-3')
    expect(store.roster.touched()).toEqual(['cam-2', 'cam-3'])
  })
  expect(store.roster.all().map(({ row }) => row.device)).toEqual(['cam-1', 'cam-2'])
  expect(store.roster.touched()).toEqual([])
})

test('very many changes at once are read as those of few are', () => {
  const directory = temporaryDirectory()
  const store = fleetStore(directory)
  const names = Array.from({ length: 1500 }, (_, i) => `dev-${i}`)
  store.transact(() => {
    for (const name of names) {
      enrolled(store, name)
      store.devices.noteReport(report(name), T0)
      online(store, name)
    }
  })
  store.roster.all()
  store.transact(() => {
    store.devices.noteAllOffline()
    store.devices.noteReport(report('dev-7', { sequence: 5 }), T0)
    store.devices.remove('dev-8')
    expect(store.roster.all().length).toBe(1499)
  })
  expect(store.roster.all()).toEqual(readAnew(directory))
})
