import type { State } from '../../components/state-mark.tsx'
import { formatPercent } from '../../components/format.ts'
import type { DeviceTableRow } from '../../../shared/rpc/contract/device-views.ts'

type Place = DeviceTableRow['deployments'][number]

/** The sentence of a device beside its id and its state: both are not said again. */
export function shortSentence(device: string, sentence: string): string {
  const own = sentence.startsWith(`${device} `) ? sentence.slice(device.length + 1) : sentence
  return own
    .replace(/^is offline ?/, '')
    .replace(/^; /, '')
    .replace(/\.$/, '')
}

/** What a deployment runs, and where it is going: `digits 1.0.0 → 1.1.0 42 %`. */
export function placeText({ deployment, desired, active, shareOfBlocks }: Place): string {
  const share = shareOfBlocks === null ? '' : ` ${formatPercent(shareOfBlocks, 0)}`
  const from = active === null ? null : named(deployment, active)
  if (desired === null) return from === null ? `${deployment}: nothing` : `${from} → off`
  if (active === null) return `→ ${named(deployment, desired)}${share}`
  if (active.model === desired.model && active.version === desired.version) return from!
  return `${from} → ${active.model === desired.model ? desired.version : `${desired.model} ${desired.version}`}${share}`
}

/** The deployment is only named where it is not called as its model. */
function named(deployment: string, { model, version }: { model: string; version: string }): string {
  return deployment === model ? `${model} ${version}` : `${deployment}: ${model} ${version}`
}

/** Labels as they are written: `site=lyon camera`. */
export function labelsText(labels: Readonly<Record<string, string>>, without: readonly string[] = []): string {
  return Object.entries(labels)
    .filter(([key]) => !without.includes(key))
    .map(([key, value]) => (value === '' ? key : `${key}=${value}`))
    .join(' ')
}

/** The state word of a deployment on a device, from the step that it reports. */
export function placeState(state: string | null, hasProblem: boolean): State {
  switch (state) {
    case null:
    case 'idle':
      return 'offline'
    case 'rejected':
    case 'reverted':
      return 'failed'
    case 'active':
      return hasProblem ? 'attention' : 'ok'
    default:
      return 'working'
  }
}

/** The state that a severity is drawn with; `null`: it needs no mark. */
export function severityState(severity: string): State | null {
  if (severity === 'error' || severity === 'fatal') return 'failed'
  return severity === 'warning' || severity === 'warn' ? 'attention' : null
}

/** The nearest name that a problem offers, or `null`. */
export function nearestIn(message: string): string | null {
  return /Did you mean '([a-z0-9-]{1,64})'\?/.exec(message)?.[1] ?? null
}
