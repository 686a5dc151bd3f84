import { SegmentedControl, Select } from '@mantine/core'
import { EmptyState, ProblemBox } from '../../components/answered.tsx'
import { ChartGroup } from '../../components/charts/chart-group.tsx'
import { CodeLine, CopyAsCommand } from '../../components/copy.tsx'
import { Section } from '../../components/screen.tsx'
import { useNow } from '../../components/time.tsx'
import { useQuery } from '../../data/use-query.ts'
import { hasMachineMeasures, hasModelMeasures, periods, spanOf, type Period } from './chart-data.ts'
import { seriesLine } from './device-lines.ts'
import { MachineCharts } from './machine-charts.tsx'
import { ModelCharts } from './model-charts.tsx'
import styles from './device.module.css'

const choices = Object.entries(periods).map(([value, { title }]) => ({ value, label: title }))

/** How the device performs: what its models do, and what its machine has left. One crosshair runs through all charts. */
export function DeviceCharts({
  device,
  cpus,
  deployments,
  period,
  deployment,
  onPeriod,
  onDeployment,
}: {
  device: string
  cpus: number | null
  deployments: readonly string[]
  period: Period
  /** Empty: all of them. */
  deployment: string
  onPeriod(period: Period): void
  onDeployment(deployment: string): void
}) {
  const span = spanOf(period, useNow())
  const models = useQuery('telemetry.series', { device, ...span, ...(deployment === '' ? {} : { deployment }) }, { keepsPrevious: true })
  const machine = useQuery('telemetry.resources', { device, ...span }, { keepsPrevious: true })
  const problem = models.error ?? machine.error
  const isThere = models.data !== undefined && machine.data !== undefined
  const series = models.data?.series[0]
  const hasModel = hasModelMeasures(series)
  const hasMachine = machine.data !== undefined && hasMachineMeasures(machine.data)
  return (
    <Section
      title="Measures"
      actions={
        <>
          {deployments.length > 1 && (
            <Select
              aria-label="Deployment of the charts"
              data={[{ value: '', label: 'All deployments' }, ...deployments]}
              value={deployment}
              allowDeselect={false}
              w={160}
              onChange={(value) => onDeployment(value ?? '')}
            />
          )}
          <CopyAsCommand command={seriesLine(device, period, deployment)} isIcon />
          <SegmentedControl
            aria-label="Period of the charts"
            data={choices}
            value={period}
            onChange={(value) => onPeriod(value as Period)}
          />
        </>
      }
    >
      {problem !== null && (
        <ProblemBox
          problem={problem}
          isOverData={isThere}
          onRetry={() => {
            void models.refetch()
            void machine.refetch()
          }}
        />
      )}
      {isThere && !hasModel && !hasMachine && <NoMeasures device={device} title={periods[period].title} />}
      {isThere && (hasModel || hasMachine) && (
        <ChartGroup>
          <div className={styles.measures}>
            <div className={styles.charts}>
              {hasModel && <ModelCharts grid={models.data} span={span} series={series} />}
              {hasMachine && <MachineCharts grid={machine.data} span={span} cpus={cpus} />}
            </div>
          </div>
          {!hasModel && <p className="dim">No model was asked in the last {periods[period].title}.</p>}
          {!hasMachine && <p className="dim">The machine told nothing of itself in the last {periods[period].title}.</p>}
        </ChartGroup>
      )}
    </Section>
  )
}

function NoMeasures({ device, title }: { device: string; title: string }) {
  return (
    <EmptyState
      title={`Nothing was measured in the last ${title}`}
      actions={<CodeLine text="npm run -s muster-agent -- status" label="Copy the command" />}
    >
      Measures come with every window that the agent closes, also without requests. Choose a longer period, or see on the device whether the
      agent of {device} runs:
    </EmptyState>
  )
}
