import { useMemo } from 'react'
import { ChartGroup } from '../../../components/charts/chart-group.tsx'
import { LineChart } from '../../../components/charts/line-chart.tsx'
import { Section } from '../../../components/screen.tsx'
import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import { isHigherBetter, metricText, metricTitle, unitOf, type MetricUnit } from '../live/rollout-words.ts'
import styles from './comparison.module.css'

type Comparison = OutputOf<'rollouts.comparison'>
type Course = Comparison['series'][number]

const units: readonly MetricUnit[] = ['share', 'error', 'PSI', 'bytes', 'ms']
const colors = ['var(--chart-incumbent)', 'var(--chart-candidate)'] as const

/** Each metric over time, incumbent grey and candidate accent, with what is accepted as a dashed line; one crosshair for all. */
export function MetricCharts({ comparison, version }: { comparison: Comparison; version: string }) {
  const there = comparison.series.filter(({ points }) => points.some((one) => one.candidate !== null || one.incumbent !== null))
  const span = useMemo(() => {
    const times = there.flatMap(({ points }) => points.map(({ at }) => at))
    return { from: Math.min(...times), through: Math.max(...times) }
  }, [there])
  const hasRange = there.some(({ points }) => points.some((one) => one.candidateRange !== null || one.incumbentRange !== null))
  if (there.length === 0)
    return (
      <Section title="Over time">
        <p className="dim">There is no course yet: it begins with the first window that both sides have closed.</p>
      </Section>
    )
  return (
    <Section title="Over time" actions={hasRange && <span className="dim">Bands: the 95 % interval of each point</span>}>
      <ChartGroup>
        <div className={styles.charts}>
          {there.map((course) => (
            <Chart key={course.metric} course={course} comparison={comparison} span={span} version={version} />
          ))}
        </div>
      </ChartGroup>
    </Section>
  )
}

function Chart({
  course: { metric, unit: unitText, points },
  comparison,
  span,
  version,
}: {
  course: Course
  comparison: Comparison
  span: { from: number; through: number }
  version: string
}) {
  const unit = units.find((one) => one === unitText) ?? 'share'
  const accepted = acceptedLevel(comparison, { metric, unit })
  return (
    <LineChart
      title={metricTitle(metric, unit)}
      height={150}
      from={span.from}
      through={Math.max(span.through, span.from + 1000)}
      times={points.map(({ at }) => at)}
      colors={colors}
      series={[
        {
          id: 'incumbent',
          name: comparison.evidence?.incumbent?.version ?? 'incumbent',
          values: points.map((one) => one.incumbent),
          band: points.map((one) => one.incumbentRange),
        },
        { id: 'candidate', name: version, values: points.map((one) => one.candidate), band: points.map((one) => one.candidateRange) },
      ]}
      format={(value) => metricText(unit, value)}
      isFromZero={!isHigherBetter(metric, unit)}
      {...(accepted === null ? {} : { threshold: { value: accepted, label: `accepted ${metricText(unit, accepted)}` } })}
    />
  )
}

/** How far the version may be from the incumbent's level over the whole time; `null`: the course is of another unit than what is judged. */
function acceptedLevel({ evidence }: Comparison, { metric, unit }: { metric: Course['metric']; unit: MetricUnit }): number | null {
  const judged = evidence?.metrics.find((one) => one.metric === metric)
  if (judged === undefined || judged.incumbent.value === null || unitOf(judged) !== unit || unit === 'bytes') return null
  return judged.incumbent.value + (isHigherBetter(metric, unit) ? -judged.margin : judged.margin)
}
