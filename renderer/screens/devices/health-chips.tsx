import { formatCount } from '../../components/format.ts'
import { StateMark } from '../../components/state-mark.tsx'
import { useQuery } from '../../data/use-query.ts'
import type { Health } from '../../../shared/domain/device-health.ts'
import { healthOf, withHealth } from './health-query.ts'
import styles from './devices.module.css'

/** The order in which a person reads them: trouble first. */
const shown: readonly Health[] = ['failed', 'attention', 'working', 'ok', 'offline']

/** How many devices are in each state; a press shows only those, another one all again. */
export function HealthChips({ query, onChange }: { query: string; onChange(query: string): void }) {
  // Counts over the query without its state: a chip that is set must not empty the others.
  const answer = useQuery('devices.table', { query: withHealth(query, null), limit: 0 }, { keepsPrevious: true })
  const counts = answer.data?.counts
  const active = healthOf(query)
  if (counts === undefined || answer.data?.fleet === 0) return null
  return (
    <div className={styles.chips} role="group" aria-label="Devices by state">
      {shown.map((health) => (
        <button
          key={health}
          type="button"
          className={styles.chip}
          aria-pressed={active === health}
          data-empty={counts[health] === 0 || undefined}
          onClick={() => onChange(withHealth(query, active === health ? null : health))}
        >
          <StateMark state={health} word={`${formatCount(counts[health])} ${health}`} />
        </button>
      ))}
    </div>
  )
}
