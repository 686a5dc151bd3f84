import { expect, test } from 'vitest'
import { keepTargets } from '../../../../../electron/core/rollout/targets-kept.ts'
import { rolloutPlan } from '../../../../../shared/domain/rollout/plan.ts'
import { openDigitsDesk } from '../../../../harness/rollout-desk.ts'

const withdraw = { model: 'digits', version: '1.1.0', why: 'a bug' }

test('a rollout for later whose version is withdrawn meanwhile is paused when its time has come, once', async () => {
  const { desk } = await openDigitsDesk(['cam-1'])
  const rollout = await desk.begin({ windows: { startAt: desk.clock.at + 3_600_000 } })
  await desk.call('approvals.withdraw', withdraw)
  for (let n = 0; n < 3; n++) desk.tick(3_600_000)
  expect(desk.run(rollout)).toMatchObject({ state: 'paused', held: { code: 'person' } })
  expect(desk.run(rollout).held!.sentence).toContain('withdrawn')
  expect(desk.kinds(rollout).filter((kind) => kind === 'pause')).toHaveLength(1)
  expect([desk.logged, desk.desired('cam-1', 'digits')]).toEqual([[], '1.0.0'])
})

test('a rollout that is done takes nobody up for a withdrawn version, and still sees who falls back', async () => {
  const { desk, old } = await openDigitsDesk(['cam-1', 'cam-2'])
  const rollout = await desk.begin({ abort: [], waves: [{ size: { kind: 'rest' }, gate: { success: 0 } }] })
  desk.commit(rollout, 'cam-1', 'cam-2')
  await desk.call('approvals.withdraw', withdraw)
  desk.join('cam-3')
  desk.settle()
  expect([desk.run(rollout).state, desk.state(rollout, 'cam-3'), desk.desired('cam-3', 'digits')]).toEqual(['completed', null, null])
  const active = { digest: old.digest, model: old.model, version: old.version, since: 1 } as never
  desk.at('cam-1', 'digits', { state: 'reverted', active, problem: { code: 'probe.timeout', message: 'slow' } })
  desk.settle()
  desk.tick(10_000_000)
  expect([desk.state(rollout, 'cam-1'), desk.run(rollout).state, desk.logged]).toEqual(['fell-back', 'completed', []])
})

test('the last rollout of a deployment is the one that was started last, whatever its number', async () => {
  const { desk } = await openDigitsDesk(['cam-1'])
  const plan = rolloutPlan.parse({ deployment: 'digits', model: 'digits', version: '1.0.0' })
  const { rollout: older } = await desk.call('rollouts.create', { plan })
  const newer = await desk.begin({})
  desk.commit(newer, 'cam-1')
  desk.clock.at += 1000
  await desk.call('rollouts.start', { rollout: older })
  desk.settle()
  desk.commit(older, 'cam-1')
  expect([desk.run(newer).state, desk.run(older).state, desk.rollouts.runs.watched()]).toEqual(['completed', 'completed', [older]])
  desk.join('cam-2')
  desk.settle()
  expect(desk.desired('cam-2', 'digits')).toBe('1.0.0')
})

test('who joins later lets a rollout be done once more, and the alias stays where people moved it', async () => {
  const { desk } = await openDigitsDesk(['cam-1'])
  const rollout = await desk.begin({ whenDone: { alias: 'production' } })
  desk.commit(rollout, 'cam-1')
  expect(desk.registry.aliases.versionOf('digits', 'production')).toBe('1.1.0')
  await desk.call('models.setAlias', { model: 'digits', alias: 'production', version: '1.0.0' })
  desk.join('cam-2')
  desk.settle()
  desk.commit(rollout, 'cam-2')
  expect([desk.run(rollout).state, desk.kinds(rollout).filter((kind) => kind === 'complete').length]).toEqual(['completed', 2])
  expect(desk.registry.aliases.versionOf('digits', 'production')).toBe('1.0.0')
})

test('of two rollouts of equal rank over the same devices that wait for approval, one alone is approved', async () => {
  const { desk } = await openDigitsDesk(['cam-1'])
  const policy = { isRequired: false, needsSecondPerson: false, rolloutsNeedApproval: true, gates: [] }
  await desk.call('approvals.setPolicy', policy)
  const first = await desk.begin({})
  const second = await desk.begin({ version: '1.0.0' })
  await desk.call('rollouts.approve', { rollout: first })
  await expect(desk.call('rollouts.approve', { rollout: second })).rejects.toMatchObject({ code: 'rollout.overlap' })
  expect([first, second].map((rollout) => desk.run(rollout).state)).toEqual(['scheduled', 'awaiting-approval'])
  await desk.call('approvals.setPolicy', { ...policy, rolloutsNeedApproval: false })
  desk.settle()
  expect([first, second].map((rollout) => desk.run(rollout).state)).toEqual(['running', 'awaiting-approval'])
  expect((await desk.call('rollouts.show', { rollout: second })).needsApproval).toContain(`Rollout ${first}`)
  desk.commit(first, 'cam-1')
  desk.settle()
  expect(desk.run(second).state).toBe('running')
})

test('targets that were read for a view are not kept for good; those that are watched are', async () => {
  const { desk } = await openDigitsDesk(['cam-1'])
  const targets = keepTargets(desk.store)
  const plan = (rollout: number) => rolloutPlan.parse({ deployment: 'digits', model: 'digits', version: '1.1.0', name: `r${rollout}` })
  const plans = Array.from({ length: 40 }, (_, n) => plan(n))
  const watched = targets.of(0, plans[0]!, true)
  const [second, third] = [targets.of(1, plans[1]!, false), targets.of(2, plans[2]!, false)]
  for (let n = 3; n <= 16; n++) targets.of(n, plans[n]!, false)
  expect([targets.of(0, plans[0]!, false) === watched, targets.of(1, plans[1]!, false) === second]).toEqual([true, true])
  targets.of(17, plans[17]!, false)
  expect([targets.of(1, plans[1]!, false) === second, targets.of(2, plans[2]!, false) === third]).toEqual([true, false])
  for (let n = 18; n < 40; n++) targets.of(n, plans[n]!, false)
  expect(targets.of(0, plans[0]!, false)).toBe(watched)
  targets.forget(0)
  expect(targets.of(0, plans[0]!, false)).not.toBe(watched)
})

test('after hours away nobody has timed out before what happened meanwhile was heard', async () => {
  const { desk, old, next } = await openDigitsDesk(['cam-1', 'cam-2', 'cam-3', 'cam-4'])
  const four = ['cam-1', 'cam-2', 'cam-3', 'cam-4']
  const slot = (of: typeof old) => ({ digest: of.digest, model: of.model, version: of.version, since: 1 }) as never
  const rollout = await desk.begin({ waves: [{ size: { kind: 'rest' } }] })
  for (const device of four) desk.at(device, 'digits', { state: 'probing', active: slot(old), candidate: slot(next) })
  desk.settle()
  expect(four.map((device) => desk.state(rollout, device))).toEqual(Array(4).fill('probing'))
  desk.store.devices.noteAllOffline()
  desk.clock.at += 3 * 3_600_000
  desk.restart()
  desk.rollouts.start()
  for (const device of four) desk.connect(device, 'online')
  desk.rollouts.note(four)
  desk.rollouts.look()
  expect([desk.run(rollout).state, ...four.map((device) => desk.state(rollout, device))]).toEqual([
    'running',
    ...Array<string>(4).fill('probing'),
  ])
  desk.commit(rollout, ...four)
  desk.tick(120_000)
  expect(desk.run(rollout).state).toBe('completed')
  desk.rollouts.stop()
})
