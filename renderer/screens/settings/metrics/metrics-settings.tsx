import { Group, Stack } from '@mantine/core'
import { useState } from 'react'
import { Link as RouteLink } from 'wouter'
import type { OtlpShown } from '../../../../shared/rpc/contract/metrics.ts'
import { Answered } from '../../../components/answered.tsx'
import { Confirm } from '../../../components/confirm.tsx'
import { CodeLine, CopyAsCommand } from '../../../components/copy.tsx'
import { Facts } from '../../../components/facts.tsx'
import { formatCount } from '../../../components/format.ts'
import { Section } from '../../../components/screen.tsx'
import { StateMark } from '../../../components/state-mark.tsx'
import { Ago, Ahead } from '../../../components/time.tsx'
import { paths } from '../../../data/paths.ts'
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
    <Stack gap="lg">
      <ScrapeSettings />
      <OtlpSettings />
    </Stack>
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
              {formatCount(families.length)} metrics can be scraped on this machine. Prometheus shows a{' '}
              <RouteLink href={paths.settingsTab('tokens')}>token</RouteLink> that is only for the method{' '}
              <span className="mono">metrics.show</span>; the{' '}
              <RouteLink href={paths.help('integration', 'prometheus-and-grafana')}>integration guide</RouteLink> has its configuration, a
              dashboard for Grafana and alert rules.
            </p>
            {url === null ? (
              <p className="dim">This console has no address that could be scraped.</p>
            ) : (
              <CodeLine text={url} label="Copy the address" />
            )}
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
            {shown === null ? (
              <p className="dim">
                Nothing is exported. Metrics and log entries can be sent to a receiver of yours that takes OTLP over HTTP, in JSON.
              </p>
            ) : (
              <ShownExport shown={shown} state={state} />
            )}
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
        <>
          <StateMark state="failed" word="The receiver does not take it" />
          <div className="dim foreign">{state.problem.message}</div>
        </>
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
          ['Next', state.nextAt === null ? null : <Ahead key="next" at={state.nextAt} />],
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
