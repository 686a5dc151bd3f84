import { deviceId } from '../../../../shared/domain/ids.ts'
import { rolloutDeviceStates, reachedStates } from '../../../../shared/domain/rollout/life.ts'
import type { GateEvidence } from '../../../../shared/rpc/contract/gate-evidence.ts'
import type { WaveView } from '../../../../shared/rpc/contract/rollouts.ts'
import type { RolloutRun } from '../rollout-run.ts'
import { gateConditions, gateCount, type GateCount } from './gate.ts'
import type { Live } from './live.ts'
import type { Tally, WaveTally } from './tally.ts'
import { waveSizeWords } from './waves.ts'
import { capital, counted, waveWords } from './words.ts'

/** What views ask for besides the rollout. */
export interface ViewKnowledge {
  now: number
  alert: string | null
  /** The newest evidence of a wave; null: none. */
  evidence(wave: number): GateEvidence | null
  /** Share of the bundle on a device; null: it does not say. */
  shareOf(device: string): number | null
}

/** At most so many devices of a wave are drawn. */
const CELLS = 2000

/** Every wave with its gate, and the numbers that each condition has and needs. */
export function waveViews({ run, tally }: Live, known: ViewKnowledge): WaveView[] {
  const members = membersOf(run)
  return run.plan.waves.map((plan, wave) => {
    const at = run.waves[wave]!
    const { counts } = tally.waves[wave]!
    const all = Object.values(counts).reduce((sum, count) => sum + count, 0)
    return {
      ...{ wave, name: plan.name, size: waveSizeWords(plan.size).slice(0, 100), state: at.state },
      ...{ openedAt: at.openedAt, reachedAt: at.reachedAt, passedAt: at.passedAt },
      targeted: all - counts.skipped - counts.superseded,
      reached: reachedStates.reduce((sum, state) => sum + counts[state], 0),
      ...{ committed: counts.committed, unreachable: counts.unreachable, counts: namedCounts(counts) },
      gate: gateView({ run, tally }, wave, known),
      cells: (members[wave] ?? []).slice(0, CELLS).map((device) => {
        const { state } = run.devices.get(device)!
        return { device: deviceId.parse(device), state, share: state === 'fetching' ? known.shareOf(device) : null }
      }),
    }
  })
}

/** Devices by state, without the states in which there is none. */
export function namedCounts(counts: WaveTally['counts']): WaveView['counts'] {
  return Object.fromEntries(rolloutDeviceStates.filter((state) => counts[state] > 0).map((state) => [state, counts[state]]))
}

/** The gate of a wave: its conditions, and in one sentence what it waits for. */
export function gateView(
  { run, tally }: { run: RolloutRun; tally: Tally },
  wave: number,
  known: ViewKnowledge,
): NonNullable<WaveView['gate']> {
  const at = run.waves[wave]!
  // What let a wave through is what it was judged by; what came later says nothing of the decision.
  const evidence = at.state === 'passed' ? at.evidence : (known.evidence(wave) ?? at.evidence)
  const count = gateCount(run, tally, wave)
  const conditions = gateConditions(run, count, wave, { now: known.now, alert: known.alert, evidence })
  return { conditions, sentence: gateSentence(run, wave, { count, conditions }).slice(0, 600), evidence }
}

interface GateState {
  count: GateCount
  conditions: NonNullable<WaveView['gate']>['conditions']
}

function gateSentence(run: RolloutRun, wave: number, { count, conditions }: GateState): string {
  const { state, isLetThrough, activatedAt } = run.waves[wave]!
  const name = capital(waveWords(wave, run.plan.waves[wave]!.name))
  if (state === 'passed') return `${name} has passed${isLetThrough ? ': a person let it through' : ''}.`
  if (isGivenUp(run)) return `${name} ${state === 'waiting' ? 'did not begin' : 'did not pass its gate'}: the rollout ended before.`
  if (state === 'waiting') return wave === 0 ? `${name} has not begun.` : `${name} waits for ${waveWords(wave - 1)}.`
  const unmet = conditions.find(({ isMet }) => !isMet)
  const before = count.phase === 'beside' && activatedAt === null ? ' before the version is activated' : ''
  if (unmet === undefined) return state === 'open' ? `${name} is being offered.` : `${name} goes through${before}.`
  if (state === 'open') return `${name} is at work: ${unmet.sentence}`
  if (count.left === 0)
    return `${name} is at its gate${before}: ${unmet.sentence} Let it through, wait for devices that come back, or stop.`
  const isStuck = (unmet.kind === 'reached' || unmet.kind === 'success') && count.underway === 0
  const stuck = isStuck ? ' Nothing is under way that could change it: let it through, retry, or stop.' : ''
  return `${name} is at its gate${before}: ${unmet.sentence}${stuck}`
}

/** Nothing more is offered, and nothing that is seen now lets a wave through. */
function isGivenUp({ state }: RolloutRun): boolean {
  return state === 'stopped' || state === 'reverting' || state === 'reverted'
}

/** What the gate of the wave at work waits for; null: no wave is at its gate. */
export function waitingGate({ run, tally }: Live, known: ViewKnowledge): string | null {
  const wave = run.waves.findIndex(({ state }) => state === 'open' || state === 'at-gate')
  if (wave === -1 || run.waves[wave]!.state !== 'at-gate') return null
  return gateView({ run, tally }, wave, known).sentence
}

/** The wave that is at work; null: none is. */
export function waveAtWork(run: RolloutRun): number | null {
  const wave = run.waves.findIndex(({ state }) => state === 'open' || state === 'at-gate')
  return wave === -1 ? null : wave
}

/** A wave with its devices, in brief: wave 2 of 4: 12 of 100 devices committed, 3 on their way. */
export function waveBrief({ run, tally }: Live, wave: number): string {
  const { counts } = tally.waves[wave]!
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0) - counts.skipped - counts.superseded
  const flying = counts.offered + counts.fetching + counts.activating + counts.probing
  const failed = counts.failed + counts.rejected + counts['timed-out'] + counts['fell-back']
  const beside = counts.shadowing + counts.splitting + counts.staged
  const parts = [
    `${counts.committed} of ${counted(all, 'device')} committed`,
    ...(flying === 0 ? [] : [`${flying} on their way`]),
    ...(beside === 0 ? [] : [`${beside} with the version beside`]),
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(counts.unreachable === 0 ? [] : [`${counts.unreachable} cannot be reached`]),
  ]
  return `${waveWords(wave)} of ${run.plan.waves.length}: ${parts.join(', ')}`
}

function membersOf(run: RolloutRun): string[][] {
  const members: string[][] = run.waves.map(() => [])
  for (const { device, wave } of run.devices.values()) members[wave]!.push(device)
  return members.map((devices) => devices.sort((a, b) => (a < b ? -1 : 1)))
}
