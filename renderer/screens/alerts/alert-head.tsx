import { Button } from '@mantine/core'
import { IconBellOff, IconCheck } from '@tabler/icons-react'
import { Link as RouteLink } from 'wouter'
import { formatExact } from '../../components/format.ts'
import { Sentence, Ago } from '../../components/time.tsx'
import { paths } from '../../data/paths.ts'
import type { Alert } from '../../../shared/domain/alert.ts'
import { AlertStateMark, SeverityMark } from './alert-marks.tsx'
import { AlertSubject } from './alert-subject.tsx'
import { useAlertActs } from './use-alert-acts.ts'
import { MayButton } from '../../shell/may-button.tsx'
import styles from './alerts.module.css'

/** What happened, to whom, since when, who looks after it, and what can be done about the telling. */
export function AlertHead({ alert, onSilence }: { alert: Alert; onSilence(alert: Alert): void }) {
  const acts = useAlertActs()
  const { acknowledged, silencedUntil } = alert
  const isOver = alert.state === 'resolved'
  return (
    <div className={styles.head}>
      <p className={styles.what}>
        <Sentence text={alert.sentence} />
      </p>
      <div className={styles.marks}>
        <SeverityMark severity={alert.severity} />
        <AlertStateMark state={alert.state} />
        <Times alert={alert} />
        <AlertSubject subject={alert.subject} isReached />
      </div>
      {alert.holdsReleases && alert.state === 'firing' && alert.subject.deployment !== null && (
        <p className={styles.note}>
          Nothing is released to {alert.subject.deployment} while this fires, unless somebody releases despite it.
        </p>
      )}
      {acknowledged !== null && (
        <p className={styles.note}>
          {acknowledged.by} looks after it, since <Ago at={acknowledged.at} />.{acknowledged.note === '' ? '' : ` ${acknowledged.note}`}
        </p>
      )}
      {silencedUntil !== null && (
        <p className={styles.note}>
          Silenced until {formatExact(silencedUntil)}: nobody is told. <RouteLink href={paths.alertsTab('silences')}>Silences</RouteLink>
        </p>
      )}
      {!isOver && (
        <div className={styles.acts}>
          {acknowledged === null ? (
            <MayButton
              method="alerts.acknowledge"
              variant="filled"
              leftSection={<IconCheck size={14} />}
              loading={acts.isBusy}
              onClick={() => void acts.acknowledge([alert.alert]).catch(() => undefined)}
            >
              Acknowledge
            </MayButton>
          ) : (
            <MayButton
              method="alerts.unacknowledge"
              loading={acts.isBusy}
              onClick={() => void acts.unacknowledge([alert.alert]).catch(() => undefined)}
            >
              Take acknowledgement back
            </MayButton>
          )}
          <MayButton method="alerts.silence" leftSection={<IconBellOff size={14} />} onClick={() => onSilence(alert)}>
            Silence
          </MayButton>
          <Button component={RouteLink} href={paths.alertRule(alert.rule)}>
            Show the rule
          </Button>
        </div>
      )}
    </div>
  )
}

function Times({ alert }: { alert: Alert }) {
  const { state, startedAt, firedAt, resolvedAt, occurrences } = alert
  return (
    <span>
      {state === 'pending' && (
        <>
          holds since <Ago at={startedAt} />
        </>
      )}
      {state === 'firing' && (
        <>
          since <Ago at={firedAt ?? startedAt} />
        </>
      )}
      {state === 'resolved' && (
        <>
          <Ago at={resolvedAt} />, began <Ago at={startedAt} />
        </>
      )}
      {occurrences > 1 && <span className="dim">, for the {ordinal(occurrences)} time</span>}
    </span>
  )
}

function ordinal(count: number): string {
  const last = count % 100 >= 11 && count % 100 <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][count % 10] ?? 'th')
  return `${count}${last}`
}
