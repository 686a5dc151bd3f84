import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { openReleaseDesk, slotOf, type ReleaseDesk } from '../../../../harness/release-desk.ts'

let desk: ReleaseDesk
let v1: { digest: string; model: string; version: string }
let v2: typeof v1
const devices = ['cam-1', 'cam-2', 'cam-3']

/** Everything that these tests say of an order. */
const told = async (order: number) => {
  const { state, reached, counts, endedAt } = await desk.call('orders.show', { order })
  const where = Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))
  return { state, reached, where, hasEnded: endedAt !== null }
}
const apply = async (version: string, query = '') => (await desk.call('deployments.apply', { query, model: 'wine', version })).order!

beforeEach(async () => {
  desk = openReleaseDesk()
  v1 = await desk.importSample('wine', '1.0.0')
  v2 = await desk.importSample('wine', '2.0.0')
  desk.join(...devices)
})

describe('an order', () => {
  test('runs until every device runs it', async () => {
    const order = await apply('1.0.0')
    desk.connect('cam-3', 'offline')
    expect(await told(order)).toEqual({ state: 'running', reached: 0, where: { ordered: 2, waiting: 1 }, hasEnded: false })
    const blocks = desk.registry.sizeOf(v1.digest).blocks
    desk.at('cam-1', 'wine', {
      state: 'fetching',
      candidate: slotOf(v1),
      progress: { blocksHave: 0, blocksTotal: blocks, bytesReceived: 0 },
    })
    desk.at('cam-2', 'wine', { state: 'probing', candidate: slotOf(v1) })
    expect(await told(order)).toMatchObject({ where: { fetching: 1, checking: 1, waiting: 1 } })
    desk.runs('cam-1', 'wine', v1)
    desk.runs('cam-2', 'wine', v1)
    expect(await told(order)).toMatchObject({ state: 'running', reached: 2 })
    desk.connect('cam-3', 'online')
    desk.runs('cam-3', 'wine', v1)
    expect(await told(order)).toEqual({ state: 'done', reached: 3, where: { active: 3 }, hasEnded: true })
    const shown = await desk.call('orders.show', { order })
    const { bytes } = desk.registry.sizeOf(v1.digest)
    expect(shown.bytes).toMatchObject({ planned: 3 * bytes, present: 3 * bytes, perSecond: null, remainingSeconds: null })
    expect(shown.sentence).toBe('wine 1.0.0 for wine: done; of 3 devices, 3 active.')
    expect(shown).toMatchObject({ canCancel: false, canUndo: true, actor: 'kim', target: { model: 'wine', version: '1.0.0' } })
  })

  test('fails when a device refuses, says why, and is taken up again when the device recovers', async () => {
    const order = await apply('1.0.0', 'id = "cam-1"')
    desk.at('cam-1', 'wine', { state: 'rejected', problem: { code: 'probe.timeout', message: 'It did not answer.' } })
    expect(await told(order)).toMatchObject({ state: 'failed', where: { failed: 1 } })
    const { devices: rows } = await desk.call('orders.devices', { order, state: 'failed' })
    expect(rows).toMatchObject([
      { device: 'cam-1', problem: { code: 'probe.timeout' }, why: 'cam-1 is not on wine 1.0.0: It did not answer. (probe.timeout)' },
    ])
    desk.runs('cam-1', 'wine', v1)
    expect(await told(order)).toMatchObject({ state: 'done', where: { active: 1 } })
  })

  test('fails again when a device falls back after it was done', async () => {
    const order = await apply('1.0.0', 'id = "cam-1"')
    desk.runs('cam-1', 'wine', v1)
    desk.at('cam-1', 'wine', { state: 'reverted', problem: { code: 'runtime.crashed', message: 'Three crashes.' } })
    expect(await told(order)).toMatchObject({ state: 'failed', reached: 1, where: { failed: 1 } })
  })

  test('is superseded by a newer one; what it had reached stays in its history', async () => {
    const first = await apply('1.0.0')
    desk.runs('cam-1', 'wine', v1)
    const second = await apply('2.0.0', 'id = "cam-1"')
    expect(await told(first)).toMatchObject({ state: 'running', reached: 1, where: { ordered: 2, superseded: 1 } })
    const third = await apply('2.0.0')
    expect(await told(first)).toMatchObject({ state: 'done', reached: 1, where: { superseded: 3 } })
    expect((await desk.call('orders.show', { order: third })).devices).toBe(2)
    const { devices: rows } = await desk.call('orders.devices', { order: first })
    expect(rows.map(({ why }) => why)).toEqual([
      expect.stringMatching(`^cam-1 was on wine 1.0.0 by this order from .*, until order ${second} took its place.$`),
      `Order ${third} took the place of this one before cam-2 was on wine 1.0.0.`,
      `Order ${third} took the place of this one before cam-3 was on wine 1.0.0.`,
    ])
  })

  test('that nobody had begun is superseded as a whole', async () => {
    const first = await apply('1.0.0')
    await apply('2.0.0')
    expect(await told(first)).toMatchObject({ state: 'superseded', reached: 0, hasEnded: true })
  })

  test('ends without a device that was taken out of the fleet, which its history keeps', async () => {
    const order = await apply('1.0.0')
    desk.runs('cam-1', 'wine', v1)
    desk.runs('cam-2', 'wine', v1)
    desk.store.devices.remove('cam-3')
    desk.book.settle(['cam-3'])
    expect(await told(order)).toMatchObject({ state: 'done', where: { active: 2, gone: 1 } })
    const { devices: rows } = await desk.call('orders.devices', { order, state: 'gone' })
    expect(rows).toMatchObject([{ device: 'cam-3', status: 'gone', why: 'cam-3 was taken out of the fleet.' }])
    // Whoever joins under the same name has nothing to do with the order.
    desk.clock.at += 10
    desk.store.devices.enrol({ device: 'cam-3', secretHash: 'a'.repeat(64), labels: {}, enrolledAt: desk.clock.at })
    expect(await told(order)).toMatchObject({ where: { active: 2, gone: 1 } })
  })

  test('of a removal is done when the devices stopped serving', async () => {
    await apply('1.0.0', 'id = "cam-1"')
    desk.runs('cam-1', 'wine', v1)
    const removed = await desk.call('deployments.remove', { query: '', deployment: 'wine' })
    expect(removed.devices).toEqual(['cam-1'])
    expect(await told(removed.order)).toMatchObject({ state: 'running', where: { ordered: 1 } })
    desk.reportOf('cam-1', { assignmentCounter: desk.counter('cam-1'), deployments: {} })
    expect(await told(removed.order)).toMatchObject({ state: 'done', where: { removed: 1 } })
    const undone = await desk.call('orders.undo', { order: removed.order })
    expect(undone.restored).toEqual([{ to: { model: 'wine', version: '1.0.0' }, devices: 1 }])
    expect(desk.desired('cam-1', 'wine')).toBe('1.0.0')
  })

  test('misses no activation that could not be written when it came', async () => {
    const order = await apply('1.0.0', 'id in ("cam-1", "cam-2")')
    desk.store.db.exec("CREATE TRIGGER full BEFORE UPDATE OF reached_at ON order_device BEGIN SELECT RAISE(ABORT, 'full'); END")
    expect(() => desk.runs('cam-1', 'wine', v1)).toThrow('full')
    desk.store.db.exec('DROP TRIGGER full')
    desk.runs('cam-2', 'wine', v1)
    expect(await told(order)).toMatchObject({ state: 'done', reached: 2 })
  })

  test('survives a restart of the console: what devices reported meanwhile counts', async () => {
    const order = await apply('1.0.0', 'id = "cam-1"')
    desk.book.forgetDevices(['cam-1'])
    desk.runs('cam-1', 'wine', v1)
    expect(await told(order)).toMatchObject({ state: 'done', reached: 1 })
  })

  test('an order that could not be written ends none that stands', async () => {
    const order = await apply('1.0.0', 'id in ("cam-1", "cam-2")')
    desk.store.db.exec("CREATE TRIGGER full BEFORE INSERT ON order_device WHEN NEW.device = 'cam-2' BEGIN SELECT RAISE(ABORT, 'full'); END")
    await expect(apply('2.0.0', 'id in ("cam-1", "cam-2")')).rejects.toThrow('full')
    desk.store.db.exec('DROP TRIGGER full')
    desk.runs('cam-1', 'wine', v1)
    expect(await told(order)).toMatchObject({ state: 'running', reached: 1 })
    desk.runs('cam-2', 'wine', v1)
    expect(await told(order)).toMatchObject({ state: 'done', reached: 2 })
  })
})

describe('ordering twice', () => {
  test('the same command again is the same order', async () => {
    const as = { commandId: randomUUID() }
    const input = { query: '', model: 'wine', version: '1.0.0' }
    const first = await desk.call('deployments.apply', input, as)
    expect(await desk.call('deployments.apply', input, as)).toEqual(first)
    expect((await desk.call('orders.list', {})).total).toBe(1)
  })

  test('the same thing from another window returns the order that stands, and changes nothing', async () => {
    const order = await apply('1.0.0')
    const counter = desk.counter('cam-1')
    const second = await desk.call('deployments.apply', { query: '', model: 'wine', version: '1.0.0' }, { actor: 'robin' })
    expect(second).toMatchObject({ order, isNew: false, changed: [], devices })
    expect([desk.counter('cam-1'), (await desk.call('orders.list', {})).total]).toEqual([counter, 1])
  })
})

describe('cancelling', () => {
  test('gives back what was there to those that have not activated it, and leaves the others', async () => {
    await apply('1.0.0', 'id in ("cam-1", "cam-2")')
    desk.runs('cam-1', 'wine', v1)
    desk.runs('cam-2', 'wine', v1)
    const order = await apply('2.0.0')
    desk.runs('cam-1', 'wine', v2)
    desk.connect('cam-3', 'offline')
    const preview = await desk.call('orders.preview', { order, action: 'cancel' })
    expect(preview).toMatchObject({
      restored: [
        { to: { model: 'wine', version: '1.0.0' }, devices: 1 },
        { to: null, devices: 1 },
      ],
      staying: 1,
      offline: 1,
    })
    expect(preview.sentence).toBe(
      `Cancelling order ${order}: 1 device gets wine 1.0.0 back; 1 device stops serving wine, which it did not have before. ` +
        'Of these, 1 is offline and hears of it when it connects. 1 device has done it already and stays as it is.',
    )
    expect(desk.desired('cam-2', 'wine')).toBe('2.0.0')

    const done = await desk.call('orders.cancel', { order })
    expect(done).toEqual({ ...preview, order: order + 1 })
    expect(devices.map((device) => desk.desired(device, 'wine'))).toEqual(['2.0.0', '1.0.0', null])
    expect(await told(order)).toMatchObject({ state: 'cancelled', where: { active: 1, cancelled: 2 }, hasEnded: true })
    // What is to be said stands in the outbox, in the same transaction.
    expect(new Set(desk.store.outbox.next(0, 100).map(({ topic }) => topic.split('/').at(-2)))).toEqual(new Set(devices))
    desk.runs('cam-2', 'wine', v1)
    desk.connect('cam-3', 'online')
    desk.reportOf('cam-3', { assignmentCounter: desk.counter('cam-3'), deployments: {} })
    expect(await told(order + 1)).toMatchObject({ state: 'done', where: { active: 1, removed: 1 } })
    expect((await desk.call('orders.list', {})).orders.map((one) => [one.order, one.kind, one.of, one.cancelledBy])).toEqual([
      [order + 1, 'cancel', order, null],
      [order, 'deploy', null, order + 1],
      [order - 1, 'deploy', null, null],
    ])
  })

  test('is refused when there is nothing left to cancel', async () => {
    const order = await apply('1.0.0', 'id = "cam-1"')
    desk.runs('cam-1', 'wine', v1)
    await expect(desk.call('orders.cancel', { order })).rejects.toMatchObject({
      code: 'order.nothing-to-do',
      hint: `Its devices have answered. To take it back: muster orders undo ${order}`,
    })
    await expect(desk.call('orders.cancel', { order: 99 })).rejects.toMatchObject({ code: 'order.not-found' })
  })

  test('twice does it once', async () => {
    const order = await apply('1.0.0')
    await desk.call('orders.cancel', { order })
    await expect(desk.call('orders.cancel', { order })).rejects.toMatchObject({ code: 'order.nothing-to-do' })
  })

  test('that fails leaves everything as it was', async () => {
    const order = await apply('1.0.0')
    desk.store.db.exec(
      "CREATE TRIGGER no_order BEFORE INSERT ON order_device WHEN NEW.device = 'cam-3' AND NEW.order_id > 1 BEGIN SELECT RAISE(ABORT, 'no'); END",
    )
    await expect(desk.call('orders.cancel', { order })).rejects.toThrow('no')
    expect(await told(order)).toMatchObject({ state: 'running', where: { ordered: 3 } })
    expect([desk.desired('cam-1', 'wine'), (await desk.call('orders.list', {})).total]).toEqual(['1.0.0', 1])
    desk.runs('cam-1', 'wine', v1)
    expect(await told(order)).toMatchObject({ where: { ordered: 2, active: 1 } })
  })
})

describe('undoing', () => {
  test('brings the old version back wherever the order is still the newest', async () => {
    await apply('1.0.0')
    for (const device of devices) desk.runs(device, 'wine', v1)
    const order = await apply('2.0.0')
    for (const device of devices) desk.runs(device, 'wine', v2)
    await desk.call('deployments.remove', { query: 'id = "cam-3"', deployment: 'wine' })
    const undone = await desk.call('orders.undo', { order }, { actor: 'robin' })
    expect(undone).toMatchObject({ restored: [{ to: { version: '1.0.0' }, devices: 2 }], staying: 0, untouched: 1 })
    expect(devices.map((device) => desk.desired(device, 'wine'))).toEqual(['1.0.0', '1.0.0', null])
    expect(await desk.call('orders.show', { order })).toMatchObject({ state: 'done', undoneBy: undone.order, canUndo: false })
    await expect(desk.call('orders.undo', { order })).rejects.toMatchObject({ code: 'order.nothing-to-do' })
    // Undoing the undoing is doing it again.
    await desk.call('orders.undo', { order: undone.order })
    expect(desk.desired('cam-1', 'wine')).toBe('2.0.0')
  })

  test('of an order that runs takes it back from all', async () => {
    const order = await apply('1.0.0')
    desk.runs('cam-1', 'wine', v1)
    await desk.call('orders.undo', { order })
    expect(devices.map((device) => desk.desired(device, 'wine'))).toEqual([null, null, null])
  })
})

describe('lists', () => {
  test('are paged, newest first, and filtered', async () => {
    for (const version of ['1.0.0', '2.0.0', '1.0.0', '2.0.0']) await apply(version)
    await desk.call('deployments.apply', { query: 'id = "cam-1"', model: 'wine', version: '1.0.0', deployment: 'spare' })
    const first = await desk.call('orders.list', { limit: 2 })
    expect([first.orders.map(({ order }) => order), first.total, first.next]).toEqual([[5, 4], 5, 4])
    const rest = await desk.call('orders.list', { limit: 10, before: first.next! })
    expect(rest.orders.map(({ order }) => order)).toEqual([3, 2, 1])
    const spare = await desk.call('orders.list', { deployment: 'spare', state: 'running', model: 'wine' })
    expect(spare.orders.map(({ order }) => order)).toEqual([5])
    expect((await desk.call('orders.list', { model: 'digits' })).total).toBe(0)
  })

  test('devices of an order are filtered by state and query, and paged', async () => {
    const order = await apply('1.0.0')
    desk.connect('cam-2', 'offline')
    expect(
      (await desk.call('orders.devices', { order, state: 'ordered', query: 'id != "cam-1"' })).devices.map(({ device }) => device),
    ).toEqual(['cam-3'])
    const page = await desk.call('orders.devices', { order, offset: 1, limit: 1 })
    expect([page.total, page.devices.map(({ device }) => device)]).toEqual([3, ['cam-2']])
  })

  test('deployments in use: versions, where devices stand, the last order', async () => {
    await apply('1.0.0')
    for (const device of devices) desk.runs(device, 'wine', v1)
    const order = await apply('2.0.0')
    desk.connect('cam-1', 'offline')
    desk.runs('cam-2', 'wine', v2)
    desk.at('cam-3', 'wine', { state: 'rejected', active: slotOf(v1), problem: { code: 'probe.timeout', message: 'slow' } })
    expect((await desk.call('deployments.list', {})).deployments).toMatchObject([
      {
        ...{ deployment: 'wine', devices: 3, converged: 1, working: 0, waiting: 1, failed: 1, lastOrder: { order } },
        versions: [
          { version: '2.0.0', desired: 3, active: 1 },
          { version: '1.0.0', desired: 0, active: 2 },
        ],
      },
    ])
  })
})

describe('a deployment that was taken off', () => {
  test('is listed as long as a device serves it; one that a device made up never is', async () => {
    await apply('1.0.0', 'id = "cam-1"')
    desk.runs('cam-1', 'wine', v1)
    desk.runs('cam-2', 'invented', v1)
    await desk.call('deployments.remove', { query: '', deployment: 'wine' })
    const { deployments } = await desk.call('deployments.list', {})
    expect(deployments).toMatchObject([
      { deployment: 'wine', devices: 0, versions: [{ desired: 0, active: 1 }], lastOrder: { kind: 'remove' } },
    ])
  })
})

describe('the preview of a deployment', () => {
  test('counts, names what is there now, and reckons the bytes on the wire by the blocks that devices report', async () => {
    await apply('1.0.0', 'id in ("cam-1", "cam-2")')
    desk.runs('cam-1', 'wine', v1)
    desk.connect('cam-3', 'offline')
    const again = await desk.importSample('wine', '1.0.0', { as: '1.0.1' })
    const { bytes } = desk.registry.sizeOf(again.digest)
    const shared = [...desk.registry.blocksOf(again.digest)!].filter(([sha256]) => desk.registry.blocksOf(v1.digest)!.has(sha256))
    const sharedBytes = shared.reduce((sum, [, size]) => sum + size, 0)
    const travel = desk.registry.travelOf(again.digest)!
    const onWire = [...travel.values()].reduce((sum, size) => sum + size, 0)
    const manifestBytes = travel.get(again.digest)!
    const preview = await desk.call('deployments.preview', { query: '', model: 'wine', version: '1.0.1', limit: 2 })
    expect(preview).toMatchObject({
      counts: { selected: 3, changing: 3, unchanged: 0, changingOffline: 1 },
      from: [
        { current: { version: '1.0.0' }, devices: 2 },
        { current: null, devices: 1 },
      ],
      bundleBytes: bytes,
      bytes: { whole: 3 * bytes, toFetch: 2 * onWire + manifestBytes, published: onWire },
      total: 3,
    })
    // The same model, rows and golden set under another name.
    expect(sharedBytes).toBe(bytes)
    const disks = [...desk.registry.blocksOf(again.digest)!.values()].reduce((sum, size) => sum + size, 0)
    expect(onWire).toBeLessThan(disks)
    expect(preview.devices.map((one) => [one.device, one.bytesToFetch])).toEqual([
      ['cam-1', manifestBytes],
      ['cam-2', onWire],
    ])
  })

  test('warns of devices that may not be able to, and pages only what changes', async () => {
    await apply('1.0.0', 'id = "cam-2"')
    desk.reportOf('cam-1', {
      facts: { ...factsOf('cam-1'), diskFreeBytes: 10, memoryBytes: 1e6, runtimeVersion: '1.2.0', agentVersion: '0.0.1' },
    })
    const preview = await desk.call('deployments.preview', { query: '', model: 'wine', version: '1.0.0', onlyChanges: true })
    expect(preview.warnings.map(({ warning, devices: count, examples }) => [warning, count, examples])).toEqual([
      ['disk', 1, ['cam-1']],
      ['memory', 1, ['cam-1']],
      ['runtime', 1, ['cam-1']],
      ['agent', 1, ['cam-1']],
    ])
    expect(preview.devices.map(({ device }) => device)).toEqual(['cam-1', 'cam-3'])
  })

  const factsOf = (device: string) => {
    desk.reportOf(device, {})
    return desk.store.devices.find(device)!.reported!.facts
  }
})

describe('an alias', () => {
  test('is ordered as what it stands for at that time, and the order says so', async () => {
    await desk.call('models.setAlias', { model: 'wine', alias: 'production', version: '1.0.0' })
    const applied = await desk.call('deployments.apply', { query: '', model: 'wine', version: 'production' })
    await desk.call('models.setAlias', { model: 'wine', alias: 'production', version: '2.0.0' })
    expect(applied).toMatchObject({ version: '1.0.0' })
    expect(desk.desired('cam-1', 'wine')).toBe('1.0.0')
    const shown = await desk.call('orders.show', { order: applied.order! })
    expect(shown).toMatchObject({
      alias: 'production',
      target: { version: '1.0.0' },
      sentence: expect.stringContaining('(production)') as string,
    })
    expect(await desk.call('deployments.preview', { query: '', model: 'wine', version: 'production' })).toMatchObject({
      version: '2.0.0',
      alias: 'production',
    })
  })
})
