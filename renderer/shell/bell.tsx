import { ActionIcon, Button, Popover, Tooltip } from '@mantine/core'
import { IconBell } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { Link as RouteLink } from 'wouter'
import { callHost } from '../../shared/host/bridge.ts'
import { showAlertCount } from '../components/page-title.ts'
import { StateMark } from '../components/state-mark.tsx'
import { Ago } from '../components/time.tsx'
import { paths } from '../data/paths.ts'
import { useQuery } from '../data/use-query.ts'
import { hostBridge } from '../transport/choose-link.ts'
import { bellText, loudCounts } from './bell-words.ts'
import { severityStates } from '../screens/alerts/alert-words.ts'
import styles from './bell.module.css'

/** Alerts that the popover names. */
const NEWEST = 6
/** The count is of these; beyond it the bell says "more than". */
const MOST_COUNTED = 500

/** How many alerts fire and have nobody, by severity; opens to the first of them. The window's title and the icon of the desktop count too. */
export function Bell() {
  const [isOpen, setOpen] = useState(false)
  const answer = useQuery('alerts.list', { state: 'firing', isQuiet: false, limit: MOST_COUNTED })
  const alerts = answer.data?.alerts ?? []
  const { critical, others, total } = loudCounts(alerts)
  useEffect(() => {
    showAlertCount(total)
    const bridge = hostBridge()
    if (bridge !== null) callHost(bridge, 'host.setBadge', { count: total }).catch(() => undefined)
  }, [total])
  const close = (): void => setOpen(false)
  return (
    <Popover position="bottom-end" shadow="md" width={420} trapFocus opened={isOpen} onChange={setOpen}>
      <Popover.Target>
        <Tooltip label="Alerts" disabled={isOpen}>
          {total === 0 ? (
            <ActionIcon aria-label="Alerts: none" onClick={() => setOpen(!isOpen)}>
              <IconBell size={18} />
            </ActionIcon>
          ) : (
            <Button variant="subtle" color="gray" leftSection={<IconBell size={16} />} onClick={() => setOpen(!isOpen)}>
              <span className="sr-only">{bellText({ critical, others })}</span>
              <span className={styles.counts} aria-hidden="true">
                {critical > 0 && <StateMark state="failed" word={String(critical)} />}
                {others > 0 && <StateMark state="attention" word={String(others)} />}
              </span>
            </Button>
          )}
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown>
        <div className={styles.head}>
          <h2>Alerts</h2>
          <RouteLink href={paths.alerts} onClick={close}>
            All alerts
          </RouteLink>
        </div>
        {total === 0 && <p className={styles.none}>Nothing fires that somebody does not already look after.</p>}
        <ul className={styles.list}>
          {alerts.slice(0, NEWEST).map(({ alert, severity, sentence, firedAt, startedAt }) => (
            <li key={alert}>
              <StateMark state={severityStates[severity]} word={severity} isBare />
              <RouteLink href={paths.alert(alert)} className={styles.sentence} title={sentence} onClick={close}>
                {sentence}
              </RouteLink>
              <span className="dim">
                <Ago at={firedAt ?? startedAt} />
              </span>
            </li>
          ))}
        </ul>
        {total > NEWEST && <p className={styles.none}>And {total - NEWEST} more.</p>}
      </Popover.Dropdown>
    </Popover>
  )
}
