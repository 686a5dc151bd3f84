import { Button } from '@mantine/core'
import { Link as RouteLink } from 'wouter'
import { Facts } from '../../components/facts.tsx'
import { formatCount, formatMs, formatNumber, formatPercent, plural } from '../../components/format.ts'
import { SidePanel } from '../../components/side-panel.tsx'
import { StateMark } from '../../components/state-mark.tsx'
import { paths } from '../../data/paths.ts'
import { FigureText } from './figure-text.tsx'
import type { ShownRow } from './health-columns.tsx'
import { driftMarks, rateMarks } from './monitoring-words.ts'
import styles from './monitoring.module.css'

/** A row of the start page in words, beside the list. */
export function HealthPanel({ row, onClose }: { row: ShownRow; onClose(): void }) {
  const { deployment, model, version, device, traffic, drift, dataQuality, path } = row
  const at = path.includes('?') ? `${path}&` : `${path}?`
  return (
    <SidePanel title={`${model} ${version}${device === null ? '' : ` on ${device}`}`} fullPath={path} onClose={onClose}>
      <Facts
        rows={[
          [
            'Deployment',
            <RouteLink key="deployment" href={paths.deploymentPage(deployment)}>
              {deployment}
            </RouteLink>,
          ],
          ['Version', <RouteLink key="version" href={paths.version(model, version)}>{`${model} ${version}`}</RouteLink>],
          device === null
            ? ['Devices', plural(row.devices, 'device')]
            : [
                'Device',
                <RouteLink key="device" href={paths.device(device)}>
                  {device}
                </RouteLink>,
              ],
          [
            'Requests',
            `${formatCount(traffic.requests)}${traffic.requestsPerSecond === null ? '' : `, ${formatNumber(traffic.requestsPerSecond)}/s`}`,
          ],
          ['Errors', errorsText(traffic)],
          ['Latency', traffic.latencyMs === null ? 'no data' : latencyText(traffic.latencyMs)],
          ['NaN or infinity', plural(traffic.notFinite, 'answer')],
          ['Measured', <FigureText key="measured" figure={row.quality} measure={row.qualityMeasure} />],
          ['Labelled', plural(row.labelled, 'row')],
          ['Estimated', <FigureText key="estimated" figure={row.estimate} measure="accuracy" />],
        ]}
      />
      {row.estimate.state === 'estimated' && (
        <p className={styles.note}>The estimate rests on confidence alone: it cannot see that the truth itself has changed.</p>
      )}
      <section className={styles.findings}>
        <h3>Drift</h3>
        <StateMark {...driftMarks[drift.state]} />
        {drift.features.length > 0 && (
          <ul>
            {drift.features.map((feature) => (
              <li key={feature}>
                <span className="foreign">{feature}</span>
              </li>
            ))}
          </ul>
        )}
      </section>
      <section className={styles.findings}>
        <h3>Data quality</h3>
        <StateMark {...rateMarks[dataQuality.state]} />
        {dataQuality.findings.length > 0 && (
          <ul>
            {dataQuality.findings.map((finding) => (
              <li key={finding}>{finding}</li>
            ))}
          </ul>
        )}
      </section>
      <div className={styles.panelActions}>
        <Button component={RouteLink} href={path}>
          Health over time
        </Button>
        <Button component={RouteLink} href={`${at}tab=drift`}>
          Drift
        </Button>
        <Button component={RouteLink} href={`${at}tab=quality`}>
          Quality
        </Button>
      </div>
    </SidePanel>
  )
}

/** Latency as three quantiles. */
export function latencyText({ p50, p95, p99 }: { p50: number; p95: number; p99: number }): string {
  return `p50 ${formatMs(p50)}, p95 ${formatMs(p95)}, p99 ${formatMs(p99)}`
}

function errorsText({ errors, errorRate, errorRateLow, errorRateHigh }: ShownRow['traffic']): string {
  if (errorRate === null) return 'no data'
  const interval =
    errorRateLow === null || errorRateHigh === null
      ? ''
      : ` (95 % ${(errorRateLow * 100).toFixed(2)}–${(errorRateHigh * 100).toFixed(2)} %)`
  return `${formatCount(errors)}, ${formatPercent(errorRate, 2)}${interval}`
}
