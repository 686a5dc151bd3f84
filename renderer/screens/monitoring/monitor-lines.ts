import { shellWord } from '../../components/copy.tsx'
import { recentOf, windowOf, type HealthView, type Monitored, type VersionView } from './monitoring-view.ts'

const muster = 'npm run -s muster --'
const HOUR = 3_600_000

/** What the start page shows, as a line of a shell. A model alone cannot be asked for there: the line shows every version. */
export function healthLine({ period, by, query, deployment }: HealthView): string {
  return line(['health'], { query, deployment, by: by === 'version' ? '' : by }, period)
}

/** A tab of the page of a version, as a line of a shell. */
export function versionLine(of: Monitored, view: VersionView): string {
  const { tab, period, reference, device, feature, role } = view
  const { deployment } = of
  const bundle = [deployment, `${of.model}@${of.version}`]
  const slice = device === '' ? { query: view.query } : { device }
  const against = { ...slice, reference: reference === 'training' ? '' : reference }
  if (tab === 'drift') {
    // An hour is what the command line takes by itself.
    const window = { window: windowOf(view) === HOUR ? '' : spanText(windowOf(view)) }
    if (feature === '') return line(['drift', ...bundle], { ...against, ...window }, period)
    return line(['feature', ...bundle, feature], { ...against, role: role === 'feature' ? '' : role, ...window }, period)
  }
  if (tab === 'data')
    return line(
      ['data-quality', ...bundle],
      reference === 'device-baseline' ? against : slice,
      view.over === 'period' ? period : spanText(recentOf(view)),
    )
  if (tab === 'quality') return line(['quality', ...bundle], slice, period)
  return line(['health'], { deployment, ...slice, by: tab === 'devices' ? 'device' : '' }, period)
}

/** A device against its peers. */
export function peersLine(device: string, period: string): string {
  return line(['peers', device], {}, period)
}

/** @param flags those with an empty value are left out */
function line(words: readonly string[], flags: Readonly<Record<string, string>>, period: string): string {
  const given = Object.entries({ ...flags, since: period === '24h' ? '' : period }).filter(([, value]) => value !== '')
  return [muster, 'monitor', ...words.map(shellWord), ...given.map(([name, value]) => `--${name} ${shellWord(value)}`)].join(' ')
}

/** A length of time as the flags have it. */
function spanText(ms: number): string {
  return ms % HOUR === 0 ? `${ms / HOUR}h` : `${ms / 60_000}m`
}
