import { csvText } from '../../../shared/domain/csv.ts'
import type { HealthRow, Quality, Rate, Verdict } from './monitoring-words.ts'

const moment = (at: number): string => new Date(at).toISOString()

/** Rows of health as CSV: names carry units, shares are shares, what is unknown is empty. */
export function healthCsv(rows: readonly HealthRow[]): string {
  return csvText(
    [
      ...['deployment', 'model', 'version', 'digest', 'device', 'devices', 'requests', 'errors', 'error_rate', 'requests_per_second'],
      ...['latency_p50_ms', 'latency_p95_ms', 'latency_p99_ms', 'not_finite'],
      ...['quality_measure', 'quality_state', 'quality', 'quality_low', 'quality_high', 'quality_n', 'labelled'],
      ...['estimate_state', 'estimate', 'estimate_low', 'estimate_high', 'estimate_n'],
      ...['drift_state', 'drifting', 'data_quality_state', 'data_quality_findings'],
    ],
    rows.map((row) => [
      ...[row.deployment, row.model, row.version, row.digest, row.device, row.devices],
      ...[row.traffic.requests, row.traffic.errors, row.traffic.errorRate, row.traffic.requestsPerSecond],
      ...[row.traffic.latencyMs?.p50 ?? null, row.traffic.latencyMs?.p95 ?? null, row.traffic.latencyMs?.p99 ?? null],
      row.traffic.notFinite,
      ...[row.qualityMeasure, row.quality.state, row.quality.value, row.quality.low, row.quality.high, row.quality.n, row.labelled],
      ...[row.estimate.state, row.estimate.value, row.estimate.low, row.estimate.high, row.estimate.n],
      ...[row.drift.state, row.drift.features.join('; '), row.dataQuality.state, row.dataQuality.findings.join('; ')],
    ]),
  )
}

/** Verdict windows as CSV, one line each. */
export function driftCsv(features: readonly Verdict[], reference: { kind: string; id: string }): string {
  return csvText(
    [
      ...['role', 'name', 'kind', 'state', 'reference', 'reference_id', 'from', 'through', 'level'],
      ...['n', 'effective_n', 'm', 'effect', 'psi', 'psi_adjusted', 'js_distance', 'p', 'p_adjusted'],
    ],
    features.flatMap(({ role, name, kind, state, windows }) =>
      windows.map((one) => [
        ...[role, name, kind, state, reference.kind, reference.id, moment(one.from), moment(one.through), one.level],
        ...[one.n, one.effective, one.m, one.effect, one.psi, one.psiAdjusted, one.jsDistance, one.p, one.pAdjusted],
      ]),
    ),
  )
}

/** Rates of bad values as CSV. */
export function ratesCsv(rates: readonly Rate[]): string {
  return csvText(
    ['role', 'name', 'cause', 'state', 'now', 'now_of', 'reference', 'reference_of', 'difference', 'low', 'high', 'p', 'sentence'],
    rates.map((rate) => [
      ...[rate.role, rate.name, rate.cause, rate.state, rate.current.successes, rate.current.trials],
      ...[rate.reference.successes, rate.reference.trials, rate.difference, rate.low, rate.high, rate.p, rate.sentence],
    ]),
  )
}

/** Quality over time as CSV: measured and estimated side by side. */
export function qualityCsv({ series }: Quality): string {
  const side = (name: string): string[] => [`${name}_state`, name, `${name}_low`, `${name}_high`, `${name}_n`]
  return csvText(
    ['from', 'through', ...side('measured'), ...side('estimated')],
    series.measured.map((measured, i) => {
      const estimated = series.estimated[i]
      const from = series.from + i * series.bucketMs
      return [
        ...[moment(from), moment(from + series.bucketMs), measured.state, measured.value, measured.low, measured.high, measured.n],
        ...[estimated?.state ?? 'none', estimated?.value ?? null, estimated?.low ?? null, estimated?.high ?? null, estimated?.n ?? 0],
      ]
    }),
  )
}
