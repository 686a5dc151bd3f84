import { Table } from '@mantine/core'
import type { ForwardShown } from '../../../../shared/rpc/contract/forward.ts'
import { formatCount, plural } from '../../../components/format.ts'
import { Progress } from '../../../components/progress.tsx'
import { StateMark } from '../../../components/state-mark.tsx'
import { Ago } from '../../../components/time.tsx'
import { useLink } from '../../../data/link-context.ts'
import { useCommand } from '../../../data/use-command.ts'
import { MayButton } from '../../../shell/may-button.tsx'
import { showDone, showProblem } from '../../../shell/notices.tsx'
import { problemFrom, reportOf } from '../../../../shared/domain/problem.ts'
import { forwardWords } from './forward-draft.ts'
import styles from '../settings.module.css'

/** Every way out with its state. */
export function ForwardTable({
  forwards,
  onEdit,
  onEvents,
}: {
  forwards: readonly ForwardShown[]
  onEdit(forward: ForwardShown): void
  onEvents(forward: ForwardShown): void
}) {
  return (
    <Table className={`${styles.table} ${styles.tall}`} aria-label="Where data goes out to">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Name</Table.Th>
          <Table.Th>Goes to</Table.Th>
          <Table.Th>State</Table.Th>
          <Table.Th data-actions aria-label="Actions" />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {forwards.map((forward) => (
          <Table.Tr key={forward.forward}>
            <Table.Td>
              <span className="foreign">{forward.name}</span>
              <div className="dim">
                {forwardWords[forward.settings.kind].title}
                {forward.settings.kind === 'webhook' ? `: ${forward.settings.events.join(', ')}` : ''}
              </div>
            </Table.Td>
            <Table.Td className="foreign">{forward.target}</Table.Td>
            <Table.Td>
              <ForwardState forward={forward} />
            </Table.Td>
            <Table.Td>
              <ForwardActs forward={forward} onEdit={onEdit} onEvents={onEvents} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

function ForwardState({ forward }: { forward: ForwardShown }) {
  const { state, problem, lastAt, waiting, waitingSince, failed, backfill, settings, tables } = forward
  const refused = tables.reduce((sum, table) => sum + table.refused, 0)
  const missed = tables.reduce((sum, table) => sum + table.missed, 0)
  const what = settings.kind === 'webhook' ? 'event' : 'record'
  return (
    <>
      {problem !== null ? (
        <>
          <StateMark state="failed" word={state === 'paused' ? 'stopped' : 'failing'} />
          <div className="dim foreign">{problem.message}</div>
          <div className="dim">
            last tried <Ago at={problem.at} />
          </div>
        </>
      ) : state === 'paused' ? (
        <StateMark state="offline" word="paused" />
      ) : (
        <StateMark state={waiting > 0 ? 'working' : 'ok'} word={waiting > 0 ? 'sending' : 'up to date'} />
      )}
      {waiting > 0 && (
        <div className="dim">
          {plural(waiting, what)} waiting
          {waitingSince !== null && (
            <>
              , the oldest came <Ago at={waitingSince} />
            </>
          )}
        </div>
      )}
      {failed > 0 && <div className="dim">{plural(failed, 'event')} given up</div>}
      {refused > 0 && <div className="dim">{plural(refused, 'record')} that PostgreSQL cannot hold, named in quarantine</div>}
      {missed > 0 && <div className="dim">at most {plural(missed, 'record')} removed by retention before the copy had them</div>}
      {backfill !== null && backfill.done < backfill.total && (
        <>
          <Progress share={backfill.done / backfill.total} label="Of what was stored when the copy began" />
          <div className="dim">
            {formatCount(backfill.done)} of {formatCount(backfill.total)} that were stored before
          </div>
        </>
      )}
      {lastAt !== null && (
        <div className="dim">
          last sent <Ago at={lastAt} />
        </div>
      )}
    </>
  )
}

function ForwardActs({
  forward,
  onEdit,
  onEvents,
}: {
  forward: ForwardShown
  onEdit(forward: ForwardShown): void
  onEvents(forward: ForwardShown): void
}) {
  const pause = useCommand('forward.pause')
  const resume = useCommand('forward.resume')
  const copyAgain = useCommand('forward.copyAgain')
  const link = useLink()
  const of = { forward: forward.forward }
  const tryIt = async (): Promise<void> => {
    try {
      const { problem } = await link.call('forward.test', of)
      if (problem === null) showDone(`${forward.name} works.`)
      else showProblem(problemFrom({ code: problem.code, message: problem.message }))
    } catch (error) {
      showProblem(problemFrom(reportOf(error)))
    }
  }
  return (
    <div className={styles.acts}>
      {forward.settings.kind === 'webhook' && (
        <MayButton method="forward.events" size="compact-sm" onClick={() => onEvents(forward)}>
          Events
        </MayButton>
      )}
      {forward.settings.kind === 'postgres' && (
        <MayButton
          method="forward.copyAgain"
          size="compact-sm"
          loading={copyAgain.isRunning}
          onClick={() => void copyAgain.run(of).catch(() => undefined)}
        >
          Copy again
        </MayButton>
      )}
      <MayButton method="forward.test" size="compact-sm" onClick={() => void tryIt()}>
        Try it
      </MayButton>
      {forward.state === 'running' ? (
        <MayButton
          method="forward.pause"
          size="compact-sm"
          loading={pause.isRunning}
          onClick={() => void pause.run(of).catch(() => undefined)}
        >
          Pause
        </MayButton>
      ) : (
        <MayButton
          method="forward.resume"
          size="compact-sm"
          loading={resume.isRunning}
          onClick={() => void resume.run(of).catch(() => undefined)}
        >
          Resume
        </MayButton>
      )}
      <MayButton method="forward.set" size="compact-sm" onClick={() => onEdit(forward)}>
        Change
      </MayButton>
    </div>
  )
}
