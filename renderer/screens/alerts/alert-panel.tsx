import { Answered } from '../../components/answered.tsx'
import { SidePanel } from '../../components/side-panel.tsx'
import { paths } from '../../data/paths.ts'
import { useQuery } from '../../data/use-query.ts'
import type { Alert } from '../../../shared/domain/alert.ts'
import { AlertEvidence, AlertReadings } from './alert-evidence.tsx'
import { AlertHead } from './alert-head.tsx'
import { AlertRunbook } from './alert-runbook.tsx'
import { AlertEarlier, AlertEvents, AlertOthers } from './alert-story.tsx'

/** An alert in full, beside the list. */
export function AlertPanel({ alert, onClose, onSilence }: { alert: number; onClose(): void; onSilence(alert: Alert): void }) {
  const answer = useQuery('alerts.show', { alert }, { keepsPrevious: true })
  return (
    <SidePanel title={answer.data?.alert.ruleName ?? 'Alert'} fullPath={paths.alert(alert)} onClose={onClose}>
      <Answered answer={answer}>
        {(shown) => (
          <>
            <AlertHead alert={shown.alert} onSilence={onSilence} />
            <AlertEvidence shown={shown} />
            <AlertReadings shown={shown} height={120} />
            <AlertRunbook shown={shown} />
            <AlertEvents shown={shown} />
            <AlertOthers shown={shown} />
            <AlertEarlier shown={shown} />
          </>
        )}
      </Answered>
    </SidePanel>
  )
}
