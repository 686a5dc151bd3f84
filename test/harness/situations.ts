import type { JournalBeside, JournalDeployment } from '../../agent/converge/journal.ts'
import type { Situation } from '../../agent/converge/plan.ts'
import type { Casting, Step } from '../../agent/converge/steps.ts'
import { wantedSet, type SetEntry } from '../../agent/converge/wanted-set.ts'
import { assignment, type AssignedBeside, type Assignment } from '../../shared/protocol/assignment.ts'
import { slotContent, type ConvergenceState, type SlotContent } from '../../shared/protocol/reported.ts'

// Situations of the plan: bundles are letters.

export const digest = (letter: string): string => letter.repeat(64)
export const slot = (letter: string): SlotContent =>
  slotContent.parse({ digest: digest(letter), model: 'digits', version: `1.${letter}`, since: 1 })

/** @param asked counter of the order that asked for the bundles; absent: each order asks */
export function order(counter: number, wanted: Record<string, string>, besides: Record<string, object> = {}, asked?: number): Assignment {
  const signatures = [{ keyid: '0'.repeat(32), sig: 'AA==' }]
  const deployments = Object.fromEntries(
    Object.entries(wanted).map(([name, letter]) => [
      name,
      {
        model: 'digits',
        version: `1.${letter}`,
        role: 'active',
        asked: asked ?? null,
        bundle: { digest: digest(letter), sizeBytes: 1, signatures },
        beside: Object.hasOwn(besides, name) ? besides[name] : null,
      },
    ]),
  )
  return assignment.parse({ v: 1, fleet: 'plant', device: 'cam-1', counter, issuedAt: 1, expiresAt: 2, deployments, config: {} })
}

export function journal(state: ConvergenceState, change: Partial<JournalDeployment> = {}): JournalDeployment {
  return {
    ...{ state, active: null, candidate: null, lastGood: null, attempts: 0, problem: null, rejected: [] },
    ...{ watch: null, lastGoodWatch: null, beside: null },
    ...change,
  }
}

export const situation = (change: Partial<Situation>): Situation => ({
  order: null,
  mayChange: true,
  isLocked: false,
  halted: new Set(),
  deployments: {},
  serving: [],
  waiting: new Set(),
  ...change,
})
export const begin = (deployment: string, letter: string, state: ConvergenceState = 'fetching'): Step => ({
  do: 'begin',
  deployment,
  content: { digest: slot(letter).digest, model: slot(letter).model, version: slot(letter).version },
  state,
})
export const rejected = (letter: string, counter: number) => [
  { digest: slot(letter).digest, counter, problem: { code: 'probe.load-failed', message: 'no' } },
]
export const active = { active: slot('a') }
export const serve = (active: Record<string, string>): SetEntry[] =>
  wantedSet(null, Object.fromEntries(Object.entries(active).map(([name, letter]) => [name, journal('active', { active: slot(letter) })])))
export const served = serve({ q: 'a' })

/** A second bundle as an order names it. */
export function ordered(letter: string, role: AssignedBeside['role'], change: Partial<AssignedBeside> = {}): object {
  const signatures = [{ keyid: '0'.repeat(32), sig: 'AA==' }]
  return { model: 'digits', version: `1.${letter}`, role, bundle: { digest: digest(letter), sizeBytes: 1, signatures }, ...change }
}

const casting: Casting = { role: 'shadow', percent: 10, cpuShare: 0.2, samplesPerWindow: 0 }

/** A second bundle as the journal knows it. */
export function beside(letter: string, state: ConvergenceState, change: Partial<JournalBeside> = {}): JournalBeside {
  return { ...casting, state, content: slot(letter), attempts: 0, problem: null, ...change }
}

/** What a second bundle is cast as, with the defaults of an order. */
export function cast(change: Partial<Casting>): Casting {
  return { ...casting, ...change }
}
