import { LineChart } from '../../components/charts/line-chart.tsx'
import { formatBytes, formatNumber } from '../../components/format.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { hasValues, lastValue, timesOf } from './chart-data.ts'

const HEIGHT = 148
const formatCores = (value: number): string => formatNumber(value)
const formatCelsius = (value: number): string => `${value.toFixed(0)} °C`

/** What the machine of a device has left. Temperature only where it is measured. */
export function MachineCharts({
  grid,
  span,
  cpus,
}: {
  grid: OutputOf<'telemetry.resources'>
  span: { from: number; through: number }
  cpus: number | null
}) {
  const axis = { from: span.from, through: span.through, height: HEIGHT, times: timesOf(grid, 'middle') }
  const memory = lastValue(grid.memoryTotalBytes)
  const disk = lastValue(grid.diskTotalBytes)
  return (
    <>
      <LineChart
        title="CPU"
        unit={cpus === null ? 'cores in use' : `cores in use, of ${cpus}`}
        {...axis}
        series={[{ id: 'cpu', name: 'agent and runtime', values: grid.cpuCores }]}
        format={formatCores}
      />
      <LineChart
        title="Memory"
        {...axis}
        series={[
          { id: 'used', name: 'in use', values: grid.memoryUsedBytes },
          { id: 'agent', name: 'agent', values: grid.agentRssBytes },
        ]}
        {...(memory === null ? {} : { threshold: { value: memory, label: `${formatBytes(memory)} in all` } })}
        format={formatBytes}
      />
      <LineChart
        title="Disk"
        {...axis}
        series={[{ id: 'free', name: 'free', values: grid.diskFreeBytes }]}
        {...(disk === null ? {} : { threshold: { value: disk, label: `${formatBytes(disk)} in all` } })}
        format={formatBytes}
      />
      {hasValues(grid.temperatureCelsius) && (
        <LineChart
          title="Temperature"
          unit="highest"
          {...axis}
          series={[{ id: 'temperature', name: 'processor', values: grid.temperatureCelsius }]}
          format={formatCelsius}
          isFromZero={false}
        />
      )}
      {hasValues(grid.spoolRecords) && (
        <LineChart
          title="Records that wait on the device"
          {...axis}
          series={[{ id: 'spool', name: 'records', values: grid.spoolRecords }]}
          format={formatNumber}
        />
      )}
    </>
  )
}
