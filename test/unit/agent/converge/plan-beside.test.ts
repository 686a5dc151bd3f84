import { describe, expect, it } from 'vitest'
import { nextStep, type Situation } from '../../../../agent/converge/plan.ts'
import { besideKey, type Step } from '../../../../agent/converge/steps.ts'
import { wantedSet } from '../../../../agent/converge/wanted-set.ts'
import { assignment } from '../../../../shared/protocol/assignment.ts'
import {
  active,
  begin,
  beside,
  cast,
  journal,
  order,
  ordered,
  rejected,
  serve,
  served,
  situation,
  slot,
} from '../../../harness/situations.ts'

const content = (letter: string) => ({ digest: slot(letter).digest, model: slot(letter).model, version: slot(letter).version })
const join = (letter: string, state: 'fetching' | 'staged', change = {}): Step => ({
  do: 'join',
  deployment: 'q',
  content: content(letter),
  state,
  casting: cast(change),
})
const step = (name: 'fetch' | 'preflight' | 'stage' | 'probe'): Step => ({ do: name, deployment: 'q', slot: 'beside' })
const withBeside = (one: ReturnType<typeof beside>) => ({ q: journal('active', { ...active, beside: one }) })
const shadow = order(2, { q: 'a' }, { q: ordered('b', 'shadow') })
const split = order(2, { q: 'a' }, { q: ordered('b', 'split', { percent: 30 }) })
const staged = order(2, { q: 'a' }, { q: ordered('b', 'staged') })
const none = order(3, { q: 'a' })
/** What a generation serves that was loaded for this journal. */
const loaded = (deployments: Situation['deployments']) => ({ deployments, serving: wantedSet(null, deployments) })

const cases: { name: string; when: Partial<Situation>; next: Step | null }[] = [
  {
    name: 'a second bundle is taken up',
    when: { order: shadow, serving: served, deployments: { q: journal('active', active) } },
    next: join('b', 'fetching'),
  },
  { name: 'fetched', when: { order: shadow, serving: served, deployments: withBeside(beside('b', 'fetching')) }, next: step('fetch') },
  {
    name: 'inspected',
    when: { order: shadow, serving: served, deployments: withBeside(beside('b', 'verified')) },
    next: step('preflight'),
  },
  { name: 'staged', when: { order: shadow, serving: served, deployments: withBeside(beside('b', 'preflighted')) }, next: step('stage') },
  {
    name: 'a shadow is probed',
    when: { order: shadow, serving: served, deployments: withBeside(beside('b', 'staged')) },
    next: step('probe'),
  },
  {
    name: 'what is only staged is not probed',
    when: { order: staged, serving: served, deployments: withBeside(beside('b', 'staged', { role: 'staged' })) },
    next: null,
  },
  {
    name: 'a lock holds the probe back',
    when: { order: shadow, isLocked: true, serving: served, deployments: withBeside(beside('b', 'staged')) },
    next: null,
  },
  {
    name: 'a lock does not hold the fetch back',
    when: { order: shadow, isLocked: true, serving: served, deployments: withBeside(beside('b', 'fetching')) },
    next: step('fetch'),
  },
  {
    name: 'killed between the journal and the switch: the set with it is served',
    when: { order: shadow, serving: served, deployments: withBeside(beside('b', 'active')) },
    next: { do: 'serve', set: 'active' },
  },
  { name: 'at work', when: { order: shadow, ...loaded(withBeside(beside('b', 'active'))) }, next: null },
  {
    name: 'no longer wanted: it leaves the journal first',
    when: { order: none, ...loaded(withBeside(beside('b', 'active'))) },
    next: { do: 'part', deployment: 'q' },
  },
  {
    name: 'no longer wanted under a lock: the set stays',
    when: { order: none, isLocked: true, ...loaded(withBeside(beside('b', 'active'))) },
    next: null,
  },
  {
    name: 'then the runtime serves without it',
    when: { order: none, serving: loaded(withBeside(beside('b', 'active'))).serving, deployments: { q: journal('active', active) } },
    next: { do: 'serve', set: 'active' },
  },
  {
    name: 'from shadow to split: the journal first',
    when: { order: split, ...loaded(withBeside(beside('b', 'active'))) },
    next: { do: 'recast', deployment: 'q', casting: cast({ role: 'split', percent: 30 }) },
  },
  {
    name: 'then the same generation is tuned',
    when: {
      order: split,
      serving: loaded(withBeside(beside('b', 'active'))).serving,
      deployments: withBeside(beside('b', 'active', { role: 'split', percent: 30 })),
    },
    next: { do: 'tune', set: 'active' },
  },
  {
    name: 'other rules of serving need no generation either',
    when: {
      order: assignment.parse({
        ...none,
        deployments: { q: { ...(none.deployments['q' as never] as object), serving: { cacheEntries: 9 } } },
      }),
      serving: served,
      deployments: { q: journal('active', active) },
    },
    next: { do: 'tune', set: 'active' },
  },
  {
    name: 'what waited on the disk becomes a shadow',
    when: { order: shadow, serving: served, deployments: withBeside(beside('b', 'staged', { role: 'staged' })) },
    next: { do: 'recast', deployment: 'q', casting: cast({}) },
  },
  {
    name: 'a refused one is not taken up again under its order',
    when: {
      order: shadow,
      serving: served,
      deployments: { q: journal('active', { ...active, beside: beside('b', 'rejected'), rejected: rejected('b', 2) }) },
    },
    next: null,
  },
  {
    name: 'a refused one is taken up again under a higher order',
    when: {
      order: order(3, { q: 'a' }, { q: ordered('b', 'shadow') }),
      serving: served,
      deployments: { q: journal('active', { ...active, beside: beside('b', 'rejected'), rejected: rejected('b', 2) }) },
    },
    next: join('b', 'fetching'),
  },
  {
    name: 'another one takes its place',
    when: { order: order(3, { q: 'a' }, { q: ordered('c', 'shadow') }), ...loaded(withBeside(beside('b', 'active'))) },
    next: join('c', 'fetching'),
  },
  {
    name: 'its fetch failed and waits: nothing else is held up',
    when: {
      order: order(2, { q: 'a', r: 'c' }, { q: ordered('b', 'shadow') }),
      serving: served,
      waiting: new Set([besideKey('q')]),
      deployments: { ...withBeside(beside('b', 'fetching')), r: journal('fetching', { candidate: slot('c') }) },
    },
    next: { do: 'fetch', deployment: 'r', slot: 'candidate' },
  },
  {
    name: 'what shall be active is fetched first',
    when: {
      order: order(2, { q: 'a', r: 'c' }, { q: ordered('b', 'shadow') }),
      serving: served,
      deployments: { ...withBeside(beside('b', 'fetching')), r: journal('fetching', { candidate: slot('c') }) },
    },
    next: { do: 'fetch', deployment: 'r', slot: 'candidate' },
  },
  {
    name: 'it is not probed before the active bundle is settled',
    when: {
      order: order(2, { q: 'c' }, { q: ordered('b', 'shadow') }),
      serving: served,
      waiting: new Set(['q']),
      deployments: { q: journal('fetching', { ...active, candidate: slot('c'), beside: beside('b', 'staged') }) },
    },
    next: null,
  },
  {
    name: 'it shall be the active one: nothing is fetched again',
    when: { order: order(3, { q: 'b' }), ...loaded(withBeside(beside('b', 'active', { role: 'split' }))) },
    next: begin('q', 'b', 'staged'),
  },
  {
    name: 'until it is, it keeps its share',
    when: {
      order: order(3, { q: 'b' }),
      ...loaded({ q: journal('staged', { ...active, candidate: slot('b'), beside: beside('b', 'active', { role: 'split' }) }) }),
    },
    next: { do: 'probe', deployment: 'q', slot: 'candidate' },
  },
  {
    name: 'it was refused as the active one: it goes from beside too',
    when: {
      order: order(3, { q: 'b' }),
      ...loaded({ q: journal('rejected', { ...active, beside: beside('b', 'active'), rejected: rejected('b', 3) }) }),
    },
    next: { do: 'part', deployment: 'q' },
  },
  {
    name: 'the version before becomes the shadow: its files are here',
    when: {
      order: order(3, { q: 'b' }, { q: ordered('a', 'shadow') }),
      serving: serve({ q: 'b' }),
      deployments: { q: journal('active', { active: slot('b'), lastGood: slot('a') }) },
    },
    next: join('a', 'staged'),
  },
  {
    name: 'an order that names one bundle twice means one',
    when: { order: order(2, { q: 'a' }, { q: ordered('a', 'shadow') }), serving: served, deployments: { q: journal('active', active) } },
    next: null,
  },
  {
    name: 'an expired order changes nothing',
    when: { order: shadow, mayChange: false, serving: served, deployments: withBeside(beside('b', 'staged')) },
    next: null,
  },
]

describe('the next step of a second bundle', () => {
  it.each(cases)('$name', ({ when, next }) => {
    expect(nextStep(situation(when))).toEqual(next)
  })
})

const back: { name: string; when: Partial<Situation>; next: Step | null }[] = [
  {
    name: 'an order that names the last good one goes back without fetch and probe',
    when: {
      order: order(3, { q: 'a' }),
      serving: serve({ q: 'b' }),
      deployments: { q: journal('active', { active: slot('b'), lastGood: slot('a') }) },
    },
    next: { do: 'restore', deployment: 'q' },
  },
  {
    name: 'also while another is fetched',
    when: {
      order: order(3, { q: 'a' }),
      serving: serve({ q: 'b' }),
      deployments: { q: journal('fetching', { active: slot('b'), lastGood: slot('a'), candidate: slot('c') }) },
    },
    next: { do: 'restore', deployment: 'q' },
  },
  {
    name: 'a lock holds it back',
    when: {
      order: order(3, { q: 'a' }),
      isLocked: true,
      serving: serve({ q: 'b' }),
      deployments: { q: journal('active', { active: slot('b'), lastGood: slot('a') }) },
    },
    next: null,
  },
  {
    name: 'a lock does not hold back what the device itself took back',
    when: {
      order: order(3, { q: 'b' }),
      isLocked: true,
      serving: serve({ q: 'b' }),
      deployments: { q: journal('reverted', { active: slot('a'), rejected: rejected('b', 3) }) },
    },
    next: { do: 'serve', set: 'active' },
  },
  {
    name: 'a lock holds the probe back',
    when: {
      order: order(2, { q: 'b' }),
      isLocked: true,
      serving: served,
      deployments: { q: journal('staged', { ...active, candidate: slot('b') }) },
    },
    next: null,
  },
  {
    name: 'a lock holds back neither fetch nor inspection',
    when: {
      order: order(2, { q: 'b' }),
      isLocked: true,
      serving: served,
      deployments: { q: journal('verified', { ...active, candidate: slot('b') }) },
    },
    next: { do: 'preflight', deployment: 'q', slot: 'candidate' },
  },
  {
    name: 'a lock holds back the unloading of a deployment',
    when: {
      order: order(2, { q: 'a' }),
      isLocked: true,
      serving: serve({ q: 'a', r: 'b' }),
      deployments: { q: journal('active', active), r: journal('active', { active: slot('b') }) },
    },
    next: null,
  },
  {
    name: 'a failed watch with nothing to go back to stays told',
    when: {
      order: order(2, { q: 'a' }),
      serving: served,
      deployments: { q: journal('active', { ...active, problem: { code: 'watch.failed', message: 'slow' } }) },
    },
    next: null,
  },
]

describe('the next step back, and under a lock', () => {
  it.each(back)('$name', ({ when, next }) => {
    expect(nextStep(situation(when))).toEqual(next)
  })
})
