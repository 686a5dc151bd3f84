import { formatCount, formatPercent } from '../../components/format.ts'
import { StateMark } from '../../components/state-mark.tsx'
import { causeWords, countedName, pText, rateMarks, type Rate } from './monitoring-words.ts'
import styles from './version.module.css'

/** Rates of bad values against their reference: alarms first, each with its interval. */
export function RateTable({
  rates,
  isNameless = false,
}: {
  rates: readonly Rate[]
  /** True: all rows are of one feature, whose name stands above. */
  isNameless?: boolean
}) {
  const most = Math.max(0.01, ...rates.flatMap(({ low, high }) => [Math.abs(low ?? 0), Math.abs(high ?? 0)]))
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          {!isNameless && <th scope="col">Feature</th>}
          <th scope="col">{isNameless ? 'Values' : 'Cause'}</th>
          <th scope="col">State</th>
          <th scope="col" data-numeric>
            Now
          </th>
          <th scope="col" data-numeric>
            Reference
          </th>
          {!isNameless && (
            <>
              <th scope="col" data-numeric>
                Difference
              </th>
              <th scope="col">95 % interval of the difference</th>
              <th scope="col" data-numeric>
                Evidence
              </th>
            </>
          )}
        </tr>
      </thead>
      <tbody>
        {rates.map((rate) => (
          <Row key={`${rate.role} ${rate.name} ${rate.cause}`} rate={rate} isNameless={isNameless} most={most} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ rate, isNameless, most }: { rate: Rate; isNameless: boolean; most: number }) {
  const { cause, state, current, reference, difference, low, high, p, sentence } = rate
  return (
    <tr title={sentence}>
      {!isNameless && (
        <th scope="row" className="foreign">
          {countedName(rate)}
        </th>
      )}
      {isNameless ? <th scope="row">{causeWords[cause]}</th> : <td>{causeWords[cause]}</td>}
      <td>
        <StateMark {...rateMarks[state]} />
      </td>
      <td data-numeric>
        <Share {...current} />
      </td>
      <td data-numeric>
        <Share {...reference} />
      </td>
      {!isNameless && (
        <>
          <td data-numeric>{difference === null ? '–' : pointsText(difference)}</td>
          <td>
            <IntervalBar low={low} high={high} difference={difference} most={most} />
          </td>
          <td data-numeric>{state === 'insufficient data' ? '–' : pText(p)}</td>
        </>
      )}
    </tr>
  )
}

function Share({ successes, trials, share }: Rate['current']) {
  if (share === null) return <span className="dim">no data</span>
  return (
    <span title={`${formatCount(successes)} of ${formatCount(trials)}`}>
      {formatPercent(share, 2)} <span className="dim">of {formatCount(trials)}</span>
    </span>
  )
}

/** A difference of shares in percentage points, with its sign. */
export function pointsText(difference: number): string {
  const points = difference * 100
  return `${points > 0 ? '+' : ''}${points.toFixed(Math.abs(points) >= 10 ? 0 : 1)} pp`
}

const WIDTH = 120

/** The interval of a difference as a bar around zero: one that does not touch the line is not chance. */
function IntervalBar({
  low,
  high,
  difference,
  most,
}: {
  low: number | null
  high: number | null
  difference: number | null
  most: number
}) {
  if (low === null || high === null) return <span className="dim">unknown</span>
  const place = (value: number): number => WIDTH / 2 + (value / most) * (WIDTH / 2 - 4)
  const label = `${pointsText(low)} to ${pointsText(high)}`
  return (
    <svg className={styles.interval} width={WIDTH} height="14" role="img" aria-label={label}>
      <title>{label}</title>
      <line className={styles.intervalZero} x1={WIDTH / 2} x2={WIDTH / 2} y1="0" y2="14" />
      <line x1={place(low)} x2={Math.max(place(high), place(low) + 1)} y1="7" y2="7" strokeWidth="2" />
      {difference !== null && <circle cx={place(difference)} cy="7" r="2.5" />}
    </svg>
  )
}
