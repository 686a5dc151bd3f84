import { beforeEach, describe, expect, test } from 'vitest'
import { openReleaseDesk, slotOf, type ReleaseDesk } from '../../../../harness/release-desk.ts'

let desk: ReleaseDesk
let v1: { digest: string; model: string; version: string }
let v2: typeof v1

const apply = async (version: string, more: { query?: string; as?: 'shadow' } = {}) =>
  (await desk.call('deployments.apply', { query: '', model: 'wine', version, ...more })).order!
const withdraw = (version: string) => desk.call('approvals.withdraw', { model: 'wine', version, why: 'Wrong labels.' })
const fallback = (version: string) => desk.call('approvals.setFallback', { deployment: 'wine', model: 'wine', version })
const desired = () => ['cam-1', 'cam-2'].map((device) => desk.desired(device, 'wine'))

/** Both devices serve 2.0.0, which took the place of 1.0.0. @returns the order */
async function released(): Promise<number> {
  await apply('1.0.0')
  for (const device of ['cam-1', 'cam-2']) desk.runs(device, 'wine', v1)
  const order = await apply('2.0.0')
  for (const device of ['cam-1', 'cam-2']) desk.at(device, 'wine', { state: 'active', active: slotOf(v2), lastGood: slotOf(v1) })
  return order
}

beforeEach(async () => {
  desk = openReleaseDesk()
  v1 = await desk.importSample('wine', '1.0.0')
  v2 = await desk.importSample('wine', '2.0.0')
  desk.join('cam-1', 'cam-2')
})

describe('undoing does not bring a withdrawn version back', () => {
  test('without a fallback version it is refused, and the preview says why', async () => {
    const order = await released()
    await withdraw('1.0.0')
    const preview = await desk.call('orders.preview', { order, action: 'undo' })
    expect(preview).toMatchObject({ restored: [], refused: 2 })
    expect(preview.sentence).toBe(
      `Undoing order ${order} changes no device. 2 devices keep what is ordered: wine 1.0.0, which they would get back, was withdrawn, and wine has no fallback version.`,
    )
    await expect(desk.call('orders.undo', { order })).rejects.toMatchObject({ code: 'approval.withdrawn' })
    expect(desired()).toEqual(['2.0.0', '2.0.0'])
  })

  test('an unapproved version comes back, whatever the policy asks for', async () => {
    const order = await released()
    await desk.call('approvals.setPolicy', { isRequired: true })
    await desk.call('orders.undo', { order })
    expect(desired()).toEqual(['1.0.0', '1.0.0'])
  })

  test('with a fallback version the devices get that one', async () => {
    const order = await released()
    await desk.importSample('wine', '1.0.0', { as: '1.0.1' })
    await fallback('1.0.1')
    await withdraw('1.0.0')
    const preview = await desk.call('orders.preview', { order, action: 'undo' })
    expect(preview).toMatchObject({ restored: [{ to: { version: '1.0.1' }, devices: 2 }], refused: 0 })
    expect(preview.sentence).toBe(
      `Undoing order ${order}: 2 devices get wine 1.0.1, the fallback version, as wine 1.0.0, which they had, was withdrawn.`,
    )
    await desk.call('orders.undo', { order })
    expect(desired()).toEqual(['1.0.1', '1.0.1'])
  })

  test('if what is ordered was withdrawn as well, and nothing else is there, they get back what they had', async () => {
    const order = await released()
    await withdraw('1.0.0')
    await withdraw('2.0.0')
    expect((await desk.call('orders.preview', { order, action: 'undo' })).sentence).toBe(
      `Undoing order ${order}: 2 devices get wine 1.0.0 back, which was withdrawn, as they have nothing else.`,
    )
    await desk.call('orders.undo', { order })
    expect(desired()).toEqual(['1.0.0', '1.0.0'])
  })

  test('beside the active version it is not put again', async () => {
    await apply('1.0.0')
    for (const device of ['cam-1', 'cam-2']) desk.runs(device, 'wine', v1)
    await desk.importSample('wine', '1.0.0', { as: '1.0.1' })
    await apply('2.0.0', { as: 'shadow' })
    const order = await apply('1.0.1', { as: 'shadow' })
    await withdraw('2.0.0')
    expect((await desk.call('orders.preview', { order, action: 'undo' })).sentence).toBe(
      `Undoing order ${order}: 2 devices have nothing beside wine any more, as wine 2.0.0, which stood there, was withdrawn.`,
    )
    await desk.call('orders.undo', { order })
    expect(desk.store.deployments.ofDevice('cam-1')[0]!.beside).toBeNull()
  })
})

describe('cancelling', () => {
  test('leaves a device with the withdrawn version that it still serves; another one goes on with the order', async () => {
    await apply('1.0.0')
    desk.runs('cam-1', 'wine', v1)
    const order = await apply('2.0.0')
    await withdraw('1.0.0')
    const done = await desk.call('orders.cancel', { order })
    expect(done).toMatchObject({ restored: [{ to: { version: '1.0.0' }, devices: 1 }], refused: 1 })
    expect(desired()).toEqual(['1.0.0', '2.0.0'])
    expect(await desk.call('orders.show', { order })).toMatchObject({ state: 'running', counts: { cancelled: 1 } })
    await expect(desk.call('orders.cancel', { order })).rejects.toMatchObject({ code: 'approval.withdrawn' })
  })
})

describe('a revert', () => {
  const revert = () => desk.call('deployments.revert', { query: '', deployment: 'wine' })

  test('to a withdrawn version is refused, and the preview names the devices', async () => {
    await released()
    await withdraw('1.0.0')
    expect(await desk.call('deployments.previewRevert', { query: '', deployment: 'wine' })).toMatchObject({
      ...{ devices: 0, skipped: [{ reason: 'withdrawn', devices: ['cam-1', 'cam-2'] }] },
    })
    await expect(revert()).rejects.toMatchObject({ code: 'approval.withdrawn' })
    expect(desired()).toEqual(['2.0.0', '2.0.0'])
  })

  test('takes the fallback version instead', async () => {
    await released()
    await desk.importSample('wine', '1.0.0', { as: '1.0.1' })
    await fallback('1.0.1')
    await withdraw('1.0.0')
    expect(await revert()).toMatchObject({ versions: [{ version: '1.0.1', devices: 2 }], fetching: ['cam-1', 'cam-2'] })
  })

  test('takes the last good version all the same if the one that serves was withdrawn as well', async () => {
    await released()
    await withdraw('1.0.0')
    await withdraw('2.0.0')
    expect(await revert()).toMatchObject({ versions: [{ version: '1.0.0', devices: 2 }], skipped: [] })
  })
})
