import { Link as RouteLink } from 'wouter'
import { formatClock, formatPercent, plural } from '../../../../components/format.ts'
import { wireText } from '../../../../components/wire-text.ts'
import { useNow } from '../../../../components/time.tsx'
import { paths } from '../../../../data/paths.ts'
import { waveTitle } from '../../live/rollout-words.ts'
import type { PlanPreview } from '../sections/section-props.ts'
import styles from './preview.module.css'

type Planned = PlanPreview['waves'][number]

const EXAMPLES = 4
const MINUTE_MS = 60_000
/** More are counted instead of named. */
const GROUPS = 4

/** The waves as they would be: how many devices, which, when, what the gate waits for, and what so many devices can show. */
export function PlannedWaves({ preview: { waves, targeted } }: { preview: PlanPreview }) {
  let before = 0
  return (
    <ol className={styles.planned} aria-label="Planned waves">
      {waves.map((wave, i) => {
        const from = before
        before += wave.devices
        const gate = wave.gate !== '' && wave.gate === waves[i - 1]?.gate ? 'The same gate.' : wave.gate
        return <PlannedWave key={wave.wave} wave={wave} gate={gate} from={from} targeted={targeted} />
      })}
    </ol>
  )
}

function PlannedWave({ wave, gate, from, targeted }: { wave: Planned; gate: string; from: number; targeted: number }) {
  const share = (count: number): string => `${targeted === 0 ? 0 : (count / targeted) * 100}%`
  return (
    <li data-empty={wave.devices === 0 || undefined}>
      <div className={styles.plannedHead}>
        <strong className="foreign">{waveTitle(wave)}</strong>
        <span className="dim">{wave.size}</span>
        <span className={styles.plannedCount}>{plural(wave.devices, 'device')}</span>
      </div>
      <div className={styles.track} aria-hidden="true">
        <span className={styles.trackBefore} style={{ width: share(from) }} />
        <span className={styles.trackOwn} style={{ width: share(wave.devices) }} />
      </div>
      {wave.devices > 0 && <Which wave={wave} />}
      {gate !== '' && <p className={styles.plannedLine}>{gate}</p>}
      <p className={styles.plannedLine}>
        <When wave={wave} />
        {wave.devices > 0 &&
          ` No failure in ${plural(wave.devices, 'device')} still allows a failure rate of ${formatPercent(wave.sizeBound, wave.sizeBound < 0.1 ? 1 : 0)}.`}
      </p>
    </li>
  )
}

function Which({ wave: { examples, devices, groups, bytes } }: { wave: Planned }) {
  return (
    <p className={styles.plannedLine}>
      {examples.slice(0, EXAMPLES).map((device, i) => (
        <span key={device}>
          {i > 0 && ', '}
          <RouteLink href={paths.device(device)} className="mono">
            {device}
          </RouteLink>
        </span>
      ))}
      {devices > EXAMPLES && ` and ${devices - EXAMPLES} more`}
      {groups.length > GROUPS && `; over ${groups.length} groups`}
      {groups.length > 1 && groups.length <= GROUPS && (
        <>
          {'; '}
          {groups.map(({ value, devices: count }, i) => (
            <span key={value} className="foreign">
              {i > 0 && ', '}
              {value === '' ? 'none' : value} {count}
            </span>
          ))}
        </>
      )}
      {bytes > 0 && `; ${wireText(bytes)}`}
    </p>
  )
}

function When({ wave: { wave, earliestStart, earliestEnd } }: { wave: Planned }) {
  const now = useNow()
  if (earliestStart === null) return wave === 0 ? 'Begins when it is started.' : 'Begins when the gate before it is through.'
  const start = earliestStart <= now + MINUTE_MS ? 'Begins at once' : `Begins ${toMinutes(earliestStart, now)} at the earliest`
  const isSoon = earliestEnd === null || earliestEnd < earliestStart + MINUTE_MS
  return isSoon ? `${start}.` : `${start}, done by ${toMinutes(earliestEnd, now)} if nothing fails.`
}

/** Seconds of a forecast mean nothing. */
function toMinutes(at: number, now: number): string {
  return formatClock(at, now).replace(/:\d\d$/, '')
}
