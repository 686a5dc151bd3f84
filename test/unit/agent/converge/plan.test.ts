import { describe, expect, it } from 'vitest'
import { nextStep, type Situation } from '../../../../agent/converge/plan.ts'
import { SERVE, type Step } from '../../../../agent/converge/steps.ts'
import { active, begin, journal, order, rejected, serve, served, situation, slot } from '../../../harness/situations.ts'

const cases: { name: string; when: Partial<Situation>; next: Step | null }[] = [
  { name: 'a fresh agent starts an empty generation', when: { serving: null }, next: { do: 'serve', set: 'active' } },
  { name: 'nothing wanted, nothing there', when: {}, next: null },
  {
    name: 'after a start the active set is served before anything else',
    when: { serving: null, order: order(1, { q: 'b' }), deployments: { q: journal('active', active) } },
    next: { do: 'serve', set: 'active' },
  },
  {
    name: 'killed between the journal and the switch',
    when: {
      serving: served,
      order: order(1, { q: 'b' }),
      deployments: { q: journal('active', { active: slot('b'), lastGood: slot('a') }) },
    },
    next: { do: 'serve', set: 'active' },
  },
  {
    name: 'serving waits after a failure, convergence goes on',
    when: { serving: null, waiting: new Set([SERVE]), order: order(1, { q: 'b' }) },
    next: begin('q', 'b'),
  },
  { name: 'no order: the active set stays', when: { serving: served, deployments: { q: journal('active', active) } }, next: null },
  { name: 'a first order', when: { order: order(1, { q: 'a' }) }, next: begin('q', 'a') },
  { name: 'an expired order changes nothing', when: { mayChange: false, order: order(1, { q: 'a' }) }, next: null },
  {
    name: 'an expired order still serves',
    when: { mayChange: false, serving: null, order: order(1, { q: 'a' }), deployments: { q: journal('active', active) } },
    next: { do: 'serve', set: 'active' },
  },
  {
    name: 'fetching goes on after a kill',
    when: { order: order(1, { q: 'b' }), deployments: { q: journal('fetching', { candidate: slot('b') }) } },
    next: { do: 'fetch', deployment: 'q', slot: 'candidate' },
  },
  {
    name: 'verified',
    when: { order: order(1, { q: 'b' }), deployments: { q: journal('verified', { candidate: slot('b') }) } },
    next: { do: 'preflight', deployment: 'q', slot: 'candidate' },
  },
  {
    name: 'preflighted',
    when: { order: order(1, { q: 'b' }), deployments: { q: journal('preflighted', { candidate: slot('b') }) } },
    next: { do: 'stage', deployment: 'q', slot: 'candidate' },
  },
  {
    name: 'staged',
    when: { order: order(1, { q: 'b' }), deployments: { q: journal('staged', { candidate: slot('b') }) } },
    next: { do: 'probe', deployment: 'q', slot: 'candidate' },
  },
  {
    name: 'a probe that a kill ended is begun again',
    when: { order: order(1, { q: 'b' }), deployments: { q: journal('probing', { candidate: slot('b'), attempts: 1 }) } },
    next: { do: 'probe', deployment: 'q', slot: 'candidate' },
  },
  { name: 'converged', when: { serving: served, order: order(1, { q: 'a' }), deployments: { q: journal('active', active) } }, next: null },
  {
    name: 'the order changed its mind while another was fetched',
    when: { serving: served, order: order(2, { q: 'c' }), deployments: { q: journal('fetching', { ...active, candidate: slot('b') }) } },
    next: begin('q', 'c'),
  },
  {
    name: 'the order went back to what runs',
    when: { serving: served, order: order(2, { q: 'a' }), deployments: { q: journal('probing', { ...active, candidate: slot('b') }) } },
    next: { do: 'settle', deployment: 'q' },
  },
  {
    name: 'an old failure is over when the order wants what runs',
    when: {
      serving: served,
      order: order(2, { q: 'a' }),
      deployments: { q: journal('rejected', { ...active, rejected: rejected('b', 1) }) },
    },
    next: { do: 'settle', deployment: 'q' },
  },
  {
    name: 'refused under this counter: not again',
    when: {
      serving: served,
      order: order(3, { q: 'b' }),
      deployments: { q: journal('rejected', { ...active, rejected: rejected('b', 3) }) },
    },
    next: null,
  },
  {
    name: 'refused under a lower counter: once more',
    when: {
      serving: served,
      order: order(4, { q: 'b' }),
      deployments: { q: journal('rejected', { ...active, rejected: rejected('b', 3) }) },
    },
    next: begin('q', 'b'),
  },
  {
    name: 'a higher order that did not ask for it: a rule of the configuration tries nothing again',
    when: {
      serving: served,
      order: order(9, { q: 'b' }, {}, 3),
      deployments: { q: journal('reverted', { ...active, rejected: rejected('b', 5) }) },
    },
    next: null,
  },
  {
    name: 'asked for after it failed: once more',
    when: {
      serving: served,
      order: order(9, { q: 'b' }, {}, 6),
      deployments: { q: journal('reverted', { ...active, rejected: rejected('b', 5) }) },
    },
    next: begin('q', 'b'),
  },
  {
    name: 'a reverted bundle stays away under its counter',
    when: {
      serving: served,
      order: order(3, { q: 'b' }),
      deployments: { q: journal('reverted', { ...active, rejected: rejected('b', 3) }) },
    },
    next: null,
  },
  {
    name: 'another bundle after a refusal',
    when: {
      serving: served,
      order: order(4, { q: 'c' }),
      deployments: { q: journal('rejected', { ...active, rejected: rejected('b', 9) }) },
    },
    next: begin('q', 'c'),
  },
  {
    name: 'a deployment that is no longer wanted goes first',
    when: {
      serving: serve({ q: 'a', r: 'a' }),
      order: order(2, { q: 'b' }),
      deployments: { q: journal('active', active), r: journal('active', active) },
    },
    next: { do: 'forget', deployment: 'r' },
  },
  {
    name: 'after that the runtime unloads it',
    when: { serving: serve({ q: 'a', r: 'a' }), order: order(2, { q: 'b' }), deployments: { q: journal('active', active) } },
    next: { do: 'serve', set: 'active' },
  },
  {
    name: 'what is ready is not held up by what is fetched',
    when: {
      order: order(1, { p: 'a', q: 'b' }),
      deployments: { p: journal('fetching', { candidate: slot('a') }), q: journal('staged', { candidate: slot('b') }) },
    },
    next: { do: 'probe', deployment: 'q', slot: 'candidate' },
  },
  {
    name: 'what is wanted is journalled before a long fetch',
    when: { order: order(1, { p: 'a', q: 'b' }), deployments: { p: journal('fetching', { candidate: slot('a') }) } },
    next: begin('q', 'b'),
  },
  {
    name: 'a failed fetch waits, the other goes on',
    when: {
      waiting: new Set(['p']),
      order: order(1, { p: 'a', q: 'b' }),
      deployments: { p: journal('fetching', { candidate: slot('a') }), q: journal('fetching', { candidate: slot('b') }) },
    },
    next: { do: 'fetch', deployment: 'q', slot: 'candidate' },
  },
  {
    name: 'files of the active bundle were lost: fetched again while the last good one serves',
    when: { serving: served, order: order(1, { q: 'b' }), deployments: { q: journal('idle', active) } },
    next: begin('q', 'b'),
  },
  {
    name: 'a deployment called like a property of objects',
    when: { order: order(1, { constructor: 'a' }) },
    next: begin('constructor', 'a'),
  },
]

describe('the next step', () => {
  it.each(cases)('$name', ({ when, next }) => {
    expect(nextStep(situation(when))).toEqual(next)
  })
})
