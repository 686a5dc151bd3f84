import { Link as RouteLink } from 'wouter'
import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import { formatCount, plural } from '../../../components/format.ts'
import { Section } from '../../../components/screen.tsx'
import { StateMark } from '../../../components/state-mark.tsx'
import { paths } from '../../../data/paths.ts'
import styles from '../models.module.css'
import { Sentence } from '../sentence.tsx'
import { runningDevices, runsSentence, runsState } from './runs-words.ts'
import numberStyles from './version.module.css'

type Detail = OutputOf<'models.show'>

/** Where a version runs: desired against reported. */
export function RunsSection({ detail }: { detail: Detail }) {
  const { runs, model, version } = detail
  const { desired, active } = runs
  return (
    <Section
      title="Where it runs"
      actions={
        active.count > 0 && (
          <>
            <RouteLink href={paths.monitoringModel(model, version)}>Monitoring</RouteLink>
            <RouteLink href={paths.devices(`model:${model}@${version}`)}>Show these devices</RouteLink>
          </>
        )
      }
    >
      <div className={styles.stack}>
        <Sentence state={runsState(runs)} word={runsSentence(runs)} />
        <div className={numberStyles.number}>
          <div>
            <strong>{formatCount(desired.count)}</strong>
            <span className="dim">ordered</span>
          </div>
          <div>
            <strong>{formatCount(active.count)}</strong>
            <span className="dim">reported</span>
          </div>
          {runs.deployments.length > 0 && (
            <div>
              <strong className={styles.line}>
                {runs.deployments.slice(0, 6).map((deployment) => (
                  <RouteLink key={deployment} href={paths.deployment(deployment)}>
                    {deployment}
                  </RouteLink>
                ))}
              </strong>
              <span className="dim">{runs.deployments.length > 6 ? plural(runs.deployments.length, 'deployment') : 'deployment'}</span>
            </div>
          )}
        </div>
      </div>
    </Section>
  )
}

/** Devices of a version, side by side: ordered, and reported. */
export function RunsLists({ detail }: { detail: Detail }) {
  const { runs } = detail
  const all = runningDevices(runs)
  const most = Math.max(runs.desired.count, runs.active.count)
  if (all.length === 0) return <p className="dim">No device is ordered to run it, and none reports it.</p>
  return (
    <table className={styles.table}>
      <caption>
        {most > all.length ? `The first ${all.length} of ${formatCount(most)} devices, by id.` : plural(all.length, 'device')}
      </caption>
      <thead>
        <tr>
          <th scope="col">Device</th>
          <th scope="col">Ordered</th>
          <th scope="col">Reported</th>
        </tr>
      </thead>
      <tbody>
        {all.map(({ device, isOrdered, isReported }) => (
          <tr key={device}>
            <th scope="row">
              <RouteLink href={paths.device(device)}>{device}</RouteLink>
            </th>
            <td>{isOrdered ? 'yes' : <StateMark state="attention" word="not ordered" />}</td>
            <td>{isReported ? <StateMark state="ok" word="runs it" /> : <StateMark state="working" word="not yet" />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
