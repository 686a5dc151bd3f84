import { expect, test } from 'vitest'
import { openReleaseDesk, slotOf } from '../../../../harness/release-desk.ts'

test('a read that fails in the middle counts nobody twice: it is read again as a whole', async () => {
  const desk = openReleaseDesk()
  const v1 = await desk.importSample('wine', '1.0.0')
  const devices = ['cam-1', 'cam-2', 'cam-3']
  desk.join(...devices)
  desk.book.refresh()
  const { orders } = desk.store
  const read = orders.inForceOnDevice.bind(orders)
  let reads = 0
  orders.inForceOnDevice = (device) => {
    reads += 1
    if (reads === 2) throw new Error('input or output')
    return read(device)
  }
  await expect(desk.call('deployments.apply', { query: '', model: 'wine', version: '1.0.0' })).rejects.toThrow('input or output')
  expect(reads).toBe(2)
  const { order } = (await desk.call('orders.list', {})).orders[0]!
  for (const device of devices) desk.runs(device, 'wine', v1)
  expect(await desk.call('orders.show', { order })).toMatchObject({ state: 'done', reached: 3 })
  expect(desk.store.orders.find(order)!.state).toBe('done')
})

test('what is kept in memory of an order that ended goes with the devices that it had', async () => {
  const desk = openReleaseDesk()
  const v1 = await desk.importSample('wine', '1.0.0')
  const blocks = desk.registry.sizeOf(v1.digest).blocks
  desk.join('cam-1')
  desk.book.refresh()
  for (let n = 0; n < 6; n++) {
    desk.clock.at += 2000
    await desk.call('deployments.apply', { query: '', model: 'wine', version: '1.0.0', probation: { inferences: n + 1 } })
    const progress = { blocksHave: 0, blocksTotal: blocks, bytesReceived: 0 }
    desk.at('cam-1', 'wine', { state: 'fetching', candidate: slotOf(v1), progress })
    desk.runs('cam-1', 'wine', v1)
  }
  expect((await desk.call('orders.list', {})).total).toBe(6)
  expect(desk.book.remembered()).toEqual({ tallies: 1, samples: 1 })
})
