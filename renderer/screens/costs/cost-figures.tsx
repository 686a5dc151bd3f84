import { moneyText } from '../../../shared/domain/money.ts'
import { formatBytes, formatCount, formatDuration, formatPercent } from '../../components/format.ts'
import { Progress } from '../../components/progress.tsx'
import { StateMark } from '../../components/state-mark.tsx'
import type { CostReport } from './cost-columns.tsx'
import { dayText } from './costs-view.ts'
import styles from './costs.module.css'

/** What the period cost, and what the month has left. */
export function CostFigures({ report }: { report: CostReport }) {
  const { total, currency, perThousandInferences } = report
  const money = (amount: number): string => moneyText(amount, currency)
  return (
    <dl className={styles.figures} aria-label="Costs of the period">
      <Figure name="Total" value={<span className={styles.total}>{money(total.total)}</span>} />
      <Figure name="Transfer" value={money(total.transfer)} small={formatBytes(total.bytesIn + total.bytesOut)} />
      <Figure name="Computing" value={money(total.compute)} small={`${formatDuration(total.cpuSeconds * 1000)} of CPU`} />
      <Figure name="Storage" value={money(total.storage)} small={`${formatBytes(total.storedBytes)} on disks now`} />
      <Figure
        name="1,000 inferences"
        value={perThousandInferences === null ? 'Not known' : money(perThousandInferences)}
        small={total.inferences === 0 ? 'No inferences' : `of ${formatCount(total.inferences)}`}
      />
      <Budget budget={report.budget} currency={currency} />
    </dl>
  )
}

function Figure({ name, value, small }: { name: string; value: React.ReactNode; small?: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value}
        {small !== undefined && <div className={styles.small}>{small}</div>}
      </dd>
    </div>
  )
}

/** The month of the whole fleet against its budget, if it has one. */
export function Budget({ budget, currency }: Pick<CostReport, 'budget' | 'currency'>) {
  const { monthly, spentThisMonth, onItsWay, isSpent, freesAt } = budget
  if (monthly === null) return null
  const share = monthly === 0 ? 1 : (spentThisMonth + onItsWay) / monthly
  return (
    <div className={styles.budget}>
      <dt>Budget of the month, whole fleet</dt>
      <dd>
        {moneyText(spentThisMonth, currency)} of {moneyText(monthly, currency)}
        <Progress share={Math.min(1, share)} label={`Budget of the month: ${formatPercent(share, 0)} spent`} />
        <div className={styles.small}>
          {onItsWay > 0 && `${moneyText(onItsWay, currency)} on its way. `}
          {isSpent && (
            <>
              <StateMark state="attention" word="Spent" /> Offers wait until {dayText(new Date(freesAt).toISOString().slice(0, 10))}.
            </>
          )}
        </div>
      </dd>
    </div>
  )
}
