import { EvidenceMark } from '../../components/evidence-mark.tsx'
import { formatCount, formatMs, formatNumber, formatPercent } from '../../components/format.ts'
import { StateMark } from '../../components/state-mark.tsx'
import type { Tab } from './monitoring-view.ts'
import { driftMarks, intervalText, qualityText, rateMarks, shownQuality, type HealthRow } from './monitoring-words.ts'
import styles from './version.module.css'

const titles: Record<Tab, string> = {
  health: 'Health',
  drift: 'Drift',
  data: 'Data quality',
  quality: 'Quality',
  devices: 'Devices',
}

/** A tab with the figure that says whether it is worth opening. */
export function TabTitle({ tab, row, isThere }: { tab: Tab; row: HealthRow | undefined; isThere: boolean }) {
  return (
    <span className={styles.tabTitle}>
      <span className={styles.tabName}>{titles[tab]}</span>
      <span className={styles.tabFigure}>
        {row === undefined ? <span className="dim">{isThere ? 'no data' : '\u00A0'}</span> : <Figure tab={tab} row={row} />}
      </span>
    </span>
  )
}

function Figure({ tab, row }: { tab: Tab; row: HealthRow }) {
  const { traffic, drift, dataQuality } = row
  if (tab === 'health') {
    const rate = traffic.requestsPerSecond === null ? null : `${formatNumber(traffic.requestsPerSecond)}/s`
    const parts = [
      rate,
      traffic.latencyMs && `p95 ${formatMs(traffic.latencyMs.p95)}`,
      traffic.errorRate === null ? null : `${formatPercent(traffic.errorRate, 2)} errors`,
    ]
    const text = parts.filter((part) => part !== null).join(', ')
    return text === '' ? <span className="dim">no requests</span> : <>{text}</>
  }
  if (tab === 'drift') return <StateMark {...driftMarks[drift.state]} word={driftFigure(row)} />
  if (tab === 'data') return <StateMark {...rateMarks[dataQuality.state]} word={dataFigure(row)} />
  if (tab === 'devices') return <>{formatCount(row.devices)} counted</>
  const figure = shownQuality(row)
  if (figure.value === null) return <EvidenceMark state={figure.state} />
  return (
    <>
      <EvidenceMark state={figure.state} word={`${qualityText(figure.value, row.qualityMeasure)} ${figure.state}`} />
      <span className="dim">{intervalText(figure, row.qualityMeasure)}</span>
    </>
  )
}

function driftFigure({ drift }: HealthRow): string {
  const isFound = drift.state === 'warn' || drift.state === 'alarm'
  return isFound ? `${drift.features.length} ${drift.state === 'alarm' ? 'drift or warn' : 'warn'}` : driftMarks[drift.state].word
}

function dataFigure({ dataQuality: { state, findings } }: HealthRow): string {
  return state === 'alarm' ? `${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}` : rateMarks[state].word
}
