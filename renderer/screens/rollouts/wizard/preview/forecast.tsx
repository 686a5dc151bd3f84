import { formatBytes, formatCount, formatDuration } from '../../../../components/format.ts'
import { StateMark } from '../../../../components/state-mark.tsx'
import { moneyText } from '../../../../../shared/domain/money.ts'
import type { PlanPreview } from '../sections/section-props.ts'
import { forecastSentence } from './preview-words.ts'
import table from '../../../../components/plain-table.module.css'
import styles from './preview.module.css'

/** What it sends, takes and costs, per kind of link. */
export function Forecast({ forecast }: { forecast: PlanPreview['forecast'] }) {
  const { byLink, budget, currency } = forecast
  return (
    <section className={styles.forecast} aria-label="Forecast">
      <h2>Forecast</h2>
      <p className={styles.lead}>{forecastSentence(forecast)}</p>
      {!budget.isWithin && (
        <StateMark state="failed" word={`More than the budget of ${budgetWords(budget, currency)}: offers end before it is passed`} />
      )}
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">Link</th>
            <th scope="col" data-numeric>
              Devices
            </th>
            <th scope="col" data-numeric>
              On the wire
            </th>
            <th scope="col" data-numeric>
              Cost
            </th>
            <th scope="col" data-numeric>
              Per device
            </th>
          </tr>
        </thead>
        <tbody>
          {byLink.map(({ link, devices, bytes, money, secondsPerDevice, isQuietNow }) => (
            <tr key={link}>
              <td>
                {link}
                {isQuietNow && <span className="dim">, quiet now</span>}
              </td>
              <td data-numeric>{formatCount(devices)}</td>
              <td data-numeric>{formatBytes(bytes)}</td>
              <td data-numeric>{moneyText(money, currency)}</td>
              <td data-numeric>{perDevice(secondsPerDevice)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function perDevice(seconds: number | null): string {
  if (seconds === null) return 'not known'
  return seconds < 1 ? 'under 1 s' : formatDuration(seconds * 1000)
}

function budgetWords({ bytes, money }: PlanPreview['forecast']['budget'], currency: string): string {
  return [...(bytes === null ? [] : [formatBytes(bytes)]), ...(money === null ? [] : [moneyText(money, currency)])].join(' and ')
}
