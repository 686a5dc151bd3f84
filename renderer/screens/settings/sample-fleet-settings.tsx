import { Group, Stack } from '@mantine/core'
import { useState } from 'react'
import { Link as RouteLink } from 'wouter'
import { Answered, ProblemBox } from '../../components/answered.tsx'
import { Confirm } from '../../components/confirm.tsx'
import { CopyAsCommand } from '../../components/copy.tsx'
import { formatNumber } from '../../components/format.ts'
import { Progress } from '../../components/progress.tsx'
import { Section } from '../../components/screen.tsx'
import { StateMark, type State } from '../../components/state-mark.tsx'
import { paths } from '../../data/paths.ts'
import { useCommand } from '../../data/use-command.ts'
import { useJob } from '../../data/use-job.ts'
import { useQuery } from '../../data/use-query.ts'
import { showDone } from '../../shell/notices.tsx'
import { MayButton } from '../../shell/may-button.tsx'
import styles from './settings.module.css'

const agentStates: Record<'not-enrolled' | 'stopped' | 'starting' | 'running' | 'restarting', State> = {
  'not-enrolled': 'offline',
  stopped: 'offline',
  starting: 'working',
  running: 'ok',
  restarting: 'attention',
}
const fleetStates: Record<'none' | 'starting' | 'running' | 'stopping' | 'stopped' | 'failed', State> = {
  none: 'offline',
  starting: 'working',
  running: 'ok',
  stopping: 'working',
  stopped: 'offline',
  failed: 'failed',
}

/** The sample fleet: start, stop, remove, and what each of its agents does. */
export function SampleFleetSettings() {
  const answer = useQuery('sampleFleet.show', {}, { everyMs: 2000 })
  const start = useCommand('sampleFleet.start')
  const stop = useCommand('sampleFleet.stop')
  const remove = useCommand('sampleFleet.remove')
  const job = useJob(answer.data?.job ?? null)
  const [isAsking, setAsking] = useState(false)
  const quietly = (work: Promise<unknown>): void => void work.catch(() => undefined)
  return (
    <Answered answer={answer}>
      {(fleet) => (
        <Stack gap="lg">
          <Section
            title="Sample fleet"
            actions={
              <>
                <CopyAsCommand command="npm run -s muster -- sample status" isIcon />
                {['none', 'stopped', 'failed'].includes(fleet.state) && (
                  <MayButton method="sampleFleet.start" variant="filled" loading={start.isRunning} onClick={() => quietly(start.run({}))}>
                    Start the sample fleet
                  </MayButton>
                )}
                {['starting', 'running'].includes(fleet.state) && (
                  <MayButton method="sampleFleet.stop" loading={stop.isRunning} onClick={() => quietly(stop.run({}))}>
                    Stop it
                  </MayButton>
                )}
                {fleet.state !== 'none' && (
                  <MayButton method="sampleFleet.remove" onClick={() => setAsking(true)}>
                    Remove it
                  </MayButton>
                )}
              </>
            }
          >
            <p className="dim">
              Five agents on this machine, each a process of its own, with the sample models; real rows are sent to them with the true label
              as feedback, so that every page has something to show.
            </p>
            {fleet.problem !== null && <ProblemBox problem={fleet.problem} />}
            <Group gap="lg">
              <StateMark state={fleetStates[fleet.state]} word={fleet.state} />
              {fleet.load !== null && <span>{formatNumber(fleet.load.requestsPerSecond)} requests/s</span>}
            </Group>
            {fleet.state === 'starting' && job.data !== undefined && (
              <Stack gap={4} mt="sm">
                <Progress share={job.data.progress} label={job.data.title} />
                <span className="dim">{job.data.note}</span>
              </Stack>
            )}
          </Section>
          {fleet.agents.length > 0 && (
            <table className={styles.table}>
              <thead>
                <tr>
                  <th>Device</th>
                  <th>State</th>
                  <th>Local interface</th>
                  <th>Restarts</th>
                </tr>
              </thead>
              <tbody>
                {fleet.agents.map((agent) => (
                  <tr key={agent.device}>
                    <td>
                      <RouteLink href={paths.device(agent.device)}>{agent.device}</RouteLink>
                    </td>
                    <td>
                      <StateMark state={agentStates[agent.state]} word={agent.state} />
                      {agent.problem !== null && <div className="dim">{agent.problem}</div>}
                    </td>
                    <td className="mono">{agent.url ?? ''}</td>
                    <td>{agent.restarts}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
          <Confirm
            isOpen={isAsking}
            title="Remove the sample fleet"
            action="Remove the sample fleet"
            isBusy={remove.isRunning}
            onConfirm={() => {
              quietly(
                remove.run({}).then(({ devices }) => {
                  setAsking(false)
                  showDone(`The sample fleet is removed: ${devices.length} devices.`)
                }),
              )
            }}
            onClose={() => setAsking(false)}
          >
            {fleet.removal}
          </Confirm>
        </Stack>
      )}
    </Answered>
  )
}
