import { expect, test } from 'vitest'
import { replay } from '../../../../../electron/core/rollout/engine/replay.ts'
import { openDigitsDesk, type openRolloutDesk } from '../../../../harness/rollout-desk.ts'

const fleetOf = openDigitsDesk
const five = ['cam-1', 'cam-2', 'cam-3', 'cam-4', 'cam-5']

const canary = { waves: [{ size: { kind: 'count' as const, devices: 1 } }, { size: { kind: 'rest' as const } }] }

test('a canary gets the order first, the rest after it has committed and passed, and the rollout is done', async () => {
  const { desk, next } = await fleetOf(five)
  const rollout = await desk.begin({ ...canary, whenDone: { alias: 'production' } })
  const first = [...desk.run(rollout).devices.values()].find(({ wave }) => wave === 0)!.device
  expect(five.filter((device) => desk.desired(device, 'digits') === '1.1.0')).toEqual([first])
  const [order] = (await desk.call('orders.list', {})).orders
  expect(order).toMatchObject({ kind: 'rollout', rollout, target: { version: '1.1.0' }, devices: 1 })
  expect(desk.run(rollout).devices.get(first)).toMatchObject({ state: 'offered', order: order!.order, counter: desk.counter(first) })

  desk.at(first, 'digits', { state: 'active', active: slot(next), watch: watching })
  desk.settle()
  expect(desk.state(rollout, first)).toBe('probing')
  desk.commit(rollout, first)
  expect(five.filter((device) => desk.desired(device, 'digits') === '1.1.0')).toEqual(five)
  desk.commit(rollout, ...five)
  const shown = await desk.call('rollouts.show', { rollout })
  expect(shown).toMatchObject({ state: 'completed', committed: 5, sentence: 'Done: 5 devices committed.' })
  expect(desk.registry.aliases.versionOf('digits', 'production')).toBe('1.1.0')
  expect(desk.registry.aliases.history('digits', 5)[0]).toMatchObject({ actor: 'muster', toVersion: '1.1.0' })
  expect((await desk.call('approvals.show', { model: 'digits', version: '1.1.0' })).stage).toBe('released')
  // What a person did is in the audit log by the command, and what the engine did by itself is there too, each once.
  const log = desk.store.audit.after(0, 1000).filter(({ action }) => action.startsWith('rollouts.'))
  const own = log.filter(({ actor }) => actor === 'muster').map(({ action }) => action)
  expect(own).toEqual(expect.arrayContaining(['rollouts.wave-opened', 'rollouts.wave-passed', 'rollouts.alias-moved']))
  expect(own.filter((action) => action === 'rollouts.alias-moved')).toHaveLength(1)
  expect(log.every(({ detail }) => JSON.stringify(detail).length < 3000)).toBe(true)
})

test('a revert gives each device back what it had before the rollout, also after a second try', async () => {
  const { desk, old } = await fleetOf(['cam-1', 'cam-2'])
  desk.join('cam-3')
  const rollout = await desk.begin({ retry: { backoffSeconds: 1 }, abort: [] })
  desk.commit(rollout, 'cam-1', 'cam-3')
  desk.at('cam-2', 'digits', { state: 'reverted', active: slot(old), problem: { code: 'probe.timeout', message: 'too slow' } })
  desk.settle()
  expect(desk.state(rollout, 'cam-2')).toBe('failed')
  desk.tick(2000)
  expect(desk.run(rollout).devices.get('cam-2')).toMatchObject({ state: 'offered', attempts: 2, previous: { version: '1.0.0' } })
  desk.commit(rollout, 'cam-2')
  await desk.call('rollouts.revert', { rollout, why: 'it is worse' })
  desk.settle()
  expect(['cam-1', 'cam-2', 'cam-3'].map((device) => desk.desired(device, 'digits'))).toEqual(['1.0.0', '1.0.0', null])
  expect(desk.run(rollout).state).toBe('reverting')
  desk.runs('cam-1', 'digits', old)
  desk.runs('cam-2', 'digits', old)
  desk.reportOf('cam-3', { assignmentCounter: desk.counter('cam-3'), deployments: {} })
  desk.settle()
  expect(desk.run(rollout).state).toBe('reverted')
})

test('a device without a version of its own goes back to the fallback of the deployment', async () => {
  const { desk, old } = await fleetOf(['cam-1'])
  desk.join('cam-2')
  await desk.call('approvals.setFallback', { deployment: 'digits', model: 'digits', version: old.version })
  const rollout = await desk.begin({ query: 'id = cam-2' })
  desk.commit(rollout, 'cam-2')
  await desk.call('rollouts.revert', { rollout })
  desk.settle()
  expect(desk.desired('cam-2', 'digits')).toBe('1.0.0')
})

test('going back does not bring a withdrawn version back where there is another one', async () => {
  const { desk, old, next } = await openDigitsDesk(['cam-1', 'cam-2'])
  const older = await desk.importSample('digits', '1.0.0', { as: '0.9.0' })
  await desk.call('deployments.apply', { query: 'id = cam-2', model: 'digits', version: '0.9.0', deployment: 'digits' })
  desk.runs('cam-2', 'digits', older)
  const rollout = await desk.begin({ waves: [{ size: { kind: 'rest' } }] })
  desk.runs('cam-1', 'digits', next)
  desk.settle()
  await desk.call('approvals.setFallback', { deployment: 'digits', model: 'digits', version: '0.9.0' })
  await desk.call('approvals.withdraw', { model: 'digits', version: old.version, why: 'wrong labels' })
  expect((await desk.call('rollouts.show', { rollout })).effects.revert).toContain(
    ' digits 1.0.0 was withdrawn: it comes back only where it still serves; else digits 0.9.0, the fallback version, takes its place.',
  )
  await desk.call('rollouts.revert', { rollout })
  desk.settle()
  expect(['cam-1', 'cam-2'].map((device) => desk.desired(device, 'digits'))).toEqual(['0.9.0', '0.9.0'])
})

test('going back gives a withdrawn version where there is no other: a device always answers', async () => {
  const { desk, old } = await openDigitsDesk(['cam-1'])
  const rollout = await desk.begin({})
  desk.commit(rollout, 'cam-1')
  await desk.call('approvals.withdraw', { model: 'digits', version: old.version, why: 'wrong labels' })
  expect((await desk.call('rollouts.show', { rollout })).effects.revert).toContain('comes back all the same, as digits has no fallback')
  await desk.call('rollouts.revert', { rollout })
  desk.settle()
  expect(desk.desired('cam-1', 'digits')).toBe('1.0.0')
})

test('a canary that a person rescues lets nobody else get the version, and moves no alias', async () => {
  const { desk } = await openDigitsDesk(['cam-1', 'cam-2', 'cam-3'])
  const waves = [{ size: { kind: 'count' as const, devices: 1 } }, { size: { kind: 'rest' as const } }]
  const rollout = await desk.begin({ waves, abort: [], whenDone: { alias: 'production' } })
  const { order } = [...desk.run(rollout).devices.values()].find(({ state }) => state === 'offered')!
  await desk.call('orders.cancel', { order: order! })
  desk.settle()
  expect(['cam-1', 'cam-2', 'cam-3'].map((device) => desk.desired(device, 'digits'))).toEqual(['1.0.0', '1.0.0', '1.0.0'])
  const shown = await desk.call('rollouts.show', { rollout })
  expect([shown.state, shown.acts.letThrough]).toEqual(['running', true])
  expect(shown.heldBy).toContain('No device is left in the wave')
})

test('an alias is moved by a rollout only if a device has committed the version', async () => {
  const { desk, old } = await openDigitsDesk(['cam-1'])
  const gate = { success: 0, verdict: 'ignore' as const }
  const rollout = await desk.begin({ waves: [{ size: { kind: 'rest' }, gate }], abort: [], whenDone: { alias: 'production' } })
  const problem = { code: 'probe.timeout', message: 'too slow' }
  for (let round = 0; round < 8 && desk.run(rollout).state === 'running'; round += 1) {
    desk.at('cam-1', 'digits', { state: 'reverted', active: slot(old), problem })
    desk.tick(86_400_000)
  }
  expect(desk.run(rollout).state).toBe('completed')
  expect(desk.registry.aliases.versionOf('digits', 'production')).toBeNull()
  expect(desk.kinds(rollout).at(-1)).toBe('note')
})

test('whoever orders something else takes the device out, and a cancelled order of a rollout does too', async () => {
  const { desk } = await fleetOf(five)
  const rollout = await desk.begin({})
  desk.clock.at += 1000
  await desk.call('deployments.apply', { query: 'id = cam-1', model: 'digits', version: '1.0.0', deployment: 'digits' })
  const [newest] = (await desk.call('orders.list', { limit: 1 })).orders
  desk.settle()
  expect(desk.run(rollout).devices.get('cam-1')).toMatchObject({ state: 'superseded', takenBy: { order: newest!.order, rollout: null } })
  const placed = desk.run(rollout).devices.get('cam-2')!.order!
  await desk.call('orders.cancel', { order: placed })
  desk.settle()
  expect(['cam-2', 'cam-3', 'cam-4', 'cam-5'].map((device) => desk.state(rollout, device))).toEqual(Array(4).fill('superseded'))
})

test('outside of the activation window a version is staged, and made active once the window opens', async () => {
  const { desk, old, next } = await fleetOf(['cam-1'])
  const activation = { cron: '0 2 * * *', minutes: 60, timeZone: 'UTC' }
  const rollout = await desk.begin({ windows: { activation, isSpread: false }, probation: { inferences: 7 } })
  const ordered = () => desk.store.deployments.ofDevice('cam-1')[0]!
  expect(ordered()).toMatchObject({ version: '1.0.0', beside: { role: 'staged', version: '1.1.0' } })
  const staged = { role: 'staged' as const, state: 'staged' as const, content: slot(next), progress: null, problem: null }
  desk.at('cam-1', 'digits', { state: 'active', active: slot(old), beside: staged })
  desk.settle()
  expect(desk.state(rollout, 'cam-1')).toBe('staged')
  desk.tick(3_600_000)
  expect(ordered().version).toBe('1.0.0')
  desk.tick(3_600_000)
  expect(ordered()).toMatchObject({ version: '1.1.0', beside: null, terms: { probation: { inferences: 7 } } })
  desk.commit(rollout, 'cam-1')
  expect(desk.run(rollout).state).toBe('completed')
  await desk.call('rollouts.revert', { rollout })
  desk.settle()
  expect(ordered()).toMatchObject({ version: '1.0.0', beside: null })
})

test('two people at once do one thing', async () => {
  const { desk } = await fleetOf(['cam-1'])
  const rollout = await desk.begin({})
  const first = await desk.call('rollouts.pause', { rollout, why: 'lunch' }, { actor: 'ann' })
  const second = await desk.call('rollouts.pause', { rollout, why: 'dinner' }, { actor: 'bob' })
  expect([first.isChanged, second.isChanged, second.state]).toEqual([true, false, 'paused'])
  expect(desk.kinds(rollout).filter((kind) => kind === 'pause')).toHaveLength(1)
  await desk.call('rollouts.stop', { rollout })
  await expect(desk.call('rollouts.resume', { rollout })).rejects.toMatchObject({ code: 'rollout.not-allowed' })
  expect((await desk.call('rollouts.start', { rollout }).catch((error: unknown) => error)) as object).toMatchObject({
    code: 'rollout.not-allowed',
  })
})

test('what cannot be written leaves nothing: no event, no order, no assignment; then it goes on', async () => {
  const { desk } = await fleetOf(five)
  const rollout = await desk.begin(canary)
  const first = [...desk.run(rollout).devices.values()].find(({ wave }) => wave === 0)!.device
  const counters = () => five.map((device) => desk.counter(device))
  const before = { kinds: desk.kinds(rollout), counters: counters(), outbox: outboxOf(desk) }
  desk.store.db.exec(
    "CREATE TEMP TRIGGER broken BEFORE INSERT ON main.rollout_event WHEN NEW.kind = 'offer' BEGIN SELECT RAISE(ABORT, 'no'); END",
  )
  desk.runs(first, 'digits', desk.run(rollout).target!)
  desk.rollouts.wake()
  desk.rollouts.look()
  expect({ kinds: desk.kinds(rollout), counters: counters(), outbox: outboxOf(desk) }).toEqual(before)
  expect(desk.logged[0]).toMatchObject({ message: 'a rollout could not be looked at; it is tried again', detail: { rollout } })
  expect(desk.state(rollout, first)).toBe('offered')
  desk.store.db.exec('DROP TRIGGER broken')
  desk.tick(5000)
  expect(desk.state(rollout, first)).toBe('committed')
  expect(five.map((device) => desk.desired(device, 'digits'))).toEqual(five.map(() => '1.1.0'))
})

test('a command that is refused after it changed a rollout leaves it as it was', async () => {
  const { desk } = await fleetOf(['cam-1'])
  const rollout = await desk.begin({})
  desk.store.db.exec("CREATE TEMP TRIGGER broken BEFORE INSERT ON main.audit BEGIN SELECT RAISE(ABORT, 'no'); END")
  await expect(desk.call('rollouts.pause', { rollout })).rejects.toThrow()
  desk.store.db.exec('DROP TRIGGER broken')
  expect(desk.run(rollout).state).toBe('running')
  expect((await desk.call('rollouts.pause', { rollout })).isChanged).toBe(true)
})

test('a fault of one rollout pauses it after three looks and stops no other', async () => {
  const { desk } = await fleetOf(five)
  desk.says.brokenFor = 'cam-1'
  const broken = await desk.begin({ query: 'id = cam-1' })
  desk.tick(6000)
  desk.tick(6000)
  const other = await desk.begin({ query: 'id = cam-2' })
  desk.commit(other, 'cam-2')
  expect(desk.run(broken)).toMatchObject({ state: 'paused', held: { code: 'person' } })
  expect(desk.run(broken).held!.sentence).toContain('the evidence cannot be read')
  expect(desk.run(other).state).toBe('completed')
})

test('a pause with halt is told to the fleet, and resuming takes it back', async () => {
  const { desk, next } = await fleetOf(['cam-1'])
  const rollout = await desk.begin({})
  await desk.call('rollouts.pause', { rollout, halt: true, why: 'look at it' })
  expect(desk.store.settings.get('haltList')!.halts).toMatchObject([{ rollout, deployment: 'digits', digest: next.digest }])
  await desk.call('rollouts.resume', { rollout })
  expect(desk.store.settings.get('haltList')!.halts).toEqual([])
})

test('a rollout that was paused first is halted afterwards: the fleet is told, once, and a restart forgets it not', async () => {
  const { desk, next } = await fleetOf(['cam-1'])
  const rollout = await desk.begin({})
  const pause = (halt: boolean, why: string) => desk.call('rollouts.pause', { rollout, halt, why })
  await pause(false, 'lunch')
  expect(desk.store.settings.get('haltList')).toBeUndefined()
  const said = { isChanged: true, state: 'paused', sentence: expect.stringContaining('halted the rollout. it burns.') as string }
  expect(await pause(true, 'it burns')).toMatchObject(said)
  const list = desk.store.settings.get('haltList')!
  expect(list.halts).toMatchObject([{ rollout, deployment: 'digits', digest: next.digest, reason: said.sentence, since: desk.clock.at }])
  for (const halt of [true, false]) expect(await pause(halt, 'again')).toMatchObject({ isChanged: false })
  desk.restart()
  desk.settle()
  expect(await pause(true, 'again')).toMatchObject({ isChanged: false })
  expect(desk.store.settings.get('haltList')).toEqual(list)
  expect(desk.kinds(rollout).filter((kind) => kind === 'pause' || kind === 'halted')).toEqual(['pause', 'halted'])
})

test.each([
  ['goes on', 'resume', {}, 'running'],
  ['is stopped', 'stop', {}, 'stopped'],
  ['is taken back', 'revert', {}, 'reverting'],
  ['is discarded, as a comparison', 'discard', { method: 'shadow', isComparison: true }, 'reverting'],
] as const)('the halt list loses a rollout that %s, and keeps others', async (_, verb, plan, state) => {
  const { desk } = await fleetOf(['cam-1', 'cam-2'])
  const rollout = await desk.begin({ ...plan, query: 'id = cam-1' })
  const other = await desk.begin({ query: 'id = cam-2' })
  const halted = () => (desk.store.settings.get('haltList')?.halts ?? []).map((one) => one.rollout)
  for (const one of [rollout, other]) await desk.call('rollouts.pause', { rollout: one, halt: true, why: 'look at it' })
  expect(halted()).toEqual([rollout, other])
  await desk.call(`rollouts.${verb}`, { rollout })
  expect([halted(), desk.run(rollout).state]).toEqual([[other], state])
  desk.settle()
  desk.tick(1_000_000)
  expect(halted()).toEqual([other])
  await desk.call('rollouts.stop', { rollout: other })
  expect(halted()).toEqual([])
})

test('a halted comparison is promoted only when it goes on, and a halted rollout cannot be removed: neither stays in the halt list', async () => {
  const { desk } = await fleetOf(['cam-1'])
  const rollout = await desk.begin({ method: 'shadow', isComparison: true })
  const halted = () => (desk.store.settings.get('haltList')?.halts ?? []).map((one) => one.rollout)
  await desk.call('rollouts.pause', { rollout, halt: true, why: 'look at it' })
  await expect(desk.call('rollouts.promote', { rollout })).rejects.toMatchObject({ code: 'rollout.not-allowed' })
  await expect(desk.call('rollouts.remove', { rollout })).rejects.toMatchObject({ code: 'rollout.not-allowed' })
  expect(halted()).toEqual([rollout])
  await desk.call('rollouts.resume', { rollout })
  expect(await desk.call('rollouts.promote', { rollout })).toMatchObject({ isChanged: true })
  expect(halted()).toEqual([])
})

test('a rollout that ends after its halt is not in the halt list', async () => {
  const { desk } = await fleetOf(['cam-1'])
  const rollout = await desk.begin({})
  await desk.call('rollouts.pause', { rollout, halt: true, why: 'look at it' })
  desk.commit(rollout, 'cam-1')
  expect(desk.store.settings.get('haltList')!.halts).toHaveLength(1)
  await desk.call('rollouts.resume', { rollout })
  desk.settle()
  expect([desk.run(rollout).state, desk.store.settings.get('haltList')!.halts]).toEqual(['completed', []])
})

test('case 57: a restart at any moment changes nothing', async () => {
  const { desk, old } = await fleetOf(five)
  const rollout = await desk.begin({ ...canary, retry: { backoffSeconds: 1 } })
  const steps = [
    () => desk.commit(rollout, [...desk.run(rollout).devices.values()].find(({ wave }) => wave === 0)!.device),
    () => desk.connect('cam-2', 'offline'),
    () => desk.at('cam-3', 'digits', { state: 'reverted', active: slot(old), problem: { code: 'probe.timeout', message: 'slow' } }),
    () => desk.tick(1500),
    () => desk.commit(rollout, 'cam-1', 'cam-3'),
    () => desk.tick(1_000_000),
    () => desk.connect('cam-2', 'online'),
    () => desk.commit(rollout, 'cam-2', 'cam-4', 'cam-5'),
  ]
  for (const step of steps) {
    step()
    desk.settle()
    const live = desk.rollouts.runs.require(rollout)
    const again = replay(desk.store.rolloutEvents.all(rollout))
    expect(again).toEqual(live)
    desk.restart()
    const before = desk.kinds(rollout).length
    desk.settle()
    expect(desk.kinds(rollout)).toHaveLength(before)
  }
  expect(desk.run(rollout).state).toBe('completed')
})

function slot(of: { digest: string; model: string; version: string }) {
  const { digest, model, version } = of
  return { digest, model, version, since: 1 } as never
}
const watching = { since: 1, inferences: 1, wanted: 10, failed: 0, notFinite: 0 }

function outboxOf({ store }: ReturnType<typeof openRolloutDesk>): unknown {
  return store.db.prepare('SELECT key, payload FROM outbox ORDER BY key').all()
}
