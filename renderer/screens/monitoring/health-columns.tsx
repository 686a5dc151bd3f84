import { Link as RouteLink } from 'wouter'
import { Sparkline } from '../../components/charts/sparkline.tsx'
import { formatCount, formatMs, formatNumber, formatPercent } from '../../components/format.ts'
import type { Column } from '../../components/grid/column.ts'
import { StateMark } from '../../components/state-mark.tsx'
import { FigureText } from './figure-text.tsx'
import { driftMarks, figureSentence, rateMarks, shownQuality, type HealthRow } from './monitoring-words.ts'

/** A row with what only the page knows of it. */
export interface ShownRow extends HealthRow {
  key: string
  path: string
  /** Requests per second over the period; empty: not asked for. */
  course: readonly (number | null)[]
}

const errorText = ({ errorRate, errorRateLow, errorRateHigh, errors, requests }: HealthRow['traffic']): string =>
  errorRate === null
    ? ''
    : `${formatCount(errors)} of ${formatCount(requests)} requests${errorRateLow === null || errorRateHigh === null ? '' : `, 95 % ${formatPercent(errorRateLow, 2)} to ${formatPercent(errorRateHigh, 2)}`}`

const named: readonly Column<ShownRow>[] = [
  {
    id: 'deployment',
    title: 'Deployment',
    width: 140,
    isSortable: true,
    cell: ({ deployment, path }) => (
      <RouteLink href={path} tabIndex={-1} className="foreign">
        {deployment}
      </RouteLink>
    ),
    text: ({ deployment }) => deployment,
  },
  {
    id: 'version',
    title: 'Version',
    width: 116,
    isSortable: true,
    cell: ({ model, version, path }) => (
      <RouteLink href={path} tabIndex={-1} className="foreign" title={`${model} ${version}`}>
        {model} {version}
      </RouteLink>
    ),
    text: ({ model, version }) => `${model} ${version}`,
  },
]

const device: Column<ShownRow> = {
  id: 'device',
  title: 'Device',
  width: 120,
  isSortable: true,
  cell: ({ device: name, path }) => (
    <RouteLink href={path} tabIndex={-1} className="mono foreign">
      {name ?? ''}
    </RouteLink>
  ),
  text: ({ device: name }) => name ?? '',
}

const devices: Column<ShownRow> = {
  id: 'devices',
  title: 'Devices',
  width: 64,
  isNumeric: true,
  isSortable: true,
  cell: (row) => formatCount(row.devices),
  text: (row) => String(row.devices),
}

const course: Column<ShownRow> = {
  id: 'course',
  title: 'Over time',
  width: 112,
  cell: (row) => <Sparkline values={row.course} width={96} height={20} label={`Requests of ${row.deployment} ${row.version} over time`} />,
  text: () => '',
}

const rate: Column<ShownRow> = {
  id: 'rate',
  title: 'Requests/s',
  width: 84,
  isNumeric: true,
  isSortable: true,
  cell: ({ traffic: { requestsPerSecond } }) =>
    requestsPerSecond === null ? <span className="dim">no data</span> : formatNumber(requestsPerSecond),
  text: ({ traffic }) => String(traffic.requestsPerSecond ?? ''),
}

// What may need somebody stands in front.
const measures: readonly Column<ShownRow>[] = [
  {
    id: 'drift',
    title: 'Drift',
    width: 192,
    isSortable: true,
    cell: ({ drift }) => (
      <span title={drift.features.join(', ')}>
        <StateMark {...driftMarks[drift.state]} word={driftWord(drift)} />
      </span>
    ),
    text: ({ drift }) => driftWord(drift),
  },
  {
    id: 'data',
    title: 'Data quality',
    width: 150,
    isSortable: true,
    cell: ({ dataQuality }) => (
      <span title={dataQuality.findings.join('\n')}>
        <StateMark {...rateMarks[dataQuality.state]} word={dataWord(dataQuality)} />
      </span>
    ),
    text: ({ dataQuality }) => dataWord(dataQuality),
  },
  {
    id: 'quality',
    title: 'Quality, 95 %',
    width: 206,
    isSortable: true,
    cell: (row) => <FigureText figure={shownQuality(row)} measure={row.qualityMeasure} isShort />,
    text: (row) => figureSentence(shownQuality(row), row.qualityMeasure),
  },
  {
    id: 'p95',
    title: 'p95',
    width: 76,
    isNumeric: true,
    isSortable: true,
    cell: ({ traffic: { latencyMs } }) => (latencyMs === null ? <span className="dim">no data</span> : formatMs(latencyMs.p95)),
    text: ({ traffic: { latencyMs } }) => String(latencyMs?.p95 ?? ''),
  },
  {
    id: 'errors',
    title: 'Errors',
    width: 70,
    isNumeric: true,
    isSortable: true,
    cell: ({ traffic }) =>
      traffic.errorRate === null ? (
        <span className="dim">no data</span>
      ) : (
        <span title={errorText(traffic)}>{formatPercent(traffic.errorRate, 2)}</span>
      ),
    text: ({ traffic }) => errorText(traffic),
  },
]

/** Columns of the start page, one row per deployment and version, or per device too. */
export const versionColumns: readonly Column<ShownRow>[] = [...named, ...measures, rate, course, devices]
export const deviceColumns: readonly Column<ShownRow>[] = [device, ...named, ...measures, rate]

/** Drift of a row in few words: what drifts, the worst first. */
export function driftWord({ state, features }: HealthRow['drift']): string {
  const { word } = driftMarks[state]
  const [first, ...others] = features
  if (first === undefined || (state !== 'warn' && state !== 'alarm')) return word
  return `${word}: ${first}${others.length === 0 ? '' : ` and ${others.length} more`}`
}

/** Data quality of a row in few words. */
export function dataWord({ state, findings }: HealthRow['dataQuality']): string {
  if (state !== 'alarm') return rateMarks[state].word
  return findings.length === 1 ? findings[0]! : `${findings.length} findings`
}
