import { Link as RouteLink } from 'wouter'
import { Answered } from '../../components/answered.tsx'
import { PositionStrip } from '../../components/charts/position-strip.tsx'
import { CopyAsCommand } from '../../components/copy.tsx'
import { formatMs, formatNumber, formatPercent, plural } from '../../components/format.ts'
import { Section } from '../../components/screen.tsx'
import { StateMark, type State } from '../../components/state-mark.tsx'
import { useNow } from '../../components/time.tsx'
import { paths } from '../../data/paths.ts'
import { useQuery } from '../../data/use-query.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { periods as devicePeriods, spanOf, type Period as DevicePeriod } from '../devices/chart-data.ts'
import { peersLine } from './monitor-lines.ts'
import { periodNames } from './monitoring-view.ts'
import { driftMarks, countedName } from './monitoring-words.ts'
import { EVERY_MS } from './tab-props.ts'
import styles from './version.module.css'

type OfDeployment = OutputOf<'monitoring.peers'>['deployments'][number]
type PeerFigure = OfDeployment['figures'][number]

const measures: Record<PeerFigure['measure'], { name: string; format(value: number): string }> = {
  'latency-p50': { name: 'Latency p50', format: formatMs },
  'latency-p95': { name: 'Latency p95', format: formatMs },
  'error-rate': { name: 'Errors', format: (value) => formatPercent(value, 2) },
  throughput: { name: 'Requests/s', format: formatNumber },
  accuracy: { name: 'Accuracy', format: formatPercent },
  confidence: { name: 'Confidence', format: formatPercent },
}

const marks: Record<PeerFigure['state'], { state: State; word: string }> = {
  'insufficient data': { state: 'offline', word: 'insufficient data' },
  'as its peers': { state: 'ok', word: 'as its peers' },
  differs: { state: 'attention', word: 'differs' },
}

/** A device beside those that run the same versions in the same time: each figure as a place within the band of the peers. */
export function PeersSection({ device, period }: { device: string; period: DevicePeriod }) {
  const { from, through } = spanOf(period, useNow())
  const answer = useQuery('monitoring.peers', { device, from, through }, { keepsPrevious: true, everyMs: EVERY_MS })
  return (
    <Section
      title={`Against its peers, last ${devicePeriods[period].title}`}
      actions={<CopyAsCommand command={peersLine(device, period)} isIcon />}
    >
      <Answered answer={answer}>
        {({ deployments }) =>
          deployments.length === 0 ? (
            <p className="dim">No model of this device was asked in this time.</p>
          ) : (
            <div className={styles.peers}>
              {deployments.map((one) => (
                <Peers key={`${one.deployment} ${one.digest}`} one={one} device={device} period={period} />
              ))}
            </div>
          )
        }
      </Answered>
    </Section>
  )
}

function Peers({ one, device, period }: { one: OfDeployment; device: string; period: DevicePeriod }) {
  const known = periodNames.find((name) => name === period)
  const view = { tab: 'drift', device, reference: 'peers', ...(known === undefined ? {} : { period: known }) }
  const drifting = one.drift.features.filter(({ state }) => state === 'warn' || state === 'alarm')
  return (
    <div className={styles.peer}>
      <div className={styles.peerHead}>
        <h3 className="foreign">{one.deployment}</h3>
        <RouteLink href={paths.monitoringVersion(one, { device })} className="foreign">
          {one.model} {one.version}
        </RouteLink>
        <span className="dim">{one.peers === 0 ? 'no other device runs it' : plural(one.peers, 'peer')}</span>
        <span className={styles.peerDrift}>
          <RouteLink href={paths.monitoringVersion(one, view)}>Inputs</RouteLink>
          <StateMark {...driftMarks[one.drift.state]} word={driftText(one, drifting.map(countedName))} />
        </span>
      </div>
      {one.peers > 0 && (
        <div className={styles.scroll} tabIndex={0} role="region" aria-label={`Figures of ${one.deployment} against peers`}>
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">Figure</th>
                <th scope="col" data-numeric>
                  This device
                </th>
                <th scope="col" title="Grey band: the middle 80 % of the peers; tick: all peers together; dot: this device">
                  In the peers’ 10–90 % band
                </th>
                <th scope="col" data-numeric>
                  Peers
                </th>
                <th scope="col" data-numeric>
                  Rank
                </th>
                <th scope="col">Verdict</th>
              </tr>
            </thead>
            <tbody>
              {one.figures.map((figure) => (
                <Row key={figure.measure} figure={figure} peers={one.peers} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  )
}

function Row({ figure, peers }: { figure: PeerFigure; peers: number }) {
  const { measure, device, low, high, rank, state, sentence } = figure
  const { name, format } = measures[measure]
  const text = (value: number | null): string => (value === null ? '–' : format(value))
  return (
    <tr title={sentence}>
      <th scope="row">{name}</th>
      <td data-numeric>{device === null ? <span className="dim">no data</span> : format(device)}</td>
      <td>
        <PositionStrip
          value={device}
          low={low}
          high={high}
          middle={figure.peers}
          width={150}
          label={sentence}
          isOutside={state === 'differs'}
        />
      </td>
      <td data-numeric>{text(figure.peers)}</td>
      <td data-numeric>{rank === null ? '–' : `${rank} of ${peers + 1}`}</td>
      <td>
        <StateMark {...marks[state]} />
      </td>
    </tr>
  )
}

function driftText({ drift }: OfDeployment, names: readonly string[]): string {
  if (names.length === 0) return drift.state === 'ok' ? 'as its peers' : driftMarks[drift.state].word
  return `differ: ${names[0]!}${names.length === 1 ? '' : ` and ${names.length - 1} more`}`
}
