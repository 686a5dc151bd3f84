import { Link as RouteLink } from 'wouter'
import { Facts } from '../../../components/facts.tsx'
import { formatBytes, formatDuration, formatExact, plural } from '../../../components/format.ts'
import { wireText } from '../../../components/wire-text.ts'
import { Section } from '../../../components/screen.tsx'
import { Ago, useNow } from '../../../components/time.tsx'
import { paths } from '../../../data/paths.ts'
import { moneyText } from '../../../../shared/domain/money.ts'
import type { RolloutDetail } from '../../../../shared/rpc/contract/rollouts.ts'
import { lastedMs, methodOf } from '../list/rollout-words.ts'
import styles from './rollout.module.css'

/** What it has taken so far of what was forecast: time, bytes, and money where it costs any. */
export function Spent({ shown: { forecast, spent, startedAt, endedAt, state } }: { shown: RolloutDetail }) {
  const now = useNow()
  const lasted = lastedMs({ startedAt, endedAt }, now)
  const expected = endedAt === null && state !== 'completed' ? (forecast?.seconds ?? null) : null
  return (
    <>
      {startedAt !== null && lasted !== null && (
        <span>
          {endedAt === null ? 'started ' : 'took '}
          {endedAt === null ? <Ago at={startedAt} /> : formatDuration(lasted)}
          {expected !== null && <span className="dim"> of about {formatDuration(expected * 1000)}</span>}
        </span>
      )}
      {startedAt !== null && forecast !== null && (forecast.bytes > 0 || spent.bytes > 0) && (
        <span title="What was offered so far, by forecast, of the forecast of the whole: bytes on the wire">
          {formatBytes(spent.bytes)} <span className="dim">of {formatBytes(forecast.bytes)} offered</span>
        </span>
      )}
      {startedAt !== null && forecast !== null && (forecast.money > 0 || spent.money > 0) && (
        <span>
          {moneyText(spent.money, forecast.currency)} <span className="dim">of {moneyText(forecast.money, forecast.currency)}</span>
        </span>
      )}
    </>
  )
}

/** What goes where by which means, who wrote and approved it, and what it was forecast to take. */
export function RolloutFacts({ shown }: { shown: RolloutDetail }) {
  const { query, plan, priority, createdAt, createdBy } = shown
  const { alias } = plan.whenDone
  return (
    <Section title="Facts">
      <div className={styles.factColumns}>
        <Facts
          rows={[
            [
              'Target',
              <RouteLink key="target" href={paths.devices(query)}>
                {query === '' ? 'the whole fleet' : <code>{query}</code>}
              </RouteLink>,
            ],
            ['Method', plan.method === 'split' ? `${methodOf(shown)}, ${plan.percent} % of the keys` : methodOf(shown)],
            ['Not before', plan.windows.startAt === null ? null : formatExact(plan.windows.startAt)],
            ['When done', alias === null ? null : `${alias} stands for it`],
            ['Priority', String(priority)],
            [
              'Written',
              <span key="written">
                <Ago at={createdAt} /> by {createdBy}
              </span>,
            ],
            ['Note', plan.note === '' ? null : plan.note],
          ]}
        />
        <Facts rows={[...approvalRows(shown), ...forecastRows(shown)]} />
      </div>
    </Section>
  )
}

type Rows = (readonly [string, React.ReactNode])[]

function approvalRows({ approvals }: RolloutDetail): Rows {
  return approvals.map(({ at, by, decision, why }) => [
    decision === 'approved' ? 'Approved' : 'Refused',
    <span key={at}>
      <Ago at={at} /> by {by}
      {why === '' ? '' : `: ${why}`}
    </span>,
  ])
}

function forecastRows({ forecast }: RolloutDetail): Rows {
  if (forecast === null) return []
  const { devices, bytes, published, money, currency, seconds, byLink, budget } = forecast
  const limits = [
    ...(budget.bytes === null ? [] : [formatBytes(budget.bytes)]),
    ...(budget.money === null ? [] : [moneyText(budget.money, currency)]),
  ]
  return [
    ['Forecast', `${plural(devices, 'device')}, ${wireText(bytes)}, ${moneyText(money, currency)}`],
    ['Sent by the console', published === bytes ? null : formatBytes(published)],
    ['Takes', seconds === null ? 'as long as people and verdicts take' : `about ${formatDuration(seconds * 1000)}`],
    ['Budget', limits.length === 0 ? null : `${limits.join(', ')}${budget.isWithin ? '' : '; the forecast is more'}`],
    ...byLink.map((one): Rows[number] => [
      `Link ${one.link}`,
      `${plural(one.devices, 'device')}, ${wireText(one.bytes)}, ${moneyText(one.money, currency)}${one.isQuietNow ? '; quiet hours now' : ''}`,
    ]),
  ]
}
