import { expect, test } from 'vitest'
import { openDigitsDesk } from '../../../../harness/rollout-desk.ts'

type Desk = Awaited<ReturnType<typeof openDigitsDesk>>['desk']

const byHand = (desk: Desk, version: string, query = ''): Promise<unknown> => {
  desk.clock.at += 1000
  return desk.call('deployments.apply', { query, model: 'digits', version, deployment: 'digits' })
}
const takeBack = async (desk: Desk, rollout: number): Promise<void> => {
  desk.clock.at += 1000
  await desk.call('rollouts.revert', { rollout })
  desk.settle()
}

test('a version that was ordered by hand before the rollout is taken back to what stood before that order', async () => {
  const { desk } = await openDigitsDesk(['cam-1', 'cam-2'])
  await byHand(desk, '1.1.0', 'id = cam-1')
  const rollout = await desk.begin({})
  await takeBack(desk, rollout)
  expect(['cam-1', 'cam-2'].map((device) => desk.desired(device, 'digits'))).toEqual(['1.0.0', '1.0.0'])
})

test('where no order tells what stood before, the device keeps what it reports; only who had nothing gets nothing', async () => {
  const { desk, old, next } = await openDigitsDesk(['cam-1'])
  desk.join('cam-2')
  await byHand(desk, '1.1.0')
  desk.store.db.exec('UPDATE order_device SET previous_digest = digest, previous_model = model, previous_version = version')
  const rollout = await desk.begin({})
  const slot = (of: typeof old) => ({ digest: of.digest, model: of.model, version: of.version, since: 1 }) as never
  desk.at('cam-1', 'digits', { state: 'active', active: slot(next), lastGood: slot(old) })
  desk.settle()
  await takeBack(desk, rollout)
  expect(['cam-1', 'cam-2'].map((device) => desk.desired(device, 'digits'))).toEqual(['1.0.0', null])
})

test('what a rollout gave back after it outranked another one is known to that one still', async () => {
  const { desk, next } = await openDigitsDesk(['cam-1', 'cam-2', 'cam-3'])
  const low = await desk.begin({})
  desk.commit(low, 'cam-1', 'cam-2')
  const high = await desk.begin({ version: '1.0.0', priority: 5, query: 'id in (cam-1, cam-2)' })
  expect([desk.state(low, 'cam-1'), desk.desired('cam-1', 'digits')]).toEqual(['superseded', '1.0.0'])
  await takeBack(desk, high)
  for (const device of ['cam-1', 'cam-2']) desk.runs(device, 'digits', next)
  desk.settle()
  expect([desk.run(high).state, desk.state(low, 'cam-1')]).toEqual(['reverted', 'committed'])
  await takeBack(desk, low)
  expect(['cam-1', 'cam-2'].map((device) => desk.desired(device, 'digits'))).toEqual(['1.0.0', '1.0.0'])
})

test('what waits to be tried again is given back by a stop and by a revert', async () => {
  for (const kind of ['stop', 'revert'] as const) {
    const { desk, old } = await openDigitsDesk(['cam-1', 'cam-2'])
    const rollout = await desk.begin({ abort: [] })
    desk.commit(rollout, 'cam-1')
    desk.at('cam-2', 'digits', { state: 'reverted', active: slotOf(old), problem: { code: 'probe.timeout', message: 'slow' } })
    desk.settle()
    await desk.call('rollouts.pause', { rollout })
    await desk.call('rollouts.retry', { rollout, query: 'id = cam-2' })
    desk.settle()
    expect([desk.state(rollout, 'cam-2'), desk.desired('cam-2', 'digits')]).toEqual(['pending', '1.1.0'])
    await desk.call(`rollouts.${kind}`, { rollout })
    desk.settle()
    expect([desk.state(rollout, 'cam-2'), desk.desired('cam-2', 'digits')]).toEqual(['reverting', '1.0.0'])
    expect(desk.desired('cam-1', 'digits')).toBe(kind === 'stop' ? '1.1.0' : '1.0.0')
  }
})

test('a revert reaches devices that another rollout outranks and has not ordered yet; a stop leaves those that serve', async () => {
  for (const kind of ['revert', 'stop'] as const) {
    const { desk, old } = await openDigitsDesk(['cam-1', 'cam-2', 'cam-3'])
    const low = await desk.begin({})
    desk.commit(low, 'cam-1', 'cam-2')
    const waves = [{ size: { kind: 'count' as const, devices: 1 }, gate: { byPerson: true } }, { size: { kind: 'rest' as const } }]
    const high = await desk.begin({ version: '1.0.0', priority: 5, waves })
    const ordered = [...desk.run(high).devices.values()].filter(({ attempts }) => attempts > 0).map(({ device }) => device)
    const waiting = ['cam-1', 'cam-2', 'cam-3'].filter((device) => !ordered.includes(device))
    expect(ordered).toHaveLength(1)
    expect(waiting.map((device) => desk.desired(device, 'digits'))).toEqual(['1.1.0', '1.1.0'])
    const state = desk.run(low).state
    if (kind === 'stop' && state === 'completed') continue
    await desk.call(`rollouts.${kind}`, { rollout: low })
    desk.settle()
    const serves = (device: string): boolean => kind === 'stop' && device !== 'cam-3'
    expect(waiting.map((device) => desk.desired(device, 'digits'))).toEqual(waiting.map((device) => (serves(device) ? '1.1.0' : '1.0.0')))
    for (const device of waiting) if (!serves(device)) desk.runs(device, 'digits', old)
    desk.settle()
    await takeBack(desk, high)
    expect(waiting.map((device) => desk.desired(device, 'digits'))).toEqual(waiting.map((device) => (serves(device) ? '1.1.0' : '1.0.0')))
  }
})

test('a revert takes nothing from a rollout of the same version that outranks it', async () => {
  const { desk } = await openDigitsDesk(['cam-1', 'cam-2'])
  const low = await desk.begin({})
  const high = await desk.begin({ priority: 5, query: 'id = cam-2' })
  expect(desk.state(low, 'cam-2')).toBe('superseded')
  expect(desk.run(high).devices.get('cam-2')).toMatchObject({ state: 'offered' })
  await takeBack(desk, low)
  expect(['cam-1', 'cam-2'].map((device) => desk.desired(device, 'digits'))).toEqual(['1.0.0', '1.1.0'])
})

test('a version that somebody ordered again by hand goes back with the rollout, which ends', async () => {
  const { desk, old, next } = await openDigitsDesk(['cam-1', 'cam-2'])
  const rollout = await desk.begin({})
  desk.commit(rollout, 'cam-1', 'cam-2')
  desk.clock.at += 1000
  const again = { query: 'id = cam-1', model: 'digits', version: '1.1.0', deployment: 'digits', probation: { inferences: 9 } }
  expect((await desk.call('deployments.apply', again)).order).not.toBeNull()
  desk.runs('cam-1', 'digits', next)
  desk.settle()
  await takeBack(desk, rollout)
  expect(['cam-1', 'cam-2'].map((device) => desk.desired(device, 'digits'))).toEqual(['1.0.0', '1.0.0'])
  for (const device of ['cam-1', 'cam-2']) desk.runs(device, 'digits', old)
  desk.settle()
  expect(desk.run(rollout).state).toBe('reverted')
})

test('the halt of a rollout that is taken back is lifted with the orders of that, in one transaction', async () => {
  for (const kind of ['stop', 'revert'] as const) {
    const { desk } = await openDigitsDesk(['cam-1', 'cam-2'])
    const halted = () => desk.store.settings.get('haltList')?.halts.map((one) => one.rollout) ?? []
    const rollout = await desk.begin({})
    await desk.call('rollouts.pause', { rollout, halt: true })
    desk.store.db.exec("CREATE TEMP TRIGGER broken BEFORE INSERT ON main.order_device BEGIN SELECT RAISE(ABORT, 'no'); END")
    await expect(desk.call(`rollouts.${kind}`, { rollout })).rejects.toThrow()
    expect([desk.run(rollout).state, desk.desired('cam-1', 'digits'), halted()]).toEqual(['paused', '1.1.0', [rollout]])
    desk.store.db.exec('DROP TRIGGER broken')
    await desk.call(`rollouts.${kind}`, { rollout })
    expect([desk.state(rollout, 'cam-1'), desk.desired('cam-1', 'digits'), halted()]).toEqual(['reverting', '1.0.0', []])
    const orders = (await desk.call('orders.list', {})).total
    desk.settle()
    expect((await desk.call('orders.list', {})).total).toBe(orders)
  }
})

test('where what is to be taken back cannot be read, the rollout stops all the same, and the halt stays until the orders are there', async () => {
  const { desk } = await openDigitsDesk(['cam-1'])
  const halted = () => desk.store.settings.get('haltList')?.halts.map((one) => one.rollout) ?? []
  const rollout = await desk.begin({})
  await desk.call('rollouts.pause', { rollout, halt: true })
  const read = desk.rollouts.facts.read.bind(desk.rollouts.facts)
  desk.rollouts.facts.read = () => {
    throw new Error('it cannot be read')
  }
  expect(await desk.call('rollouts.stop', { rollout })).toMatchObject({ state: 'stopped', isChanged: true })
  expect([desk.desired('cam-1', 'digits'), halted()]).toEqual(['1.1.0', [rollout]])
  desk.settle()
  expect(halted()).toEqual([rollout])
  desk.rollouts.facts.read = read
  desk.tick(6000)
  expect([desk.desired('cam-1', 'digits'), halted()]).toEqual(['1.0.0', []])
})

test('a halt list that names a rollout which is not halted any more is put right by the next look', async () => {
  const { desk } = await openDigitsDesk(['cam-1'])
  const rollout = await desk.begin({})
  await desk.call('rollouts.pause', { rollout, halt: true })
  const stale = desk.store.settings.get('haltList')!
  await desk.call('rollouts.resume', { rollout })
  desk.store.settings.set('haltList', { ...stale, counter: desk.store.settings.get('haltList')!.counter })
  desk.settle()
  expect(desk.store.settings.get('haltList')!.halts).toEqual([])
})

function slotOf(of: { digest: string; model: string; version: string }) {
  const { digest, model, version } = of
  return { digest, model, version, since: 1 } as never
}
