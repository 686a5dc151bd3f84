import { quoted } from '../../../../../shared/domain/query/query.ts'
import { gateRules, type GateRules, type WavePlan, type WaveSize } from '../../../../../shared/domain/rollout/plan.ts'

/** Ways to divide a target that a person can take as they are, in the order of the buttons. */
export const wavePresets = {
  all: { title: 'All at once', does: 'One wave. Judged at its end, too late to spare anybody.' },
  canary: { title: 'Canary, then rest', does: 'A tenth first, spread over the sites; the rest once it has shown that it is no worse.' },
  steps: { title: '1, 10 %, 50 %, rest', does: 'One device, then ever more, each step gated.' },
  sites: { title: 'By site', does: 'One site after the other; devices without a site last.' },
  hand: { title: 'By hand', does: 'The same steps, but a person lets each next wave begin.' },
} as const
export type WavePreset = keyof typeof wavePresets
export const wavePresetNames = Object.keys(wavePresets) as WavePreset[]

const plainGate = gateRules.parse({})
const byPerson = gateRules.parse({ byPerson: true, verdict: 'not-fail' })
/** Sites that get a wave of their own; the rest share the last one. */
const MOST_SITES = 20

const wave = (size: WaveSize, more: Partial<WavePlan> = {}): WavePlan => ({ name: '', size, stratify: [], gate: plainGate, ...more })

function stepsWith(gate: GateRules): WavePlan[] {
  return [
    wave({ kind: 'count', devices: 1 }, { gate }),
    wave({ kind: 'percent', percent: 10 }, { gate }),
    wave({ kind: 'percent', percent: 50 }, { gate }),
    wave({ kind: 'rest' }, { gate: plainGate }),
  ]
}

/** The waves of a preset. @param of.sites values of the label `site` in the target */
export function presetWaves(preset: WavePreset, of: { sites: readonly string[] }): WavePlan[] {
  switch (preset) {
    case 'all':
      return [wave({ kind: 'rest' })]
    case 'canary':
      return [wave({ kind: 'percent', percent: 10 }, { name: 'canary', stratify: ['site'] }), wave({ kind: 'rest' })]
    case 'steps':
      return stepsWith(plainGate)
    case 'hand':
      return stepsWith(byPerson)
    case 'sites':
      return [
        ...of.sites
          .slice(0, MOST_SITES)
          .map((site) => wave({ kind: 'query', query: `site = ${quoted(site)}` }, { name: site.slice(0, 64) })),
        wave({ kind: 'rest' }),
      ]
  }
}

/** The preset that waves look like, whatever was set in their gates; `null`: none. */
export function presetOf(waves: readonly WavePlan[]): WavePreset | null {
  const sizes = waves.map(({ size }) => size)
  if (sizes.length === 1) return sizes[0]!.kind === 'rest' ? 'all' : null
  if (sizes.at(-1)!.kind !== 'rest') return null
  const before = waves.slice(0, -1)
  if (before.every(({ size }) => size.kind === 'query' && size.query.startsWith('site = '))) return 'sites'
  const isSteps = JSON.stringify(sizes) === JSON.stringify(stepsWith(plainGate).map(({ size }) => size))
  if (isSteps) return before.every(({ gate }) => gate.byPerson) ? 'hand' : 'steps'
  const isCanary = before.length === 1 && (before[0]!.size.kind === 'count' || before[0]!.size.kind === 'percent')
  return isCanary ? 'canary' : null
}

/** A size of another kind, with a number or query to begin with. */
export function freshSize(kind: WaveSize['kind']): WaveSize {
  switch (kind) {
    case 'count':
      return { kind, devices: 5 }
    case 'percent':
      return { kind, percent: 10 }
    case 'query':
      return { kind, query: 'site = ' }
    case 'rest':
      return { kind }
  }
}

/** The waves with one more, before a last one that takes the rest. */
export function withWave(waves: readonly WavePlan[]): WavePlan[] {
  const added = wave({ kind: 'percent', percent: 25 }, { gate: waves.at(-1)?.gate ?? plainGate })
  const last = waves.at(-1)
  return last?.size.kind === 'rest' ? [...waves.slice(0, -1), added, last] : [...waves, added]
}

/** The waves with one of them at another place. */
export function movedWave(waves: readonly WavePlan[], from: number, to: number): WavePlan[] {
  const moved = [...waves]
  const [one] = moved.splice(from, 1)
  if (one === undefined) return moved
  moved.splice(Math.max(0, Math.min(moved.length, to)), 0, one)
  return moved
}
