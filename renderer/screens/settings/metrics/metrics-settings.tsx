import { Group } from '@mantine/core'
import { useState } from 'react'
import type { OtlpShown } from '../../../../shared/rpc/contract/metrics.ts'
import { Answered } from '../../../components/answered.tsx'
import { Confirm } from '../../../components/confirm.tsx'
import { CodeLine, CopyAsCommand } from '../../../components/copy.tsx'
import { Facts } from '../../../components/facts.tsx'
import { formatCount } from '../../../components/format.ts'
import { Section } from '../../../components/screen.tsx'
import { StateMark } from '../../../components/state-mark.tsx'
import { Ago } from '../../../components/time.tsx'
import { useCommand } from '../../../data/use-command.ts'
import { useQuery } from '../../../data/use-query.ts'
import { MayButton } from '../../../shell/may-button.tsx'
import { showDone } from '../../../shell/notices.tsx'
import { OtlpEditor } from './otlp-editor.tsx'

/** How often a page asks how the export goes. */
const EVERY_MS = 10_000

/** How metrics and logs of the console get out: scraped by Prometheus, exported by OpenTelemetry. */
export function MetricsSettings() {
  return (
    <>
      <ScrapeSettings />
      <OtlpSettings />
    </>
  )
}

function ScrapeSettings() {
  const answer = useQuery('metrics.show', {})
  return (
    <Section title="Prometheus" actions={<CopyAsCommand command="npm run -s muster -- metrics show" isIcon />}>
      <Answered answer={answer}>
        {({ url, families }) => (
          <>
            <p>
              {formatCount(families.length)} metrics can be scraped on this machine, with a token that is for the method metrics.show. A
              dashboard for Grafana and alert rules are in build/grafana and build/prometheus.
            </p>
            {url !== null && <CodeLine text={url} label="Copy the address" />}
          </>
        )}
      </Answered>
    </Section>
  )
}

function OtlpSettings() {
  const answer = useQuery('metrics.otlp', {}, { everyMs: EVERY_MS })
  const [isEditing, setEditing] = useState(false)
  return (
    <Section title="OpenTelemetry" actions={<CopyAsCommand command="npm run -s muster -- metrics otlp" isIcon />}>
      <Answered answer={answer}>
        {({ export: shown, state }) => (
          <>
            {shown === null ? <p>Nothing is exported.</p> : <ShownExport shown={shown} state={state} />}
            <Group mt="sm">
              <MayButton method="metrics.setOtlp" onClick={() => setEditing(true)}>
                {shown === null ? 'Set up an export' : 'Change'}
              </MayButton>
              {shown !== null && <EndExport url={shown.url} />}
            </Group>
            {isEditing && <OtlpEditor shown={shown} onClose={() => setEditing(false)} />}
          </>
        )}
      </Answered>
    </Section>
  )
}

function ShownExport({ shown, state }: { shown: NonNullable<OtlpShown['export']>; state: OtlpShown['state'] }) {
  const both = ({ metrics, logs }: { metrics: number; logs: number }): string =>
    `${formatCount(metrics)} data points, ${formatCount(logs)} log entries`
  return (
    <>
      {state.problem === null ? (
        <StateMark
          state={state.sentAt === null ? 'working' : 'ok'}
          word={state.sentAt === null ? 'Not sent yet' : 'The receiver takes it'}
        />
      ) : (
        <StateMark state="attention" word={state.problem.message} />
      )}
      <Facts
        rows={[
          ['Address', <span className="mono">{shown.url}</span>],
          ['Secret', shown.isShut ? 'sealed by a desktop whose key is not here; give it again' : shown.hasSecret ? 'set' : 'none'],
          ['Metrics', shown.metrics ? `every ${shown.everySeconds} s` : 'none'],
          ['Logs', shown.logs === 'off' ? 'none' : `from ${shown.logs} on`],
          ['Last taken', <Ago at={state.sentAt} />],
          ['Failing since', state.problem === null ? null : <Ago at={state.problem.at} />],
          ['Sent', both(state.sent)],
          ['Given up', both(state.dropped)],
          ['Waiting', state.waitingLogs === 0 ? null : `${formatCount(state.waitingLogs)} log entries`],
        ]}
      />
    </>
  )
}

function EndExport({ url }: { url: string }) {
  const [isAsking, setAsking] = useState(false)
  const set = useCommand('metrics.setOtlp')
  const end = async (): Promise<void> => {
    await set.run({ export: null })
    setAsking(false)
    showDone('Nothing is exported.')
  }
  return (
    <>
      <MayButton method="metrics.setOtlp" onClick={() => setAsking(true)}>
        Switch off
      </MayButton>
      <Confirm
        isOpen={isAsking}
        title="Switch the export off"
        action="Switch off"
        isBusy={set.isRunning}
        onConfirm={() => void end().catch(() => undefined)}
        onClose={() => setAsking(false)}
      >
        <span className="foreign">{url}</span> gets no metrics and no log entries any more. What waits, and the secret, are forgotten.
      </Confirm>
    </>
  )
}
