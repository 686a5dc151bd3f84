import { Link as RouteLink } from 'wouter'
import { formatPercent, withClocks } from '../../components/format.ts'
import { Progress } from '../../components/progress.tsx'
import { paths } from '../../data/paths.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { useNow } from '../../components/time.tsx'
import { shortSentence } from './device-words.ts'
import { PlaceMark } from './place-mark.tsx'
import styles from './devices.module.css'

/** The deployments of a device in a line each, for the panel beside a list. */
export function SlotLines({ shown }: { shown: OutputOf<'devices.show'> }) {
  const { device, slots, status } = shown
  const isOnline = status === 'online'
  const now = useNow()
  if (slots.length === 0) return <p className="dim">Nothing was ordered of this device yet.</p>
  return (
    <ul className={styles.slotLines}>
      {slots.map(({ deployment, active, ordered, state, shareOfBlocks, problem, why }) => (
        <li key={deployment}>
          <div className={styles.slotLine}>
            <span className="mono foreign">{deployment}</span>
            <PlaceMark state={state} hasProblem={problem !== null} isOnline={isOnline} />
            {active === null ? <span className="dim">serves nothing</span> : <VersionLink {...active} />}
            {ordered !== null && ordered.digest !== active?.digest && (
              <span>
                → <VersionLink {...ordered} />
              </span>
            )}
          </div>
          {shareOfBlocks !== null && (
            <div className={styles.slotLine}>
              <Progress share={shareOfBlocks} label={`Fetching ${deployment}`} />
              {formatPercent(shareOfBlocks, 0)}
            </div>
          )}
          <div className="dim foreign">{withClocks(shortSentence(device, why), now)}</div>
        </li>
      ))}
    </ul>
  )
}

function VersionLink({ model, version }: { model: string; version: string }) {
  return (
    <RouteLink href={paths.version(model, version)} className="foreign">
      {model} {version}
    </RouteLink>
  )
}
