import { describe, expect, it } from 'vitest'
import { rolloutTransitions, type RolloutState } from '../../../../../../shared/domain/rollout/life.ts'
import { allowedActs } from '../../../../../../electron/core/rollout/engine/allowed.ts'
import { replay } from '../../../../../../electron/core/rollout/engine/replay.ts'
import { effectsOf, heldByWords, standingOf } from '../../../../../../electron/core/rollout/engine/summary.ts'
import { waveViews } from '../../../../../../electron/core/rollout/engine/gate-view.ts'
import { rolloutsMethods } from '../../../../../../shared/rpc/contract/rollouts.ts'
import { RolloutWorld } from '../../../../../harness/rollout-world.ts'

const waves = [{ size: { kind: 'count' as const, devices: 2 }, gate: { verdict: 'ignore' as const } }, { size: { kind: 'rest' as const } }]

/** A rollout in each state. */
const reach: Record<RolloutState, () => RolloutWorld> = {
  draft: () => new RolloutWorld({ waves }),
  'awaiting-approval': () => started('The version is not approved.'),
  scheduled: () => {
    const world = new RolloutWorld({ waves, windows: { startAt: Date.UTC(2027, 0, 1) } })
    world.start()
    return world
  },
  running: () => started(),
  paused: () => done('pause', { halt: true }),
  completed: () => {
    const world = started()
    for (let n = 0; n < 2; n++) world.commit()
    return world
  },
  stopped: () => done('stop'),
  reverting: () => done('revert'),
  reverted: () => {
    const world = done('revert')
    world.tick()
    for (const id of world.inState('reverting')) world.set(id, { place: 'back' })
    world.tick()
    return world
  },
}

function started(needsApproval: string | null = null): RolloutWorld {
  const world = new RolloutWorld({ waves })
  world.start(needsApproval)
  return world
}

function done(kind: 'pause' | 'stop' | 'revert', more: object = {}): RolloutWorld {
  const world = started()
  world.act({ kind, ...more })
  return world
}

const known = (world: RolloutWorld) => ({ now: world.now, alert: null, evidence: () => null, shareOf: () => null })

describe.each(Object.keys(rolloutTransitions) as RolloutState[])('%s', (state) => {
  it('is reached, and what the screens allow is what the acts do', () => {
    expect(reach[state]().live.run.state).toBe(state)
    const acts = allowedActs(reach[state]().live.run)
    const tried = {
      ...{
        approve: {},
        pause: { halt: false },
        halt: { halt: true },
        resume: {},
        stop: {},
        revert: {},
        letThrough: { wave: 0 },
        promote: {},
        discard: {},
      },
      edit: { plan: reach.draft().live.run.plan },
    }
    const did: Record<string, boolean> = {}
    for (const [name, more] of Object.entries(tried)) {
      // A halt is a pause that reaches further; where nothing is paused yet it is a choice of the pause.
      const kind = name === 'halt' ? 'pause' : name
      const world = reach[state]()
      const count = world.events.length
      did[name] = false
      try {
        world.act({ kind, ...more } as never)
        did[name] = world.events.length > count
      } catch (error) {
        expect(error).toMatchObject({ code: 'rollout.not-allowed' })
      }
    }
    if (state !== 'paused') did['halt'] = false
    const { start: _start, remove: _remove, ...allowed } = acts
    expect(did).toEqual(allowed)
  })

  it('has one sentence, and its views keep to the contract', () => {
    const { live, now } = reach[state]()
    const standing = standingOf(live, known({ now } as RolloutWorld))
    expect(standing.sentence).toMatch(/^[A-Z].*\.$/)
    const { shape } = rolloutsMethods['rollouts.show'].output
    expect(shape.waveViews.safeParse(waveViews(live, known({ now } as RolloutWorld))).error).toBeUndefined()
    expect(shape.effects.safeParse(effectsOf(live)).error).toBeUndefined()
    expect(shape.sentence.safeParse(standing.sentence).success).toBe(true)
  })
})

describe('cases 56 and 57: two people at once', () => {
  it.each(['pause', 'stop', 'revert'] as const)('%s is done once', (kind) => {
    const world = started()
    expect(world.act({ kind, halt: false }, 'ann').length).toBe(1)
    expect(world.act({ kind, halt: false }, 'bob')).toEqual([])
  })

  it('start, approve, refuse and resume are done once', () => {
    const world = reach['awaiting-approval']()
    expect(world.act({ kind: 'approve' }, 'bob')).toHaveLength(1)
    expect(world.act({ kind: 'approve' }, 'eve')).toEqual([])
    const refused = reach['awaiting-approval']()
    expect(refused.act({ kind: 'refuse', why: 'no' })).toHaveLength(1)
    expect(refused.act({ kind: 'refuse' })).toEqual([])
    expect(refused.live.run).toMatchObject({ state: 'draft', target: null, startedAt: null })
    const paused = reach.paused()
    expect(paused.live.run.isHalted).toBe(true)
    expect(paused.act({ kind: 'resume' })).toHaveLength(1)
    expect([paused.act({ kind: 'resume' }), paused.live.run.isHalted, paused.live.run.held]).toEqual([[], false, null])
  })

  it('who ends it after it has ended otherwise is told what it is', () => {
    expect(() => reach.reverted().act({ kind: 'pause', halt: false })).toThrow('Rollout 7 cannot be paused: it is reverted.')
    expect(() => reach.running().act({ kind: 'letThrough', wave: 1 })).toThrow('Rollout 7 cannot be let through: wave 2 is not at work.')
    expect(() => reach.running().act({ kind: 'promote' })).toThrow('Rollout 7 cannot be promoted: it is not a comparison.')
  })
})

describe('a halt of a rollout that is paused already', () => {
  const paused = (): RolloutWorld => {
    const world = started()
    world.act({ kind: 'pause', halt: false, why: 'lunch' }, 'ann')
    return world
  }

  it('is an event of its own, once, and ends with the pause', () => {
    const world = paused()
    expect(allowedActs(started().live.run)).toMatchObject({ pause: true, halt: false })
    expect(allowedActs(world.live.run)).toMatchObject({ pause: false, halt: true, resume: true })
    const [event, ...more] = world.act({ kind: 'pause', halt: true, why: 'it burns' }, 'bob')
    expect(event).toMatchObject({ kind: 'halted', actor: 'bob', device: null, from: null, to: null, detail: { why: 'it burns' } })
    expect(event!.sentence).toBe('bob halted the rollout. it burns. Devices that have not activated the version keep from it.')
    expect([more, world.live.run.state, world.live.run.isHalted]).toEqual([[], 'paused', true])
    expect(world.live.run.held).toEqual({
      code: 'person',
      sentence: 'ann paused the rollout. lunch. Devices that have not activated the version keep from it.',
    })
    for (const halt of [true, false]) expect(world.act({ kind: 'pause', halt }, 'eve')).toEqual([])
    expect(allowedActs(world.live.run)).toMatchObject({ pause: false, halt: false, resume: true })
    expect(world.live.run.isHalted).toBe(true)
    world.act({ kind: 'resume' })
    expect([world.live.run.state, world.live.run.isHalted]).toEqual(['running', false])
  })

  it('is for a rollout that paused by a rule as well, and for no other state', () => {
    const world = started()
    world.record({
      ...{ kind: 'pause', actor: 'muster', device: null, wave: null, from: 'running', to: 'paused', sentence: 'Devices failed.' },
      detail: { held: { code: 'abort', sentence: 'Devices failed.' } },
    })
    expect(world.act({ kind: 'pause', halt: true })).toHaveLength(1)
    expect(world.live.run.held!.code).toBe('abort')
    expect(() => started().record({ ...world.events.at(-1)! })).toThrow('halts a rollout that is running')
    for (const state of ['draft', 'awaiting-approval', 'completed', 'stopped', 'reverting', 'reverted'] as const)
      expect(() => reach[state]().act({ kind: 'pause', halt: true })).toThrow('cannot be paused')
  })

  it.each(['resume', 'stop', 'revert'] as const)('is over after %s', (kind) => {
    const world = reach.paused()
    world.act({ kind })
    expect(world.live.run.isHalted).toBe(false)
  })

  it('is replayed from its log', () => {
    const world = paused()
    world.act({ kind: 'pause', halt: true })
    expect(replay(world.events).run).toEqual(world.live.run)
  })
})

describe('while it is paused', () => {
  it('offers nothing, and devices finish what they began', () => {
    const world = reach.paused()
    const { offers } = world.commit()
    expect([offers, world.inState('committed').length, world.waves]).toEqual([[], 2, ['open', 'waiting']])
    world.act({ kind: 'resume' })
    expect(world.tick().offers).toHaveLength(3)
  })

  it('one that was paused before its time begins when it goes on and its time has come', () => {
    const world = reach.scheduled()
    world.act({ kind: 'pause', halt: false })
    world.act({ kind: 'resume' })
    expect(world.tick().events).toEqual([])
    world.now = Date.UTC(2027, 0, 1)
    expect(world.tick().events.map(({ kind }) => kind)).toEqual(['target', 'wave-opened', 'offer', 'offer'])
  })
})

describe('words', () => {
  it('says what each act would do now', () => {
    const world = started()
    world.commit(world.inState('offered')[0]!)
    expect(effectsOf(world.live)).toEqual({
      pause: '3 devices get no order for now; 1 device finishes what was begun.',
      halt: '1 device has the order and not yet activated the version: it keeps from it until the rollout goes on.',
      stop: '1 device keeps the version; 1 device does not come to serve it any more, and 3 devices get no order.',
      revert: '2 devices get back what they had, 1 of them serving the version now; 3 devices get no order.',
    })
  })

  it('says what holds it', () => {
    const held = (state: RolloutState): string | null => heldByWords(reach[state]().live, known(reach[state]()))
    expect(held('scheduled')).toBe('It begins at 2027-01-01 00:00 UTC.')
    expect(held('running')).toBeNull()
    expect(held('paused')).toBe('ann paused the rollout. Devices that have not activated the version keep from it.')
    expect(held('awaiting-approval')).toBe('A person must approve it.')
  })
})
