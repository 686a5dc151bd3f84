import { Button } from '@mantine/core'
import { Link as RouteLink } from 'wouter'
import { formatCount } from '../../components/format.ts'
import { Section } from '../../components/screen.tsx'
import { StateMark } from '../../components/state-mark.tsx'
import { Ago } from '../../components/time.tsx'
import { paths, pathOf } from '../../data/paths.ts'
import type { Attention as Item } from '../../../shared/rpc/contract/overview.ts'
import styles from './overview.module.css'

/** How many are told before somebody asks for all: the rest of the page stays on the screen. */
const FIRST = 5

/** What needs a person, the most urgent first, each with what to do. */
export function Attention({
  items,
  total,
  at,
  isWhole,
  onWhole,
}: {
  items: readonly Item[]
  total: number
  /** When the console looked. */
  at: number
  isWhole: boolean
  onWhole(isWhole: boolean): void
}) {
  const shown = isWhole ? items : items.slice(0, FIRST)
  return (
    <Section
      title={total === 0 ? 'Needs attention' : `Needs attention: ${formatCount(total)}`}
      actions={
        items.length > FIRST && (
          <Button variant="subtle" size="compact-xs" onClick={() => onWhole(!isWhole)}>
            {isWhole ? `Show the first ${FIRST}` : `Show all ${formatCount(items.length)}`}
          </Button>
        )
      }
    >
      {total === 0 && (
        <p className={styles.calm}>
          <StateMark state="ok" word="Nothing needs attention" />
          <span className="dim">
            Checked <Ago at={at} />, over all devices, the broker and the store.
          </span>
        </p>
      )}
      <ul className={styles.attention} aria-label="Needs attention">
        {shown.map((item) => (
          <li key={`${item.kind} ${item.device ?? ''} ${item.deployment ?? ''} ${item.sentence}`}>
            <StateMark state={item.severity === 'error' ? 'failed' : 'attention'} word={item.severity} />
            <div>
              <div className={`foreign ${styles.oneLine}`} title={item.sentence}>
                {item.sentence}
              </div>
              <div className={`foreign ${styles.oneLine}`}>
                {item.action.target === null ? (
                  <span className="dim">{item.action.text}</span>
                ) : (
                  <RouteLink href={pathOf(item.action.target)}>{item.action.text}</RouteLink>
                )}
              </div>
            </div>
          </li>
        ))}
      </ul>
      {isWhole && total > items.length && (
        <p className="dim">
          {formatCount(total - items.length)} more are not listed; see{' '}
          <RouteLink href={paths.devices('health = failed or health = attention')}>the devices with trouble</RouteLink>.
        </p>
      )}
    </Section>
  )
}
