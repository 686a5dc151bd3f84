import { Button } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import { Link as RouteLink } from 'wouter'
import { Answered, EmptyState, ProblemBox } from '../../../components/answered.tsx'
import { versionName } from '../../../components/device-column.tsx'
import { Facts } from '../../../components/facts.tsx'
import { formatExact, formatPercent } from '../../../components/format.ts'
import { Section } from '../../../components/screen.tsx'
import { SidePanel } from '../../../components/side-panel.tsx'
import { StateMark } from '../../../components/state-mark.tsx'
import { Ago, Sentence } from '../../../components/time.tsx'
import { wireText } from '../../../components/wire-text.ts'
import { paths } from '../../../data/paths.ts'
import { useCommand } from '../../../data/use-command.ts'
import { useQuery } from '../../../data/use-query.ts'
import { showDone } from '../../../shell/notices.tsx'
import { isProblemCode } from '../../../../shared/domain/problem.ts'
import { problems } from '../../../../shared/domain/problems.ts'
import { rolloutDeviceMeanings } from '../../../../shared/domain/rollout/life.ts'
import type { RolloutDetail } from '../../../../shared/rpc/contract/rollouts.ts'
import { idQuery } from '../../devices/selection-query.ts'
import { EventList } from '../events/event-list.tsx'
import { useRolloutEvents } from '../events/use-rollout-events.ts'
import type { Act } from '../live/act-words.ts'
import { CellMark } from '../live/cell-mark.tsx'
import { waveTitle } from '../live/rollout-words.ts'
import type { RolloutDeviceRow } from './device-columns.tsx'
import { MayButton } from '../../../shell/may-button.tsx'
import styles from './devices.module.css'

/** A device of the rollout beside what is shown: where it is and why, what failed, what would change it, its part of the log. */
export function RolloutDevicePanel({
  shown,
  device,
  onAct,
  onClose,
}: {
  shown: RolloutDetail
  device: string
  onAct(act: Act): void
  onClose(): void
}) {
  const answer = useQuery('rollouts.devices', { rollout: shown.rollout, query: idQuery([device]), limit: 1 }, { keepsPrevious: true })
  return (
    <SidePanel title={device} fullPath={paths.device(device)} onClose={onClose}>
      <Answered answer={answer}>
        {({ devices: [row] }) =>
          row === undefined ? (
            <EmptyState title="The device is not in this rollout">
              Its query does not match the device, or the device has left the fleet.
            </EmptyState>
          ) : (
            <>
              <Standing shown={shown} row={row} onAct={onAct} />
              <Penalty shown={shown} device={device} />
              {row.problem !== null && <ProblemBox problem={withHint(row.problem)} />}
              <RowFacts shown={shown} row={row} />
              <Log rollout={shown.rollout} device={device} />
            </>
          )
        }
      </Answered>
    </SidePanel>
  )
}

function withHint(problem: { code: string; message: string }): { code: string; message: string; hint?: string } {
  return isProblemCode(problem.code) ? { ...problem, hint: problems[problem.code].hint } : problem
}

function Standing({ shown, row, onAct }: { shown: RolloutDetail; row: RolloutDeviceRow; onAct(act: Act): void }) {
  const { device, state, why } = row
  const { data } = useQuery('rollouts.explain', { device, deployment: shown.deployment })
  const explained = data?.explanations.find((one) => one.rollout === shown.rollout) ?? data?.explanations[0]
  const hasFailed = state === 'failed' || state === 'rejected' || state === 'timed-out' || state === 'fell-back'
  return (
    <div className={styles.panelHead}>
      <span title={rolloutDeviceMeanings[state]}>
        <CellMark state={state} />
      </span>
      <p>
        <Sentence text={why} />
      </p>
      {explained?.change != null && (
        <p className="dim">
          <Sentence text={explained.change} />
        </p>
      )}
      <div className={styles.acts}>
        {hasFailed && (shown.state === 'running' || shown.state === 'paused') && (
          <MayButton
            method="rollouts.retry"
            leftSection={<IconRefresh size={14} />}
            onClick={() => onAct({ verb: 'retry', query: idQuery([device]) })}
          >
            Try again
          </MayButton>
        )}
        <Button component={RouteLink} href={paths.device(device)}>
          Open device
        </Button>
        {explained?.order != null && (
          <Button component={RouteLink} href={paths.order(explained.order)}>
            Order {explained.order}
          </Button>
        )}
      </div>
    </div>
  )
}

/** A device that failed too often with the version waits; a person may lift it. */
function Penalty({ shown: { model, version }, device }: { shown: RolloutDetail; device: string }) {
  const found = useQuery('rollouts.penalties', { model }).data?.penalties.find((one) => one.device === device && one.version === version)
  const lift = useCommand('rollouts.liftPenalty')
  if (found === undefined) return null
  const run = async (): Promise<void> => {
    await lift.run({ device, model, version })
    showDone(`${device} may be offered ${model} ${version} again.`)
  }
  return (
    <div className={styles.penalty} role="group" aria-label="Penalty">
      <p>
        <StateMark state="attention" word="Waits after failing" />
      </p>
      <p>
        It failed {found.failures} times with {model} {version} and is not offered it again before {formatExact(found.until)}.
      </p>
      <MayButton method="rollouts.liftPenalty" loading={lift.isRunning} onClick={() => void run().catch(() => undefined)}>
        Lift the penalty
      </MayButton>
    </div>
  )
}

function RowFacts({ shown, row }: { shown: RolloutDetail; row: RolloutDeviceRow }) {
  const wave = shown.waveViews[row.wave]
  return (
    <Section title="Facts">
      <Facts
        rows={[
          ['Wave', wave === undefined ? String(row.wave + 1) : waveTitle(wave)],
          ['In this state', <Ago key="since" at={row.since} />],
          ['Connection', row.status],
          ['Runs now', versionName(row.active)],
          ['Had before', row.previous === null && row.attempts === 0 ? null : versionName(row.previous)],
          ['Offers', row.attempts === 0 ? 'none yet' : String(row.attempts)],
          ['Has of the bundle', row.share === null ? null : formatPercent(row.share, 0)],
          ['Fetches', row.bytes === 0 ? null : `${wireText(row.bytes)}, by forecast`],
        ]}
      />
    </Section>
  )
}

function Log({ rollout, device }: { rollout: number; device: string }) {
  const pages = useRolloutEvents({ rollout, device }, 30)
  return (
    <Section title="Log of the device">
      {pages.problem !== null && <ProblemBox problem={pages.problem} onRetry={pages.retry} isOverData={pages.events !== undefined} />}
      {pages.events?.length === 0 && <p className="dim">Nothing has happened to it in this rollout yet.</p>}
      {pages.events !== undefined && pages.events.length > 0 && <EventList label={`Log of ${device}`} events={pages.events} isOfDevice />}
      {pages.hasMore && (
        <Button loading={pages.isLoadingMore} onClick={pages.loadMore}>
          Load older entries
        </Button>
      )}
    </Section>
  )
}
