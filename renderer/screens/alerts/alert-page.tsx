import { useState } from 'react'
import { Link as RouteLink } from 'wouter'
import { Answered, EmptyState } from '../../components/answered.tsx'
import { CopyAsCommand } from '../../components/copy.tsx'
import { Screen } from '../../components/screen.tsx'
import { paths } from '../../data/paths.ts'
import { useQuery } from '../../data/use-query.ts'
import { usePlaceKeys } from '../../shell/place-shortcuts.ts'
import { AlertEvidence, AlertReadings } from './alert-evidence.tsx'
import { AlertHead } from './alert-head.tsx'
import { AlertRunbook } from './alert-runbook.tsx'
import { AlertEarlier, AlertEvents, AlertOthers } from './alert-story.tsx'
import { cliLines } from './cli-lines.ts'
import { SilenceDialog } from './silence-dialog.tsx'
import { silenceOf, type SilenceDraft } from './silence-draft.ts'
import { toAcknowledge, useAlertActs } from './use-alert-acts.ts'
import styles from './alerts.module.css'

/** One alert: what happened, what it rests on, what to do, and what was done. */
export function AlertPage({ alert }: { alert: number }) {
  const answer = useQuery('alerts.show', { alert })
  const [silenced, silence] = useState<SilenceDraft | null>(null)
  const acts = useAlertActs()
  const shown = answer.data
  usePlaceKeys({
    a: () => {
      if (shown !== undefined && toAcknowledge([shown.alert]).length > 0) void acts.acknowledge([alert]).catch(() => undefined)
    },
    s: () => shown !== undefined && silence(silenceOf(shown.alert)),
  })
  return (
    <Screen
      title={shown?.alert.ruleName ?? `Alert ${alert}`}
      beside={
        <>
          <span>Alert {alert}</span>
          <RouteLink href={paths.alerts}>All alerts</RouteLink>
        </>
      }
      actions={<CopyAsCommand command={cliLines.show(alert)} isIcon />}
    >
      {shown === undefined && answer.error?.code === 'alert.not-found' ? (
        <EmptyState title={`There is no alert ${alert}`} actions={<RouteLink href={paths.alerts}>Go to the open alerts</RouteLink>}>
          It may be older than the history that this console keeps.
        </EmptyState>
      ) : (
        <Answered answer={answer}>
          {(one) => (
            <div className={styles.columns}>
              <div className={styles.column}>
                <AlertHead alert={one.alert} onSilence={(which) => silence(silenceOf(which))} />
                <AlertReadings shown={one} height={180} />
                <AlertRunbook shown={one} />
                <AlertEvents shown={one} />
              </div>
              <div className={styles.column}>
                <AlertEvidence shown={one} />
                <AlertOthers shown={one} />
                <AlertEarlier shown={one} />
              </div>
            </div>
          )}
        </Answered>
      )}
      {silenced !== null && <SilenceDialog drafts={[silenced]} onClose={() => silence(null)} />}
    </Screen>
  )
}
