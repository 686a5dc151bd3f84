import { beforeEach, describe, expect, test } from 'vitest'
import type { InputOf } from '../../../../../shared/rpc/contract.ts'
import { openReleaseDesk, slotOf, type ReleaseDesk } from '../../../../harness/release-desk.ts'

let desk: ReleaseDesk
let v1: { digest: string; model: string; version: string }
let v2: typeof v1

beforeEach(async () => {
  desk = openReleaseDesk()
  v1 = await importVersion('1.0.0')
  v2 = await importVersion('1.1.0')
  desk.join('cam-1', 'cam-2')
}, 60_000)

/** Imports a version with its hold-out rows only: nothing here asks for training rows. */
const importVersion = (version: string, of: { importedBy?: string; as?: string; hasHoldout?: boolean } = {}) =>
  desk.registry.import({
    ...{ modelPath: `build/samples/digits/digits-${version}.onnx`, modelFileName: `digits-${version}.onnx` },
    ...{ importedBy: of.importedBy ?? 'kim', ...(of.as === undefined ? {} : { version: of.as }) },
    ...(of.hasHoldout === false ? {} : { holdoutPath: 'build/samples/digits/holdout.csv', holdoutName: 'holdout.csv' }),
    ...{ signal: new AbortController().signal, progress: () => undefined },
  })
const policy = (change: InputOf<'approvals.setPolicy'>) => desk.call('approvals.setPolicy', change)
const show = (version: string) => desk.call('approvals.show', { model: 'digits', version })
const approve = (version: string, more: { actor?: string; why?: string; isDespiteGates?: boolean } = {}) => {
  const { actor = 'cli:ben', ...input } = more
  return desk.call('approvals.approve', { model: 'digits', version, ...input }, { actor })
}
const withdraw = (version: string, why = '') => desk.call('approvals.withdraw', { model: 'digits', version, why }, { actor: 'cli:ben' })
const deploy = (version: string, more: Partial<InputOf<'deployments.apply'>> = {}) =>
  desk.call('deployments.apply', { query: '', model: 'digits', version, ...more })
const stages = async () =>
  Object.fromEntries((await desk.call('models.list', { model: 'digits' })).versions.map(({ version, stage }) => [version, stage]))

describe('stages', () => {
  test('a version goes from evaluated to released by being ordered, and each step says who, when and why', async () => {
    expect(await stages()).toEqual({ '1.0.0': 'evaluated', '1.1.0': 'evaluated' })
    await approve('1.1.0', { why: ' Better on the hold-out rows. ' })
    expect(await stages()).toMatchObject({ '1.1.0': 'approved' })
    await deploy('1.1.0')
    await deploy('1.0.0', { query: 'id = cam-1' })
    expect(await stages()).toMatchObject({ '1.0.0': 'released', '1.1.0': 'released' })
    const { decisions, sentence } = await show('1.1.0')
    expect(decisions.map(({ by, act, from, to, why }) => [by, act, from, to, why])).toEqual([
      ['kim', 'release', 'approved', 'released', ''],
      ['cli:ben', 'approve', 'evaluated', 'approved', 'Better on the hold-out rows.'],
      ['muster', 'evaluate', 'draft', 'evaluated', 'Evaluated on holdout.csv: 397 rows.'],
    ])
    expect(sentence).toBe('Approved. On its way to devices, or on them.')
  })

  test('what changes nothing adds no decision', async () => {
    expect((await approve('1.1.0')).isChanged).toBe(true)
    expect((await approve('1.1.0', { actor: 'cli:cem' })).isChanged).toBe(false)
    await deploy('1.1.0')
    await deploy('1.1.0', { probation: { inferences: 5 } })
    expect((await show('1.1.0')).decisions.map(({ act }) => act)).toEqual(['release', 'approve', 'evaluate'])
    expect((await withdraw('1.1.0')).isChanged).toBe(true)
    expect((await withdraw('1.1.0')).isChanged).toBe(false)
  })

  test('a shadow and a staged version answer nobody: they are not released by it', async () => {
    await deploy('1.0.0')
    await deploy('1.1.0', { as: 'shadow' })
    expect(await stages()).toMatchObject({ '1.0.0': 'released', '1.1.0': 'evaluated' })
    for (const device of ['cam-1', 'cam-2'])
      desk.at(device, 'digits', {
        ...{ state: 'active', active: slotOf(v1) },
        beside: { role: 'shadow', state: 'active', content: slotOf(v2), progress: null, problem: null },
      })
    await desk.call('deployments.promote', { query: '', deployment: 'digits' })
    expect(await stages()).toMatchObject({ '1.1.0': 'released' })
  })

  test('the list begins with what waits for a decision, and is filtered by stage', async () => {
    await approve('1.0.0')
    const { versions } = await desk.call('approvals.list', {})
    expect(versions.map(({ version, stage }) => [version, stage])).toEqual([
      ['1.1.0', 'evaluated'],
      ['1.0.0', 'approved'],
    ])
    expect(versions.every(({ importedBy, since }) => importedBy === 'kim' && since > 0)).toBe(true)
    expect((await desk.call('approvals.list', { stage: 'approved' })).versions.map(({ version }) => version)).toEqual(['1.0.0'])
  })
})

describe('the policy', () => {
  test('nothing is asked for where nobody has said so', async () => {
    expect(await desk.call('approvals.policy', {})).toEqual({
      ...{ isRequired: false, needsSecondPerson: false, rolloutsNeedApproval: false, gates: [] },
    })
    expect(await deploy('1.1.0')).toMatchObject({ isNew: true })
  })

  test('where approval is required nothing else is released, and the preview says what is missing', async () => {
    await deploy('1.0.0')
    await policy({ isRequired: true })
    const words = 'digits 1.1.0 is evaluated: it must be approved before it is released.'
    await expect(deploy('1.1.0')).rejects.toMatchObject({ code: 'approval.required', message: words })
    await expect(deploy('1.1.0', { as: 'split' })).rejects.toMatchObject({ code: 'approval.required' })
    expect((await desk.call('deployments.preview', { query: '', model: 'digits', version: '1.1.0' })).missing).toBe(words)
    expect((await desk.call('deployments.preview', { query: '', model: 'digits', version: '1.1.0', as: 'shadow' })).missing).toBeNull()
    expect(desk.desired('cam-1', 'digits')).toBe('1.0.0')
    expect(await stages()).toMatchObject({ '1.1.0': 'evaluated' })
    await deploy('1.1.0', { as: 'shadow' })
    for (const device of ['cam-1', 'cam-2'])
      desk.at(device, 'digits', {
        ...{ state: 'active', active: slotOf(v1) },
        beside: { role: 'shadow', state: 'active', content: slotOf(v2), progress: null, problem: null },
      })
    await expect(desk.call('deployments.promote', { query: '', deployment: 'digits' })).rejects.toMatchObject({ code: 'approval.required' })
    await approve('1.1.0')
    await desk.call('deployments.promote', { query: '', deployment: 'digits' })
    expect(desk.desired('cam-1', 'digits')).toBe('1.1.0')
  })

  test('a version that was released before must be approved to be released further; it stays released', async () => {
    await deploy('1.0.0', { query: 'id = cam-1' })
    await policy({ isRequired: true })
    await expect(deploy('1.0.0')).rejects.toMatchObject({ code: 'approval.required' })
    await approve('1.0.0')
    expect(await stages()).toMatchObject({ '1.0.0': 'released' })
    expect((await deploy('1.0.0')).changed).toEqual(['cam-2'])
  })

  test('a withdrawn version is ordered in no role until it is approved anew; devices keep it', async () => {
    await deploy('1.0.0')
    await withdraw('1.0.0', 'Wrong labels.')
    expect(desk.desired('cam-1', 'digits')).toBe('1.0.0')
    await withdraw('1.1.0')
    for (const as of ['active', 'shadow', 'staged', 'split'] as const)
      await expect(deploy('1.1.0', { as })).rejects.toMatchObject({ code: 'approval.withdrawn' })
    await approve('1.1.0')
    expect(await deploy('1.1.0')).toMatchObject({ isNew: true })
    expect((await show('1.0.0')).decisions[0]).toMatchObject({ act: 'withdraw', from: 'released', why: 'Wrong labels.' })
  })

  test('a second person is another person, whichever way both come in', async () => {
    await policy({ needsSecondPerson: true })
    const own = await importVersion('1.2.0', { importedBy: 'cli:anna' })
    for (const actor of ['cli:anna', 'browser:Anna', 'browser'])
      await expect(approve(own.version, { actor })).rejects.toMatchObject({ code: 'approval.second-person' })
    expect(await approve(own.version, { actor: 'browser:ben' })).toMatchObject({ stage: 'approved', isChanged: true })
  })

  test('gates look at the incumbent: what production names, else what most devices have', async () => {
    await policy({
      gates: [
        { metric: 'accuracy', kind: 'not-worse', value: 0.05 },
        { metric: 'logLoss', kind: 'at-most', value: 1 },
      ],
    })
    expect((await show('1.1.0')).gates[0]).toMatchObject({ state: 'not enough evidence', incumbent: null })
    await deploy('1.0.0')
    const better = await show('1.1.0')
    expect(better.incumbent).toBe('1.0.0')
    expect(better.gates.map(({ state }) => state)).toEqual(['pass', 'pass'])
    expect(better.gates[0]!.sentence).toContain('accuracy is 0.9647, of 1.0.0 0.8992')
    await importVersion('1.3.0-regressed')
    await desk.call('models.setAlias', { model: 'digits', alias: 'production', version: '1.1.0' })
    // Nobody has released it: an alias alone puts nothing in service.
    expect(await show('1.3.0-regressed')).toMatchObject({ incumbent: '1.0.0' })
    await deploy('1.1.0', { query: 'id = cam-1' })
    const worse = await show('1.3.0-regressed')
    expect(worse).toMatchObject({ incumbent: '1.1.0', gates: [{ state: 'fail' }, { state: 'fail' }] })
    await expect(approve('1.3.0-regressed')).rejects.toMatchObject({ code: 'approval.gate-failed' })
    expect(await stages()).toMatchObject({ '1.3.0-regressed': 'evaluated' })
    const done = await approve('1.3.0-regressed', { isDespiteGates: true, why: 'For a test.' })
    expect(done.decisions[0]).toMatchObject({ act: 'approve', isDespiteGates: true, by: 'cli:ben', why: 'For a test.' })
    const kept = desk.store.versionDecisions.of('digits', '1.3.0-regressed', 1)[0]!
    expect(JSON.parse(kept.gates)).toMatchObject([{ state: 'fail', incumbent: done.gates[0]!.incumbent }, { state: 'fail' }])
    // Said of a version that passes, it is no exception.
    expect((await approve('1.1.0', { isDespiteGates: true })).decisions[0]!.isDespiteGates).toBe(false)
  })

  test('an alias does not put a version in service that nobody released: the gates compare it all the same', async () => {
    await policy({ isRequired: true, gates: [{ metric: 'accuracy', kind: 'not-worse', value: 0.01 }] })
    await approve('1.0.0', { isDespiteGates: true })
    await deploy('1.0.0')
    await importVersion('1.3.0-regressed')
    const alias = (version: string) => desk.call('models.setAlias', { model: 'digits', alias: 'production', version })
    await alias('1.3.0-regressed')
    expect(await show('1.3.0-regressed')).toMatchObject({ incumbent: '1.0.0', gates: [{ state: 'fail' }] })
    await expect(approve('1.3.0-regressed')).rejects.toMatchObject({ code: 'approval.gate-failed' })
    // A version that was withdrawn is in service nowhere either, whoever has it.
    await withdraw('1.0.0')
    await alias('1.0.0')
    expect(await show('1.0.0')).toMatchObject({ incumbent: null, gates: [{ state: 'not enough evidence' }] })
  })

  test('a gate that no version can pass is refused', async () => {
    await expect(policy({ gates: [{ metric: 'logLoss', kind: 'not-worse', value: 0 }] })).rejects.toMatchObject({ code: 'input.invalid' })
    await expect(policy({ gates: [{ metric: 'accuracy', kind: 'not-worse', value: -1 }] })).rejects.toMatchObject({ code: 'input.invalid' })
    expect((await desk.call('approvals.policy', {})).gates).toEqual([])
  })

  test('a draft has nothing that speaks for it', async () => {
    const draft = await importVersion('1.2.0', { hasHoldout: false })
    expect(await show(draft.version)).toMatchObject({ stage: 'draft', decisions: [], canApprove: true })
    await expect(approve(draft.version)).rejects.toMatchObject({ code: 'approval.gate-failed' })
    expect(await approve(draft.version, { isDespiteGates: true })).toMatchObject({ stage: 'approved', isApproved: true })
  })
})

describe('the fallback version of a deployment', () => {
  const revert = () => desk.call('deployments.revert', { query: '', deployment: 'digits' })
  const setFallback = (version: string | null) =>
    desk.call('approvals.setFallback', { deployment: 'digits', model: version === null ? null : 'digits', version })

  beforeEach(async () => {
    const older = await importVersion('1.2.0', { as: '0.9.0', hasHoldout: false })
    await deploy('1.1.0')
    desk.at('cam-1', 'digits', { state: 'active', active: slotOf(v2), lastGood: slotOf(older) })
    desk.at('cam-2', 'digits', { state: 'active', active: slotOf(v2) })
  })

  test('is what a revert gives devices that have none of their own, said before and after', async () => {
    expect(await desk.call('deployments.previewRevert', { query: '', deployment: 'digits' })).toMatchObject({
      ...{ devices: 1, fetching: [], fallback: null, skipped: [{ reason: 'no-last-good', devices: ['cam-2'] }] },
    })
    await setFallback('1.0.0')
    expect(await desk.call('approvals.fallbacks', {})).toMatchObject({
      fallbacks: [{ deployment: 'digits', version: '1.0.0', by: 'kim', devices: 2 }],
    })
    const before = await desk.call('deployments.previewRevert', { query: '', deployment: 'digits' })
    expect(before).toMatchObject({ devices: 2, fetching: ['cam-2'], fallback: { version: '1.0.0' }, skipped: [] })
    expect([desk.desired('cam-1', 'digits'), desk.desired('cam-2', 'digits')]).toEqual(['1.1.0', '1.1.0'])
    const done = await revert()
    expect(done).toMatchObject({ fetching: ['cam-2'], skipped: [], versions: before.versions })
    expect([desk.desired('cam-1', 'digits'), desk.desired('cam-2', 'digits')]).toEqual(['0.9.0', '1.0.0'])
    await desk.call('orders.undo', { order: done.order })
    expect([desk.desired('cam-1', 'digits'), desk.desired('cam-2', 'digits')]).toEqual(['1.1.0', '1.1.0'])
  })

  test('is not used where it is withdrawn, is what runs, or was taken away', async () => {
    await setFallback('1.0.0')
    await withdraw('1.0.0')
    expect(await revert()).toMatchObject({ devices: ['cam-1'], skipped: [{ reason: 'no-last-good', devices: ['cam-2'] }] })
    await expect(setFallback('1.0.0')).rejects.toMatchObject({ code: 'approval.withdrawn' })
    await setFallback('1.1.0')
    await expect(revert()).rejects.toMatchObject({ code: 'device.none-match' })
    await setFallback(null)
    expect((await desk.call('approvals.fallbacks', {})).fallbacks).toEqual([])
  })

  test('must be one that may be released, and there must be one', async () => {
    await policy({ isRequired: true })
    await expect(setFallback('1.0.0')).rejects.toMatchObject({ code: 'approval.required' })
    await expect(setFallback('9.9.9')).rejects.toMatchObject({ code: 'model.not-found' })
    const half = { deployment: 'digits', model: 'digits', version: null }
    await expect(desk.call('approvals.setFallback', half)).rejects.toMatchObject({ code: 'input.invalid' })
  })
})
