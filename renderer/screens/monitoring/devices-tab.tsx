import { useMemo } from 'react'
import { Link as RouteLink } from 'wouter'
import { EmptyState, ProblemBox } from '../../components/answered.tsx'
import { PositionStrip } from '../../components/charts/position-strip.tsx'
import { ExportButton } from '../../components/export-button.tsx'
import { formatCount, formatMs, formatNumber, formatPercent, plural } from '../../components/format.ts'
import { StateMark } from '../../components/state-mark.tsx'
import { paths } from '../../data/paths.ts'
import { useQuery } from '../../data/use-query.ts'
import { deviceBand, isFarAbove, rankedDevices, type Band } from './device-bands.ts'
import { FigureText } from './figure-text.tsx'
import { dataWord, driftWord } from './health-columns.tsx'
import { healthCsv } from './monitoring-csv.ts'
import { devicesOf, periods } from './monitoring-view.ts'
import { driftMarks, rateMarks, shownQuality, type HealthRow } from './monitoring-words.ts'
import { RowsWaiting } from './waiting.tsx'
import { EVERY_MS, type TabProps } from './tab-props.ts'
import styles from './version.module.css'

const MOST_DEVICES = 1000
/** Beyond this the list is cut: those that differ most stand in front. */
const MOST_SHOWN = 200

/** Every device of the version, those that differ most first; latency and errors as places within the band of all. */
export function DevicesTab({ of, view, span, row }: TabProps & { row: HealthRow | undefined }) {
  const answer = useQuery(
    'monitoring.health',
    { ...of, ...devicesOf(view), ...span, by: 'device', limit: MOST_DEVICES },
    { keepsPrevious: true, everyMs: EVERY_MS },
  )
  const rows = answer.data?.rows
  const bands = useMemo(
    () => ({
      p95: deviceBand(rows ?? [], ({ traffic }) => traffic.latencyMs?.p95 ?? null, row?.traffic.latencyMs?.p95 ?? null),
      errors: deviceBand(rows ?? [], ({ traffic }) => traffic.errorRate, row?.traffic.errorRate ?? null),
    }),
    [rows, row],
  )
  const ranked = useMemo(() => rankedDevices(rows ?? [], bands), [rows, bands])
  return (
    <div className={styles.body}>
      {answer.error !== null && <ProblemBox problem={answer.error} onRetry={() => void answer.refetch()} isOverData={rows !== undefined} />}
      {rows === undefined && answer.error === null && <RowsWaiting count={10} />}
      {rows !== undefined && rows.length === 0 && (
        <EmptyState title={`No device answered in the last ${periods[view.period].title}`}>
          Choose a longer period, or other devices.
        </EmptyState>
      )}
      {ranked.length > 0 && (
        <>
          <div className={styles.controls}>
            <span className="dim">
              {ranked.length > MOST_SHOWN ? `The ${MOST_SHOWN} that differ most of ${plural(answer.data?.total ?? 0, 'device')}. ` : ''}
              Grey band: the middle 80 % of the devices; tick: all together; dot: this one.
            </span>
            <span className={styles.controlEnd}>
              <ExportButton
                isIcon
                label="Export the devices as CSV"
                fileName={`devices-${of.model}-${of.version}.csv`}
                make={() => Promise.resolve({ text: healthCsv(ranked), done: `${plural(ranked.length, 'device')} exported.` })}
              />
            </span>
          </div>
          <div className={styles.scroll} tabIndex={0} role="region" aria-label="Devices by difference">
            <Table rows={ranked.slice(0, MOST_SHOWN)} bands={bands} of={of} period={view.period} />
          </div>
        </>
      )}
    </div>
  )
}

function Table({
  rows,
  bands,
  of,
  period,
}: {
  rows: readonly HealthRow[]
  bands: { p95: Band; errors: Band }
  of: TabProps['of']
  period: string
}) {
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">Device</th>
          <th scope="col">Drift</th>
          <th scope="col">Data quality</th>
          <th scope="col" colSpan={2}>
            p95 against all
          </th>
          <th scope="col" colSpan={2}>
            Errors against all
          </th>
          <th scope="col" data-numeric>
            Requests
          </th>
          <th scope="col">Quality, 95 %</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.device}>
            <th scope="row">
              <RouteLink href={paths.monitoringVersion(of, { device: row.device ?? '', period, tab: 'drift' })} className="mono foreign">
                {row.device}
              </RouteLink>
            </th>
            <td title={row.drift.features.join(', ')}>
              <StateMark {...driftMarks[row.drift.state]} word={driftWord(row.drift)} />
            </td>
            <td title={row.dataQuality.findings.join('\n')}>
              <StateMark {...rateMarks[row.dataQuality.state]} word={dataWord(row.dataQuality)} />
            </td>
            <Placed value={row.traffic.latencyMs?.p95 ?? null} band={bands.p95} format={formatMs} name="p95" />
            <Placed value={row.traffic.errorRate} band={bands.errors} format={(value) => formatPercent(value, 2)} name="Error rate" />
            <td
              data-numeric
              title={row.traffic.requestsPerSecond === null ? undefined : `${formatNumber(row.traffic.requestsPerSecond)}/s`}
            >
              {formatCount(row.traffic.requests)}
            </td>
            <td>
              <FigureText figure={shownQuality(row)} measure={row.qualityMeasure} isShort />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Placed({ value, band, format, name }: { value: number | null; band: Band; format(value: number): string; name: string }) {
  const text = value === null ? 'no data' : format(value)
  const isOutside = isFarAbove(value, band)
  const label =
    band.low === null || band.high === null
      ? `${name} ${text}`
      : `${name} ${text}; the middle 80 % of devices ${format(band.low)} to ${format(band.high)}`
  return (
    <>
      <td data-numeric>{text}</td>
      <td>
        <PositionStrip value={value} {...band} width={96} label={label} isOutside={isOutside} />
      </td>
    </>
  )
}
