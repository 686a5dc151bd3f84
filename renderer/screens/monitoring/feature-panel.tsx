import { SegmentedControl } from '@mantine/core'
import { Link as RouteLink } from 'wouter'
import { Answered } from '../../components/answered.tsx'
import { CategoryPairs } from '../../components/charts/category-pairs.tsx'
import { OverlayHistogram } from '../../components/charts/overlay-histogram.tsx'
import { CopyAsCommand } from '../../components/copy.tsx'
import { Facts } from '../../components/facts.tsx'
import { formatCount, formatNumber } from '../../components/format.ts'
import { StateMark } from '../../components/state-mark.tsx'
import { Sentence } from '../../components/time.tsx'
import { paths } from '../../data/paths.ts'
import { useQuery } from '../../data/use-query.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { versionLine } from './monitor-lines.ts'
import { devicesOf, referenceTitles } from './monitoring-view.ts'
import { countedName, driftMarks, effectNumber, effectText, momentText, pText, type Score, type Verdict } from './monitoring-words.ts'
import { PanelFrame } from './panel-frame.tsx'
import { RateTable } from './rate-table.tsx'
import { EVERY_MS, type TabProps } from './tab-props.ts'
import styles from './version.module.css'

type Detail = OutputOf<'monitoring.feature'>

const BINS = 24

/** One feature beside the map: reference and now over each other, the verdict in words, rates, and which devices pull it. */
export function FeaturePanel({
  of,
  view,
  span,
  onView,
  verdict,
  drift,
  windowMs,
}: TabProps & { verdict: Verdict; drift: OutputOf<'monitoring.drift'>; windowMs: number }) {
  const picked = verdict.windows.find(({ from }) => from === view.at) ?? verdict.windows.at(-1)
  const window = view.over === 'period' ? undefined : picked
  const period = window === undefined ? span : { from: window.from, through: window.through }
  const asked = { ...of, ...devicesOf(view), ...period, role: verdict.role, feature: verdict.name, reference: view.reference }
  const answer = useQuery('monitoring.feature', { ...asked, windowMs, bins: BINS }, { keepsPrevious: true, everyMs: EVERY_MS })
  const close = (): void => onView({ feature: '', at: 0 })
  return (
    <PanelFrame title={countedName(verdict)} beside={<CopyAsCommand command={versionLine(of, view)} isIcon />} onClose={close}>
      <div className={styles.verdict}>
        <StateMark {...driftMarks[verdict.state]} />
        <p>
          <Sentence text={verdict.sentence} />
        </p>
      </div>
      <SegmentedControl
        aria-label="Which values"
        data={[
          { value: 'now', label: picked === undefined ? 'Last window' : clockSpan(picked, drift.through), disabled: picked === undefined },
          { value: 'period', label: 'Whole period' },
        ]}
        value={window === undefined ? 'period' : 'now'}
        onChange={(value) => onView({ over: value === 'period' ? 'period' : 'now' })}
      />
      <ScoreFacts score={picked ?? null} verdict={verdict} isLast={picked === verdict.windows.at(-1)} />
      <Answered answer={answer}>{(detail) => <FeatureDetail detail={detail} of={of} view={view} verdict={verdict} />}</Answered>
    </PanelFrame>
  )
}

function clockSpan({ from, through }: Score, now: number): string {
  return `${momentText(from, now)} to ${momentText(through, now)}`
}

function ScoreFacts({ score, verdict, isLast }: { score: Score | null; verdict: Verdict; isLast: boolean }) {
  if (score === null) return <p className={styles.small}>No verdict window is closed yet.</p>
  return (
    <Facts
      rows={[
        [isLast ? 'Last window' : 'Window', `n ${formatCount(score.n)}, effective ${formatCount(score.effective)}`],
        ['Reference', `m ${formatCount(score.m)}`],
        ['Effect', effectText(score.effect, verdict.kind)],
        [
          'Evidence',
          score.pAdjusted === null ? pText(score.p) : `${pText(score.pAdjusted)} after Benjamini-Hochberg (${pText(score.p)} alone)`,
        ],
        [
          'PSI',
          score.psi === null
            ? null
            : `${effectNumber(score.psi)}, adjusted ${score.psiAdjusted === null ? 'unknown' : effectNumber(score.psiAdjusted)}`,
        ],
        ['JS distance', score.jsDistance === null ? null : effectNumber(score.jsDistance)],
        ['Persistence', `${verdict.alarms} of the last windows drift, ${verdict.warnings} warn or drift`],
      ]}
    />
  )
}

function FeatureDetail({ detail, of, view, verdict }: { detail: Detail; verdict: Verdict } & Pick<TabProps, 'of' | 'view'>) {
  const { bins, was, now, measures, rates } = detail
  const referenceName = referenceTitles[detail.reference.kind]
  const span = { low: least(was.min, now.min), high: greatest(was.max, now.max) }
  return (
    <>
      {verdict.kind === 'numeric' ? (
        <OverlayHistogram title="Distribution" bins={bins} span={span} referenceName={referenceName} currentName="Now" />
      ) : (
        <CategoryPairs title="Distribution" bins={bins} referenceName={referenceName} currentName="Now" />
      )}
      {verdict.kind === 'numeric' && <Summaries was={was} now={now} referenceName={referenceName} />}
      {measures.length > 0 && (
        <section>
          <h3>Other measures</h3>
          <Facts
            rows={measures.map(({ measure, value, note }) => [
              measure,
              <span key={measure} title={note}>
                {value === null ? 'undefined' : formatNumber(value)} {note !== '' && <span className="dim">{note}</span>}
              </span>,
            ])}
          />
        </section>
      )}
      {rates.length > 0 && (
        <section>
          <h3>Bad values</h3>
          <RateTable rates={rates} isNameless />
        </section>
      )}
      <Devices detail={detail} of={of} view={view} kind={verdict.kind} />
    </>
  )
}

function Summaries({ was, now, referenceName }: { was: Detail['was']; now: Detail['now']; referenceName: string }) {
  const text = (value: number | null): string => (value === null ? '–' : formatNumber(value, 4))
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">
            <span className="sr-only">Side</span>
          </th>
          {['mean', 'deviation', 'least', 'most'].map((name) => (
            <th key={name} scope="col" data-numeric>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {[
          { name: referenceName, of: was },
          { name: 'Now', of: now },
        ].map(({ name, of }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td data-numeric>{text(of.mean)}</td>
            <td data-numeric>{text(of.deviation)}</td>
            <td data-numeric>{text(of.min)}</td>
            <td data-numeric>{text(of.max)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Devices({ detail, of, view, kind }: { detail: Detail; kind: Verdict['kind'] } & Pick<TabProps, 'of' | 'view'>) {
  if (detail.devices.length === 0 || view.device !== '') return null
  const keep = { tab: 'drift', period: view.period, reference: view.reference, feature: view.feature, role: view.role }
  return (
    <section>
      <h3>Devices that pull it</h3>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Device</th>
            <th scope="col">State</th>
            <th scope="col" data-numeric title={kind === 'numeric' ? 'Adjusted PSI' : 'Adjusted JS distance'}>
              Effect
            </th>
            <th scope="col" data-numeric>
              n
            </th>
          </tr>
        </thead>
        <tbody>
          {detail.devices.map(({ device, n, effect, state }) => (
            <tr key={device}>
              <th scope="row">
                <RouteLink href={paths.monitoringVersion(of, { ...keep, device })} className="mono foreign">
                  {device}
                </RouteLink>
              </th>
              <td>
                <StateMark {...driftMarks[state]} />
              </td>
              <td data-numeric>{effect === null ? '–' : effectNumber(effect)}</td>
              <td data-numeric>{formatCount(n)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function least(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.min(a, b)
}

function greatest(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.max(a, b)
}
