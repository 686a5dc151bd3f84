import type { AlertMetric } from '../../../../shared/domain/alert.ts'
import { wilsonInterval } from '../../../../shared/stats/proportion-interval.ts'
import type { Cut, TrafficState } from '../../store/telemetry/slice.ts'
import { devicesOf, entriesOf, type Look, type RuleOf, type Sight } from './look.ts'
import { qualityMetricLooks } from './evaluate-quality.ts'
import { readingOf, type Measured } from './metric-reading.ts'
import { noSubject, type Reading } from './reading.ts'
import type { MachineReading } from './resource-watch.ts'
import { trafficBySubject } from './traffic.ts'

/** Requests below which a rate or a latency is chance. */
const LEAST_REQUESTS = 20

type Rule = RuleOf<'threshold'>

/** Compares a metric over a time with a value. */
export function thresholdLooks(rule: Rule, sight: Sight): Look[] {
  const { metric, overMs } = rule.condition
  const everyMs = Math.max(1000, Math.min(300_000, overMs / 10))
  if (isTraffic(metric)) return [{ key: metric, everyMs, see: (now) => ({ readings: trafficReadings(rule, now, traffic[metric]) }) }]
  if (isMachine(metric)) return [{ key: metric, everyMs, see: (now) => ({ readings: machineReadings(rule, now, machine[metric]) }) }]
  return qualityMetricLooks(rule, sight)
}

const share = (successes: number, trials: number): Measured => {
  if (trials < LEAST_REQUESTS) return { value: null, n: trials }
  // A failed request may be told in one window and counted in another: a share is never more than all.
  const part = Math.min(successes, trials)
  return { value: part / trials, n: trials, ...wilsonInterval(part, trials) }
}

const latency =
  (q: number) =>
  ({ latency: sketch }: TrafficState): Measured => ({
    value: sketch.count < LEAST_REQUESTS ? null : sketch.quantile(q),
    n: sketch.count,
  })

const traffic = {
  'latency-p50': latency(0.5),
  'latency-p95': latency(0.95),
  'latency-p99': latency(0.99),
  'error-rate': ({ errors, requests }: TrafficState) => share(errors, requests),
  'not-finite-rate': ({ notFinite, requests, errors }: TrafficState) => share(notFinite, Math.max(0, requests - errors)),
  'finding-rate': ({ validation, requests }: TrafficState) =>
    share(
      Object.values(validation).reduce((sum, count) => sum + count, 0),
      requests,
    ),
  throughput: ({ requests, coveredMs }: TrafficState): Measured => ({
    value: coveredMs === 0 ? null : (requests * 1000) / coveredMs,
    n: requests,
  }),
  requests: ({ requests, windows }: TrafficState): Measured => ({ value: windows === 0 ? null : requests, n: requests }),
} as const satisfies Partial<Record<AlertMetric, (state: TrafficState) => Measured>>

function isTraffic(metric: AlertMetric): metric is keyof typeof traffic {
  return Object.hasOwn(traffic, metric)
}

const cuts: Record<Rule['per'], Cut['by']> = { fleet: 'all', version: 'version', device: 'device' }

function trafficReadings(rule: Rule, sight: Sight, measure: (state: TrafficState) => Measured): Reading[] {
  const { overMs } = rule.condition
  const period = { from: sight.now - overMs, through: sight.now }
  const slice = { devices: devicesOf(sight, rule), ...(rule.deployment === null ? {} : { deployment: rule.deployment }), ...period }
  return trafficBySubject(sight, slice, cuts[rule.per]).map(({ subject, state }) =>
    readingOf(rule, { subject, measured: measure(state), ...period }),
  )
}

const mean = (readings: readonly MachineReading[], read: (reading: MachineReading) => number | null): Measured => {
  const values = readings.map(read).filter((value) => value !== null)
  return { value: values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length, n: values.length }
}

const part = (free: number, total: number): number | null => (total > 0 ? free / total : null)

/** Means over the time; each machine is looked at by itself, whatever the grain of the rule: a mean of machines is no machine. */
const machine = {
  'cpu-cores': ({ body }: MachineReading) => body.cpuShare,
  'memory-free': ({ body }: MachineReading) => part(body.memoryFreeBytes, body.memoryTotalBytes),
  'agent-memory': ({ body }: MachineReading) => body.agentRssBytes,
  'disk-free': ({ body }: MachineReading) => part(body.diskFreeBytes, body.diskTotalBytes),
  temperature: ({ body }: MachineReading) => body.temperatureCelsius,
  'spool-records': ({ body }: MachineReading) => body.spoolRecords,
} as const satisfies Partial<Record<AlertMetric, (reading: MachineReading) => number | null>>

function isMachine(metric: AlertMetric): metric is keyof typeof machine {
  return Object.hasOwn(machine, metric)
}

function machineReadings(rule: Rule, sight: Sight, read: (reading: MachineReading) => number | null): Reading[] {
  const from = sight.now - rule.condition.overMs
  return entriesOf(sight, rule)
    .filter(({ orders }) => rule.deployment === null || orders.some(({ deployment }) => deployment === rule.deployment))
    .map(({ row }) => {
      const measured = mean(sight.resources.since(row.device, from), read)
      return readingOf(rule, { subject: { ...noSubject, device: row.device }, measured, from, through: sight.now })
    })
}
