import { expect, test } from 'vitest'
import { openDigitsDesk } from '../../../../../harness/rollout-desk.ts'

const FLEET = ['cam-1', 'cam-2', 'cam-3'] as const
type Desk = Awaited<ReturnType<typeof openDigitsDesk>>['desk']
const replaceInWaves: Parameters<Desk['begin']>[0] = { waves: [{ size: { kind: 'count', devices: 1 } }, { size: { kind: 'rest' } }] }

async function explained(desk: Desk, device: string): Promise<string> {
  const { explanations } = await desk.call('rollouts.explain', { device, deployment: 'digits' })
  return explanations[0]!.sentence
}

async function onDeployment(desk: Desk): Promise<Record<string, string>> {
  const { devices } = await desk.call('deployments.progress', { deployment: 'digits' })
  return Object.fromEntries(devices.map(({ device, why }) => [device, why]))
}

async function onOrder(desk: Desk, order: number): Promise<Record<string, string>> {
  const { devices } = await desk.call('orders.devices', { order })
  return Object.fromEntries(devices.map(({ device, why }) => [device, why]))
}

/** The last order of the rollout. */
async function lastOrder(desk: Desk): Promise<number> {
  const { orders } = await desk.call('orders.list', {})
  return orders.find(({ kind }) => kind === 'rollout')!.order
}

test('the page of a deployment says of a device that a rollout holds what the rollout says', async () => {
  const { desk } = await openDigitsDesk(FLEET)
  const rollout = await desk.begin(replaceInWaves)
  const why = await onDeployment(desk)
  for (const device of FLEET) expect(why[device]).toBe(await explained(desk, device))
  expect(Object.values(why).filter((one) => one.includes('waiting for wave 2'))).toHaveLength(2)

  await desk.call('rollouts.pause', { rollout, why: 'a holiday', halt: false })
  const paused = Object.values(await onDeployment(desk)).filter((one) => one.includes('paused'))
  expect(paused).toHaveLength(2)
})

test('a device that runs what is wanted, or that no rollout has, says what its order says', async () => {
  const { desk } = await openDigitsDesk(FLEET)
  expect((await onDeployment(desk))['cam-1']).toMatch(/^cam-1 runs digits 1\.0\.0 since /u)
  const rollout = await desk.begin({})
  desk.commit(rollout, ...FLEET)
  expect((await onDeployment(desk))['cam-1']).toMatch(/^cam-1 runs digits 1\.1\.0 since /u)
})

test('the page of an order says so of devices that the order put where the rollout holds them', async () => {
  const { desk, next } = await openDigitsDesk(FLEET)
  await desk.begin({ method: 'stage', waves: [{ size: { kind: 'rest' }, gate: { success: 1 } }] })
  const order = await lastOrder(desk)
  desk.at('cam-1', 'digits', {})
  const asked = await onOrder(desk, order)
  for (const device of FLEET) expect(asked[device]).toBe(await explained(desk, device))
  expect(asked['cam-1']).toContain(`not on ${next.model} ${next.version}`)
})

test('an order from before the rollout, and one that takes the version back, speak for themselves', async () => {
  const { desk } = await openDigitsDesk(['cam-1'])
  const [first] = (await desk.call('orders.list', {})).orders
  const rollout = await desk.begin({})
  const offered = await lastOrder(desk)
  expect(await explained(desk, 'cam-1')).toContain('the order is on its way')
  expect((await onOrder(desk, first!.order))['cam-1']).toMatch(/^Order \d+ took the place of this one|^cam-1 was on digits 1\.0\.0/u)

  await desk.call('rollouts.revert', { rollout, why: 'not wanted' })
  desk.settle()
  const back = await lastOrder(desk)
  expect(back).not.toBe(offered)
  expect((await onOrder(desk, back))['cam-1']).toMatch(/^cam-1 (is not on|runs) digits 1\.0\.0/u)
})

test('a device that a newer order took out of the rollout says what that order says', async () => {
  const { desk } = await openDigitsDesk(FLEET)
  await desk.importSample('digits', '1.2.0')
  const rollout = await desk.begin(replaceInWaves)
  const [device] = Object.entries(await onDeployment(desk)).find(([, why]) => why.includes('waiting for wave 2'))!
  await desk.call('deployments.apply', { query: `id = ${device}`, model: 'digits', version: '1.2.0', deployment: 'digits' })
  expect(await explained(desk, device)).toContain(`took the device out of rollout ${rollout}`)
  expect((await onDeployment(desk))[device]).toMatch(new RegExp(`^${device} is not on digits 1\\.2\\.0`, 'u'))
})
