import { expect, test } from 'vitest'
import { evidenceOf, noSubject } from '../../../../../electron/core/monitor/alerts/reading.ts'
import type { AlertRow } from '../../../../../electron/core/store/fleet/alerts.ts'
import { rolloutPlan, type RolloutPlanInput } from '../../../../../shared/domain/rollout/plan.ts'
import { openDigitsDesk } from '../../../../harness/rollout-desk.ts'

const planOf = (change: Partial<RolloutPlanInput> = {}) =>
  rolloutPlan.parse({ deployment: 'digits', model: 'digits', version: '1.1.0', ...change })

test('a draft is written, changed, copied into lists and removed; nothing is sent', async () => {
  const { desk } = await openDigitsDesk(['cam-1'])
  const orders = (await desk.call('orders.list', {})).total
  const { rollout } = await desk.call('rollouts.create', { plan: planOf() })
  expect((await desk.call('rollouts.edit', { rollout, plan: planOf() })).isChanged).toBe(false)
  const edited = await desk.call('rollouts.edit', { rollout, plan: planOf({ name: 'Spring', query: 'id = cam-1' }) })
  expect(edited).toMatchObject({ state: 'draft', isChanged: true })
  await expect(desk.call('rollouts.edit', { rollout, plan: planOf({ query: 'sitte = lyon' }) })).rejects.toMatchObject({
    code: 'rollout.invalid',
  })
  const { rollouts, total } = await desk.call('rollouts.list', { state: ['draft'], deployment: 'digits' })
  expect([total, rollouts[0]]).toMatchObject([1, { name: 'Spring', sentence: 'A draft: nothing was sent.', createdBy: 'kim' }])
  expect(await desk.call('rollouts.show', { rollout })).toMatchObject({
    ...{ plan: { name: 'Spring' }, digest: null, forecast: null, acts: { start: true, pause: false, remove: true } },
  })
  await desk.call('rollouts.remove', { rollout })
  await expect(desk.call('rollouts.show', { rollout })).rejects.toMatchObject({ code: 'rollout.not-found' })
  expect((await desk.call('orders.list', {})).total).toBe(orders)
  expect((await desk.call('rollouts.create', { plan: planOf() })).rollout).toBe(rollout + 1)
})

test('a plan that cannot work is not started: an unknown version, a budget below one device, the same devices twice', async () => {
  const { desk } = await openDigitsDesk(['cam-1'])
  const start = async (change: Partial<RolloutPlanInput>): Promise<unknown> => {
    const { rollout } = await desk.call('rollouts.create', { plan: planOf(change) })
    return desk.call('rollouts.start', { rollout }).catch((error: unknown) => error)
  }
  expect(await start({ version: '9.9.9' })).toMatchObject({ code: 'model.not-found' })
  expect(await start({ budget: { bytes: 1 } })).toMatchObject({ code: 'rollout.over-budget' })
  await desk.begin({})
  expect(await start({ query: 'id = cam-1' })).toMatchObject({ code: 'rollout.overlap' })
  expect(await start({ query: 'id = cam-1', priority: 5 })).toMatchObject({ isChanged: true })
})

test('an alias is decided at the start, and the forecast of then is kept', async () => {
  const { desk, next } = await openDigitsDesk(['cam-1', 'cam-2'])
  await desk.call('models.setAlias', { model: 'digits', alias: 'candidate', version: '1.1.0' })
  const rollout = await desk.begin({ version: 'candidate' })
  await desk.call('models.setAlias', { model: 'digits', alias: 'candidate', version: '1.0.0' })
  const shown = await desk.call('rollouts.show', { rollout })
  expect(shown).toMatchObject({ version: '1.1.0', digest: next.digest, forecast: { devices: 2 } })
  expect(shown.forecast!.bytes).toBeGreaterThan(0)
  expect(shown.spent.bytes).toBe(shown.forecast!.bytes)
})

test('a rollout waits for its approval by another person, and is a draft again when it is refused', async () => {
  const { desk } = await openDigitsDesk(['cam-1'])
  const policy = { isRequired: false, needsSecondPerson: true, rolloutsNeedApproval: true, gates: [] }
  await desk.call('approvals.setPolicy', policy, { actor: 'ui:root' })
  const rollout = await desk.begin({}, { actor: 'ui:ann' })
  expect(desk.run(rollout).state).toBe('awaiting-approval')
  expect(desk.desired('cam-1', 'digits')).toBe('1.0.0')
  await expect(desk.call('rollouts.approve', { rollout }, { actor: 'cli:ann' })).rejects.toMatchObject({ code: 'approval.second-person' })
  expect(await desk.call('rollouts.refuse', { rollout, why: 'not now' }, { actor: 'ui:bob' })).toMatchObject({ state: 'draft' })
  await desk.call('rollouts.start', { rollout }, { actor: 'ui:ann' })
  expect(await desk.call('rollouts.approve', { rollout, why: 'fine' }, { actor: 'ui:bob' })).toMatchObject({ isChanged: true })
  expect(await desk.call('rollouts.approve', { rollout }, { actor: 'ui:eve' })).toMatchObject({ isChanged: false })
  desk.settle()
  expect(desk.desired('cam-1', 'digits')).toBe('1.1.0')
  expect((await desk.call('rollouts.show', { rollout })).approvals).toMatchObject([
    { by: 'ui:bob', decision: 'refused', why: 'not now' },
    { by: 'ui:bob', decision: 'approved', why: 'fine' },
  ])
})

test('who had a hand in a rollout does not approve it: whoever changed its plan or its priority, or started it', async () => {
  const { desk } = await openDigitsDesk(['cam-1', 'cam-2'])
  const policy = { isRequired: false, needsSecondPerson: true, rolloutsNeedApproval: true, gates: [] }
  await desk.call('approvals.setPolicy', policy, { actor: 'ui:root' })
  const { rollout } = await desk.call('rollouts.create', { plan: planOf({ query: 'id = cam-1' }) }, { actor: 'ui:ann' })
  await desk.call('rollouts.edit', { rollout, plan: planOf() }, { actor: 'ui:ben' })
  await desk.call('rollouts.start', { rollout }, { actor: 'ui:cem' })
  await desk.call('rollouts.setPriority', { rollout, priority: 3 }, { actor: 'ui:dan' })
  desk.restart()
  for (const actor of ['ui:ann', 'cli:ben', 'browser:Cem', 'ui:dan'])
    await expect(desk.call('rollouts.approve', { rollout }, { actor })).rejects.toMatchObject({ code: 'approval.second-person' })
  expect(await desk.call('rollouts.approve', { rollout }, { actor: 'ui:eve' })).toMatchObject({ isChanged: true })
})

test('who started a rollout may approve it after another person has started it anew', async () => {
  const { desk } = await openDigitsDesk(['cam-1'])
  const policy = { isRequired: false, needsSecondPerson: true, rolloutsNeedApproval: true, gates: [] }
  await desk.call('approvals.setPolicy', policy, { actor: 'ui:root' })
  const { rollout } = await desk.call('rollouts.create', { plan: planOf() }, { actor: 'ui:ann' })
  await desk.call('rollouts.start', { rollout }, { actor: 'ui:ben' })
  await desk.call('rollouts.refuse', { rollout }, { actor: 'ui:eve' })
  await desk.call('rollouts.start', { rollout }, { actor: 'ui:cem' })
  expect(await desk.call('rollouts.approve', { rollout }, { actor: 'ui:ben' })).toMatchObject({ isChanged: true })
})

test('a rollout whose version is not approved goes on by itself once it is', async () => {
  const { desk } = await openDigitsDesk(['cam-1'])
  const policy = { isRequired: true, needsSecondPerson: false, rolloutsNeedApproval: false, gates: [] }
  await desk.call('approvals.setPolicy', policy)
  const rollout = await desk.begin({})
  expect((await desk.call('rollouts.show', { rollout })).needsApproval).toContain('digits 1.1.0')
  await expect(desk.call('rollouts.approve', { rollout })).rejects.toMatchObject({ code: 'approval.required' })
  await desk.call('approvals.approve', { model: 'digits', version: '1.1.0', why: 'good' })
  desk.settle()
  expect(desk.desired('cam-1', 'digits')).toBe('1.1.0')
})

test('a version that is withdrawn in the middle reaches no further device', async () => {
  const { desk } = await openDigitsDesk(['cam-1', 'cam-2'])
  const rollout = await desk.begin({ pacing: { maxInFlight: 1 } })
  const first = ['cam-1', 'cam-2'].find((device) => desk.desired(device, 'digits') === '1.1.0')!
  const second = first === 'cam-1' ? 'cam-2' : 'cam-1'
  await desk.call('approvals.withdraw', { model: 'digits', version: '1.1.0', why: 'a bug' })
  desk.commit(rollout, first)
  expect(desk.desired(second, 'digits')).toBe('1.0.0')
  expect(desk.run(rollout)).toMatchObject({ state: 'paused' })
  expect(desk.run(rollout).held!.sentence).toContain('withdrawn')
  expect(desk.state(rollout, first)).toBe('committed')
})

test('a rollout that outranks another one takes its devices, and gives them free when it is taken back', async () => {
  const { desk, old } = await openDigitsDesk(['cam-1', 'cam-2'])
  const low = await desk.begin({ pacing: { maxInFlight: 1 } })
  const high = await desk.begin({ query: 'id = cam-2', version: '1.1.0', priority: 10 })
  expect(desk.run(low).devices.get('cam-2')).toMatchObject({ state: 'superseded', takenBy: { order: null, rollout: high } })
  expect((await desk.call('rollouts.show', { rollout: low })).overridden).toMatchObject([{ rollout: high, devices: 1 }])
  await expect(desk.call('rollouts.setPriority', { rollout: high, priority: 0 })).rejects.toMatchObject({ code: 'rollout.overlap' })
  expect(await desk.call('rollouts.setPriority', { rollout: high, priority: 5 })).toMatchObject({ isChanged: true })
  await desk.call('rollouts.revert', { rollout: high })
  desk.settle()
  desk.runs('cam-2', 'digits', old)
  desk.settle()
  expect(desk.run(high).state).toBe('reverted')
  expect(desk.state(low, 'cam-2')).toBe('pending')
  desk.commit(low, 'cam-1')
  expect(desk.state(low, 'cam-2')).toBe('offered')
})

test('a device that failed too often waits, visibly, and a person lifts it or tries again', async () => {
  const { desk, old } = await openDigitsDesk(['cam-1', 'cam-2'])
  const rollout = await desk.begin({ retry: { penaltyFailures: 1 }, abort: [] })
  const broken = { state: 'reverted' as const, active: slot(old), problem: { code: 'runtime.crashed', message: 'it died' } }
  for (const device of ['cam-1', 'cam-2']) desk.at(device, 'digits', broken)
  desk.settle()
  const waiting = { version: '1.1.0', failures: 1, problem: { code: 'runtime.crashed' } }
  const listed = async () => (await desk.call('rollouts.penalties', { model: 'digits' })).penalties
  expect(await listed()).toMatchObject([
    { device: 'cam-1', ...waiting },
    { device: 'cam-2', ...waiting },
  ])
  expect(await desk.call('rollouts.liftPenalty', { device: 'cam-1', model: 'digits', version: '1.1.0' })).toMatchObject({ isChanged: true })
  const again = await desk.call('rollouts.retry', { rollout, query: 'id = cam-2' })
  expect(again).toMatchObject({ isChanged: true, devices: ['cam-2'] })
  expect(await listed()).toEqual([])
  desk.settle()
  expect(desk.run(rollout).devices.get('cam-2')).toMatchObject({ state: 'offered', attempts: 2 })
})

test('a shadow is judged beside the active version, then activated; a person discards a comparison and nothing is left of it', async () => {
  const { desk, next } = await openDigitsDesk(['cam-1'])
  desk.says.verdict = 'not enough evidence'
  const rollout = await desk.begin({ method: 'shadow' })
  const beside = () => desk.store.deployments.ofDevice('cam-1')[0]?.beside ?? null
  expect(beside()).toMatchObject({ role: 'shadow', version: '1.1.0', terms: { cpuShare: 0.5 } })
  const shadow = { role: 'shadow' as const, state: 'active' as const, content: slot(next), progress: null, problem: null }
  desk.at('cam-1', 'digits', { state: 'active', active: slot(desk.registry.version('digits', '1.0.0')), beside: shadow })
  desk.settle()
  expect(desk.state(rollout, 'cam-1')).toBe('shadowing')
  expect(desk.desired('cam-1', 'digits')).toBe('1.0.0')
  desk.says.verdict = 'pass'
  desk.tick(10_000)
  expect([desk.desired('cam-1', 'digits'), beside()]).toEqual(['1.1.0', null])
  desk.commit(rollout, 'cam-1')
  expect(desk.run(rollout).state).toBe('completed')

  const other = await desk.begin({ method: 'shadow', version: '1.0.0', isComparison: true })
  expect(beside()).toMatchObject({ version: '1.0.0' })
  expect(await desk.call('rollouts.discard', { rollout: other, why: 'no better' })).toMatchObject({ state: 'reverting' })
  desk.settle()
  expect([desk.desired('cam-1', 'digits'), beside()]).toEqual(['1.1.0', null])
})

test('what is stopped keeps the version where it serves, and is given back where it does not', async () => {
  const { desk, old } = await openDigitsDesk(['cam-1', 'cam-2'])
  const rollout = await desk.begin({})
  desk.commit(rollout, 'cam-1')
  expect(await desk.call('rollouts.stop', { rollout })).toMatchObject({ state: 'stopped', isChanged: true })
  const other = await desk.begin({ query: 'id = cam-1' })
  expect(desk.run(other).state).toBe('completed')
  expect(['cam-1', 'cam-2'].map((device) => desk.desired(device, 'digits'))).toEqual(['1.1.0', '1.0.0'])
  desk.runs('cam-2', 'digits', old)
  desk.settle()
  expect([desk.state(rollout, 'cam-1'), desk.state(rollout, 'cam-2')]).toEqual(['committed', 'reverted'])
})

test('an alert that holds releases holds the offers until it is over, but for who started despite it', async () => {
  const { desk } = await openDigitsDesk(['cam-1', 'cam-2'])
  const alert = desk.store.alerts.add(holdingAlert)
  const held = await desk.begin({ query: 'id = cam-1' })
  expect([desk.desired('cam-1', 'digits'), desk.run(held).held?.code]).toEqual(['1.0.0', 'alert'])
  const { rollouts } = await desk.call('rollouts.list', {})
  expect(rollouts[0]!.heldBy).toContain('Accuracy has fallen')
  const { rollout } = await desk.call('rollouts.create', { plan: planOf({ query: 'id = cam-2' }) })
  await desk.call('rollouts.start', { rollout, despiteAlerts: true })
  desk.settle()
  expect(desk.desired('cam-2', 'digits')).toBe('1.1.0')
  desk.store.alerts.set({ ...desk.store.alerts.holding('digits')!, state: 'resolved' })
  expect(alert).toBe(1)
  desk.settle()
  expect([desk.desired('cam-1', 'digits'), desk.run(held).held]).toEqual(['1.1.0', null])
})

test('a device that joins later gets the version; one that is taken out leaves, and comes back as a new one', async () => {
  const { desk, next } = await openDigitsDesk(['cam-1'])
  const rollout = await desk.begin({})
  desk.commit(rollout, 'cam-1')
  expect(desk.run(rollout).state).toBe('completed')
  desk.join('cam-2')
  desk.settle()
  expect([desk.run(rollout).state, desk.desired('cam-2', 'digits')]).toEqual(['running', '1.1.0'])
  desk.store.devices.remove('cam-2')
  desk.settle()
  expect(desk.state(rollout, 'cam-2')).toBe('skipped')
  desk.clock.at += 1000
  desk.store.devices.enrol({ device: 'cam-2', secretHash: 'a'.repeat(64), labels: {}, enrolledAt: desk.clock.at })
  desk.connect('cam-2', 'online')
  desk.settle()
  expect(desk.run(rollout).devices.get('cam-2')).toMatchObject({ state: 'offered', attempts: 1 })
  desk.runs('cam-2', 'digits', next)
  desk.settle()
  expect(desk.run(rollout).state).toBe('completed')
})

test('the log, the devices and the explanation tell the same', async () => {
  const { desk } = await openDigitsDesk(['cam-1', 'cam-2'])
  const rollout = await desk.begin({ pacing: { maxInFlight: 1 } })
  const { total, devices } = await desk.call('rollouts.devices', { rollout, state: ['pending'] })
  expect(total).toBe(1)
  const waiting = devices[0]!
  const { explanations } = await desk.call('rollouts.explain', { device: waiting.device, deployment: 'digits' })
  expect(explanations[0]).toMatchObject({ reason: 'in-flight', rollout, sentence: waiting.why })
  const first = await desk.call('rollouts.events', { rollout, limit: 2 })
  const rest = await desk.call('rollouts.events', { rollout, before: first.next! })
  expect([...first.events, ...rest.events].map(({ kind }) => kind)).toEqual([
    ...['verdict', 'offer', 'wave-opened', 'target', 'begin', 'approve', 'created'],
  ])
  expect((await desk.call('rollouts.events', { rollout, isWithoutDevices: true })).events.map(({ kind }) => kind)).not.toContain('offer')
  expect(await desk.call('rollouts.comparison', { rollout })).toMatchObject({ isEnough: true, evidence: { verdict: 'pass' } })
})

const holdingAlert: Omit<AlertRow, 'alert'> = {
  ...{ rule: 'accuracy-drop', ruleName: 'Accuracy has fallen', severity: 'critical', state: 'firing', subjectKey: 'k' },
  ...{
    subject: { ...noSubject, deployment: 'digits' },
    group: 'g',
    sentence: 'Accuracy has fallen to 80 %.',
    evidence: evidenceOf('share'),
  },
  ...{ startedAt: 1, firedAt: 1, resolvedAt: null, lastSeenAt: 1, clearSince: null, blindSince: null, notBefore: 0, toldAt: null },
  ...{ silencedUntil: null, occurrences: 1, acknowledged: null, holdsReleases: true, runbook: null },
}

function slot({ digest, model, version }: { digest: string; model: string; version: string }) {
  return { digest, model, version, since: 1 } as never
}
