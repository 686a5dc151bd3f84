import { describe, expect, it } from 'vitest'
import { rolloutFor, rolloutWith } from '../../../../../../electron/core/rollout/explain/for-device.ts'
import { explainDevice, whyByRollout } from '../../../../../../electron/core/rollout/explain/handler.ts'
import type { FleetStore } from '../../../../../../electron/core/store/fleet/fleet-store.ts'
import { T0 } from '../../../../../harness/fleet.ts'
import { slotOf } from '../../../../../harness/release-desk.ts'
import { atHand, fresh, NOW, questionOf, type Scene } from './scene.ts'

const of = (id: number, scene: Scene) => atHand({ ...scene, run: { id, ...scene.run } })
const place = { device: 'cam-12', deployment: 'digits', entry: questionOf({}).entry }
const chosen = (...rollouts: ReturnType<typeof of>[]): number | null => rolloutFor(rollouts, place)?.run.id ?? null
const superseded: Scene = { own: { state: 'superseded', takenBy: { order: null, rollout: 3 } }, isTarget: false }

describe('the rollout that has a say', () => {
  it('is the one under way that has the device, of several the one that outranks the others', () => {
    expect(chosen(of(1, {}), of(2, { own: null }))).toBe(1)
    expect(chosen(of(1, { plan: { priority: 5 } }), of(2, {}))).toBe(1)
    expect(chosen(of(1, {}), of(2, {}))).toBe(2)
    expect(chosen(of(2, superseded), of(3, {}))).toBe(3)
  })

  it('else one that will have it, else the last that had it', () => {
    expect(chosen(of(1, { run: { state: 'completed', endedAt: NOW } }), of(2, { own: null }))).toBe(2)
    expect(chosen(of(1, { run: { state: 'stopped', endedAt: NOW } }), of(2, { own: null, isTarget: false }))).toBe(1)
    expect(chosen(of(1, { run: { state: 'stopped', endedAt: NOW } }), of(2, { run: { state: 'reverted', endedAt: NOW } }))).toBe(2)
  })

  it('is none that ended before the newest order, none to another deployment, and no draft', () => {
    expect(chosen(of(1, { run: { state: 'stopped', endedAt: T0 - 1 } }))).toBeNull()
    expect(chosen(of(1, { plan: { deployment: 'elsewhere' } }))).toBeNull()
    expect(chosen(of(1, { run: { state: 'draft' } }))).toBeNull()
    expect(chosen()).toBeNull()
  })

  it('is at last one that leaves the device out, for who asks about it; pages of devices do not tell that', () => {
    const without = of(4, { own: null, isTarget: false })
    expect(chosen(without)).toBe(4)
    expect(rolloutWith([without], place)).toBeNull()
  })
})

describe('pages of devices', () => {
  const said = (scene: Scene) => whyByRollout([atHand(scene)], NOW)(questionOf(scene).entry!, 'digits')
  it('say what keeps a device where it is, and nothing where it runs what is wanted', () => {
    expect(said({ own: { wave: 1 } })).toContain('waiting for wave 2')
    expect(said({ slots: { active: slotOf(fresh) }, own: { state: 'committed' } })).toBeNull()
    expect(whyByRollout([], NOW)(place.entry!, 'digits')).toBeNull()
  })
})

describe('the answer to rollouts.explain', () => {
  const parts = (rollouts: ReturnType<typeof of>[], entry = place.entry) => ({
    store: { roster: { entry: () => entry }, devices: { all: () => [{ device: 'cam-12' }] } } as unknown as FleetStore,
    rollouts: () => rollouts,
    now: () => NOW,
  })
  const reasons = (...asked: Parameters<typeof explainDevice>) =>
    explainDevice(...asked).explanations.map(({ deployment, reason }) => `${deployment}: ${reason}`)
  const device = 'cam-12' as Parameters<typeof explainDevice>[1]['device']
  const deployment = (name: string) => name as NonNullable<Parameters<typeof explainDevice>[1]['deployment']>

  it('has every deployment of the device, and those that a rollout brings', () => {
    const other = of(5, { plan: { deployment: 'wine', model: 'wine' }, own: { wave: 1 }, slots: {} })
    expect(reasons(parts([other]), { device })).toEqual(['digits: runs', 'wine: wave'])
    expect(reasons(parts([other]), { device, deployment: deployment('wine') })).toEqual(['wine: wave'])
    expect(reasons(parts([]), { device, deployment: deployment('none') })).toEqual(['none: no-order'])
  })

  it('knows a device that is gone by the rollout that had it, and refuses one that nobody knows, with the nearest name', () => {
    expect(reasons(parts([of(1, {})], null), { device })).toEqual(['digits: gone'])
    expect(() => explainDevice(parts([], null), { device: 'cam-13' as typeof device })).toThrow(
      expect.objectContaining({ code: 'device.not-found', message: expect.stringContaining("'cam-12'") as string }) as Error,
    )
  })
})
