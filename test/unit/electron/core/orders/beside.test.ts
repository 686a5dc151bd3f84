import { beforeEach, describe, expect, test } from 'vitest'
import { deploymentName } from '../../../../../shared/domain/ids.ts'
import { assignment, desiredMessage, type Assignment } from '../../../../../shared/protocol/assignment.ts'
import type { ReportedBeside, ReportedDeployment } from '../../../../../shared/protocol/reported.ts'
import { openReleaseDesk, slotOf, type ReleaseDesk } from '../../../../harness/release-desk.ts'

let desk: ReleaseDesk
let v1: { digest: string; model: string; version: string }
let v2: typeof v1
const devices = ['cam-1', 'cam-2', 'cam-3']

beforeEach(async () => {
  desk = openReleaseDesk()
  v1 = await desk.importSample('wine', '1.0.0')
  v2 = await desk.importSample('wine', '2.0.0')
  desk.join(...devices)
})

type Terms = Partial<Parameters<ReleaseDesk['call']>[1]>

const apply = (version: string, more: Terms = {}) =>
  desk.call('deployments.apply', { query: '', model: 'wine', version, ...more } as Parameters<typeof desk.call<'deployments.apply'>>[1])
const besideOf = (of: typeof v1, change: Partial<ReportedBeside>): ReportedBeside => ({
  role: 'shadow',
  state: 'active',
  content: slotOf(of),
  progress: null,
  problem: null,
  ...change,
})
const runsBoth = (device: string, beside: ReportedBeside | null, more: Partial<ReportedDeployment> = {}): void =>
  desk.at(device, 'wine', { state: 'active', active: slotOf(v1), beside, ...more })
const signed = (device: string): Assignment => {
  const message = desiredMessage.parse(JSON.parse(desk.store.deployments.assignment(device)!.message))
  return assignment.parse(JSON.parse(Buffer.from(message.envelope.payload, 'base64').toString()))
}
const wine = (device: string) => Object.values(signed(device).deployments)[0]!
const told = async (order: number) => {
  const { state, counts } = await desk.call('orders.show', { order })
  return [state, Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))]
}

test('an order asks for its bundle and nothing else: what stands, and a rule of the configuration, ask for nothing anew', async () => {
  await apply('1.0.0')
  const first = signed('cam-1').counter
  expect([wine('cam-1').asked, wine('cam-1').beside]).toEqual([first, null])
  await apply('2.0.0', { as: 'shadow' })
  const second = signed('cam-1').counter
  expect([wine('cam-1').asked, wine('cam-1').beside?.asked]).toEqual([first, second])
  await desk.call('config.set', { target: { scope: 'fleet' }, settings: { flags: { night: true } } })
  expect(signed('cam-1').counter).toBeGreaterThan(second)
  expect([wine('cam-1').asked, wine('cam-1').beside?.asked]).toEqual([first, second])
  for (const device of devices) runsBoth(device, besideOf(v2, {}))
  await desk.call('deployments.promote', { query: '', deployment: 'wine' })
  const promoted = signed('cam-1')
  expect([wine('cam-1').version, wine('cam-1').asked]).toEqual(['2.0.0', promoted.counter])
})

describe('a version beside the active one', () => {
  test('is ordered apart from it, signed with its terms, and reached when it works in its role', async () => {
    const first = await apply('1.0.0')
    for (const device of devices) desk.runs(device, 'wine', v1)
    const shadow = await apply('2.0.0', { as: 'shadow', cpuShare: 0.5, disagreementsPerWindow: 3 })
    expect(wine('cam-1')).toMatchObject({
      version: '1.0.0',
      beside: { version: '2.0.0', role: 'shadow', cpuShare: 0.5, samplesPerWindow: 3, bundle: { digest: v2.digest } },
    })
    expect([await told(first.order!), await told(shadow.order!)]).toEqual([
      ['done', { active: 3 }],
      ['running', { ordered: 3 }],
    ])
    runsBoth('cam-1', besideOf(v2, {}))
    runsBoth('cam-2', besideOf(v2, { state: 'rejected', problem: { code: 'probe.golden-mismatch', message: 'It differs.' } }))
    // Another role than the ordered one is not it.
    runsBoth('cam-3', besideOf(v2, { role: 'staged', state: 'staged' }))
    expect(await told(shadow.order!)).toEqual(['running', { active: 1, failed: 1, checking: 1 }])
    const { devices: rows } = await desk.call('orders.devices', { order: shadow.order! })
    expect(rows.map(({ why }) => why)).toEqual([
      expect.stringMatching(/^cam-1 compares wine 2\.0\.0 since /),
      'cam-2 is not on wine 2.0.0 as shadow: It differs. (probe.golden-mismatch)',
      'cam-3 does not have wine 2.0.0 as shadow: it has not answered the order yet.',
    ])
    const { deployments } = await desk.call('deployments.list', {})
    expect(deployments[0]!.beside).toMatchObject([{ role: 'shadow', version: '2.0.0', desired: 3, working: 1 }])
  })

  test('is staged once it is on the disk, and its share is that of its blocks', async () => {
    await apply('1.0.0')
    desk.runs('cam-1', 'wine', v1)
    const { order } = await apply('2.0.0', { as: 'staged', query: 'id = cam-1' })
    const { blocks, bytes } = desk.registry.sizeOf(v2.digest)
    runsBoth(
      'cam-1',
      besideOf(v2, { role: 'staged', state: 'fetching', progress: { blocksHave: 1, blocksTotal: blocks, bytesReceived: 1 } }),
    )
    const [row] = (await desk.call('orders.devices', { order: order! })).devices
    expect([row!.state, row!.bytesPresent]).toEqual(['fetching', Math.round(bytes / blocks)])
    runsBoth('cam-1', besideOf(v2, { role: 'staged', state: 'staged' }))
    expect(await told(order!)).toEqual(['done', { active: 1 }])
  })

  test('cannot stand where nothing runs, beside itself, or beside a model with other inputs', async () => {
    await apply('1.0.0', { query: 'id = cam-1' })
    await apply('2.0.0', { query: 'id = cam-2' })
    await desk.importSample('digits', '1.0.0')
    await desk.call('deployments.apply', { query: 'id = cam-3', model: 'digits', version: '1.0.0', deployment: 'wine' })
    const shadow = await apply('2.0.0', { as: 'shadow' })
    expect(shadow).toMatchObject({
      changed: ['cam-1'],
      skipped: [
        { reason: 'is-active', devices: ['cam-2'] },
        { reason: 'other-inputs', devices: ['cam-3'] },
      ],
    })
    await expect(apply('2.0.0', { as: 'shadow', deployment: 'other' })).rejects.toMatchObject({ code: 'device.none-match' })
    await expect(apply('2.0.0', { as: 'shadow', percent: 5 })).rejects.toThrow("'percent' belongs to a version that is ordered as split")
    await expect(apply('2.0.0', { as: 'split', serving: { deadlineMs: 50 } })).rejects.toThrow("'serving' belongs to")
  })

  test('changes its share as an order, and is nothing new when the same is ordered again', async () => {
    await apply('1.0.0')
    const split = await apply('2.0.0', { as: 'split', percent: 10 })
    expect(await apply('2.0.0', { as: 'split', percent: 10 })).toMatchObject({ isNew: false, order: split.order })
    expect(await apply('2.0.0', { as: 'split' })).toMatchObject({ isNew: false })
    expect(await apply('2.0.0', { as: 'split', percent: 30 })).toMatchObject({ isNew: true, changed: devices })
    expect(wine('cam-2').beside).toMatchObject({ role: 'split', percent: 30 })
    expect(await told(split.order!)).toEqual(['superseded', { superseded: 3 }])
  })

  test('is ended by an order, which can be undone', async () => {
    await apply('1.0.0')
    const shadow = await apply('2.0.0', { as: 'shadow', cpuShare: 0.4 })
    const ended = await desk.call('deployments.endBeside', { query: '', deployment: 'wine' })
    expect([wine('cam-1').beside, await told(shadow.order!), await told(ended.order)]).toEqual([
      null,
      ['superseded', { superseded: 3 }],
      ['running', { ordered: 3 }],
    ])
    for (const device of devices) runsBoth(device, null)
    expect(await told(ended.order)).toEqual(['done', { removed: 3 }])
    const undone = await desk.call('orders.undo', { order: ended.order })
    expect(undone.sentence).toContain('3 devices get wine 2.0.0 back beside the active version')
    expect(wine('cam-1').beside).toMatchObject({ role: 'shadow', cpuShare: 0.4 })
    await desk.call('deployments.endBeside', { query: '', deployment: 'wine' })
    await expect(desk.call('deployments.endBeside', { query: '', deployment: 'wine' })).rejects.toThrow('3 of them: Nothing stands beside')
  })

  test('is promoted where it is ready; undoing that brings the pair back', async () => {
    await apply('1.0.0', { serving: { cacheEntries: 100 } })
    const shadow = await apply('2.0.0', { as: 'shadow' })
    runsBoth('cam-1', besideOf(v2, {}))
    runsBoth('cam-2', besideOf(v2, { state: 'fetching' }))
    const promoted = await desk.call('deployments.promote', { query: '', deployment: 'wine', probation: { inferences: 5 } })
    expect(promoted).toMatchObject({ devices: ['cam-1'], skipped: [{ reason: 'not-ready', devices: ['cam-2', 'cam-3'] }] })
    expect(wine('cam-1')).toMatchObject({ version: '2.0.0', beside: null, probation: { inferences: 5 }, serving: { cacheEntries: 100 } })
    expect(await told(shadow.order!)).toEqual(['running', { checking: 0, ordered: 1, fetching: 1, superseded: 1 }].map(dropZero))
    // All of it is on the device already.
    expect((await desk.call('orders.show', { order: promoted.order })).bytes.planned).toBe(0)
    desk.runs('cam-1', 'wine', v2)
    expect(await told(promoted.order)).toEqual(['done', { active: 1 }])
    await desk.call('orders.undo', { order: promoted.order })
    expect(wine('cam-1')).toMatchObject({ version: '1.0.0', beside: { version: '2.0.0', role: 'shadow' } })
  })

  test('stays when another version becomes the active one, and goes when it is that version, or the deployment is taken off', async () => {
    await apply('1.0.0')
    await apply('2.0.0', { as: 'shadow', query: 'id in (cam-1, cam-2)' })
    const v1b = await desk.importSample('wine', '1.0.0')
    expect(v1b.digest).toBe(v1.digest)
    await apply('1.0.0', { probation: { inferences: 7 } })
    expect(wine('cam-1').beside).toMatchObject({ version: '2.0.0' })
    await apply('2.0.0', { query: 'id = cam-1' })
    expect(wine('cam-1').beside).toBeNull()
    await desk.call('deployments.remove', { query: 'id = cam-2', deployment: 'wine' })
    expect(signed('cam-2').deployments).toEqual({})
    expect(desk.store.orders.inForce().filter(({ slot }) => slot === 'beside')).toEqual([])
  })
})

function dropZero<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).filter(([, count]) => count !== 0)) as Value
}

describe('terms of probation and serving', () => {
  test('are signed, stay where they are not named, and make an order of their own', async () => {
    await apply('1.0.0', { probation: { inferences: 50, maxLatencyRatio: null }, serving: { deadlineMs: 200 } })
    expect(wine('cam-1')).toMatchObject({
      probation: { inferences: 50, maxLatencyRatio: null, seconds: 600 },
      serving: { deadlineMs: 200 },
    })
    const again = await apply('1.0.0', { serving: { batchRows: 8 } })
    expect(again.changed).toEqual(devices)
    expect(wine('cam-1').serving).toMatchObject({ deadlineMs: 200, batchRows: 8, cacheEntries: 0 })
    expect(await apply('1.0.0', { serving: { batchRows: 8 } })).toMatchObject({ isNew: false })
    await apply('2.0.0')
    expect(wine('cam-1')).toMatchObject({ version: '2.0.0', serving: { deadlineMs: 200, batchRows: 8 }, probation: { inferences: 50 } })
    await expect(apply('1.0.0', { serving: { deadlineMs: 1 } })).rejects.toThrow()
  })

  test('a watch and a lock are told', async () => {
    const { order } = await apply('1.0.0')
    const watch = { since: 1, inferences: 120, wanted: 500, failed: 2, notFinite: 0 }
    desk.at('cam-1', 'wine', { state: 'active', active: slotOf(v1), watch })
    desk.reportOf('cam-2', {
      assignmentCounter: desk.counter('cam-2'),
      lock: { reason: 'shift running', since: 0, until: Date.UTC(2100, 0, 1) },
      deployments: {
        [deploymentName.parse('wine')]: {
          ...{ state: 'staged', active: null, candidate: slotOf(v1), lastGood: null, progress: null, problem: null },
          ...{ watch: null, beside: null },
        },
      },
    })
    const { devices: rows } = await desk.call('orders.devices', { order: order! })
    expect(rows.map(({ why }) => why).slice(0, 2)).toEqual([
      expect.stringMatching(/since .*; on probation: 120 of 500 inferences seen, 2 failed\.$/),
      'cam-2 is not on wine 1.0.0: it waits for the application lock of cam-2: shift running, until 2100-01-01T00:00:00.000Z.',
    ])
  })
})

describe('a revert', () => {
  test('gives each device its own last good version; the others are named', async () => {
    await apply('2.0.0')
    desk.at('cam-1', 'wine', { state: 'active', active: slotOf(v2), lastGood: slotOf(v1) })
    desk.at('cam-2', 'wine', { state: 'active', active: slotOf(v2) })
    desk.at('cam-3', 'wine', { state: 'fetching', active: slotOf(v1), candidate: slotOf(v2) })
    const reverted = await desk.call('deployments.revert', { query: '', deployment: 'wine' })
    expect(reverted).toMatchObject({
      devices: ['cam-1'],
      versions: [{ model: 'wine', version: '1.0.0', devices: 1 }],
      skipped: [
        { reason: 'no-last-good', devices: ['cam-2'] },
        { reason: 'not-on-order', devices: ['cam-3'] },
      ],
    })
    expect([desk.desired('cam-1', 'wine'), desk.desired('cam-2', 'wine')]).toEqual(['1.0.0', '2.0.0'])
    desk.at('cam-1', 'wine', { state: 'active', active: slotOf(v1), lastGood: slotOf(v2) })
    const shown = await desk.call('orders.show', { order: reverted.order })
    expect([shown.kind, shown.state, shown.sentence]).toEqual([
      'revert',
      'done',
      'Revert wine to the last good version: done; of 1 device, 1 active.',
    ])
    await desk.call('orders.undo', { order: reverted.order })
    expect(desk.desired('cam-1', 'wine')).toBe('2.0.0')
    await expect(desk.call('deployments.revert', { query: 'id = cam-3', deployment: 'wine' })).rejects.toMatchObject({
      code: 'device.none-match',
    })
  })
})
