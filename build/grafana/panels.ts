/** A panel of the dashboard. */
export interface Panel {
  title: string
  kind: 'stat' | 'timeseries'
  /** Unit in the words of Grafana. */
  unit: 'short' | 'reqps' | 'percentunit' | 's' | 'bytes' | 'ops'
  /** Columns of 24. */
  width: number
  queries: readonly { expr: string; legend: string }[]
}

/** A row of the dashboard with its panels. */
export interface Row {
  title: string
  panels: readonly Panel[]
}

const of = 'deployment=~"$deployment"'
const bundle = 'deployment, model, version'
const named = '{{deployment}}: {{model}} {{version}}'

/** A quantile of native buckets where they are scraped, else of the classic ones. */
function quantile(q: number, metric: string, { by, selector }: { by: string; selector: string }): string {
  const of = (name: string, more: string): string =>
    `histogram_quantile(${q}, sum by (${more}${by}) (rate(${name}{${selector}}[$__rate_interval])))`
  return `${of(metric, '')} or ${of(`${metric}_bucket`, 'le, ')}`
}

const fleetLatency = (q: number): Panel['queries'][number] => ({
  expr: quantile(q, 'muster_fleet_inference_duration_seconds', { by: bundle, selector: of }),
  legend: `p${q * 100} ${named}`,
})

/** What the dashboard shows, from the fleet to the console itself. */
export const rows: readonly Row[] = [
  {
    title: 'Fleet',
    panels: [
      {
        title: 'Devices online',
        kind: 'stat',
        unit: 'short',
        width: 4,
        queries: [{ expr: 'sum(muster_devices_online)', legend: 'online' }],
      },
      { title: 'Devices', kind: 'stat', unit: 'short', width: 4, queries: [{ expr: 'sum(muster_devices)', legend: 'devices' }] },
      {
        ...{ title: 'Open alerts', kind: 'stat', unit: 'short', width: 4 },
        queries: [{ expr: 'sum by (severity) (muster_alerts{state="firing"})', legend: '{{severity}}' }],
      },
      {
        ...{ title: 'Rollouts in force', kind: 'stat', unit: 'short', width: 4 },
        queries: [{ expr: 'sum by (state) (muster_rollouts)', legend: '{{state}}' }],
      },
      {
        ...{ title: 'Devices by health', kind: 'timeseries', unit: 'short', width: 8 },
        queries: [{ expr: 'sum by (health) (muster_devices)', legend: '{{health}}' }],
      },
      {
        ...{ title: 'Devices online by site', kind: 'timeseries', unit: 'short', width: 12 },
        queries: [{ expr: 'sum by (site) (muster_site_devices{state="online"})', legend: '{{site}}' }],
      },
      {
        ...{ title: 'Versions in the field', kind: 'timeseries', unit: 'short', width: 12 },
        queries: [{ expr: `sum by (${bundle}, state) (muster_deployment_devices{${of}})`, legend: `${named} {{state}}` }],
      },
    ],
  },
  {
    title: 'Models in service',
    panels: [
      {
        ...{ title: 'Requests', kind: 'timeseries', unit: 'reqps', width: 12 },
        queries: [{ expr: `sum by (${bundle}) (rate(muster_fleet_inference_requests_total{${of}}[$__rate_interval]))`, legend: named }],
      },
      {
        ...{ title: 'Failed requests', kind: 'timeseries', unit: 'percentunit', width: 12 },
        queries: [
          {
            expr: `sum by (${bundle}) (rate(muster_fleet_inference_errors_total{${of}}[$__rate_interval])) / sum by (${bundle}) (rate(muster_fleet_inference_requests_total{${of}}[$__rate_interval]))`,
            legend: named,
          },
        ],
      },
      { title: 'Latency on the devices', kind: 'timeseries', unit: 's', width: 12, queries: [0.5, 0.95, 0.99].map(fleetLatency) },
      {
        ...{ title: 'Measured accuracy, 24 hours', kind: 'timeseries', unit: 'percentunit', width: 12 },
        queries: [{ expr: `muster_model_accuracy_ratio{${of}}`, legend: named }],
      },
      {
        ...{ title: 'Answers with NaN or infinity', kind: 'timeseries', unit: 'short', width: 12 },
        queries: [
          { expr: `sum by (${bundle}) (increase(muster_fleet_inference_not_finite_total{${of}}[$__rate_interval]))`, legend: named },
        ],
      },
      {
        ...{ title: 'Labels behind the accuracy', kind: 'timeseries', unit: 'short', width: 12 },
        queries: [{ expr: `muster_model_labels{${of}}`, legend: named }],
      },
    ],
  },
  {
    title: 'Console',
    panels: [
      {
        ...{ title: 'Telemetry stored', kind: 'timeseries', unit: 'ops', width: 8 },
        queries: [
          { expr: 'rate(muster_ingest_records_total[$__rate_interval])', legend: 'records' },
          { expr: 'rate(muster_ingest_duplicates_total[$__rate_interval])', legend: 'came again' },
        ],
      },
      {
        ...{ title: 'Telemetry kept aside or refused', kind: 'timeseries', unit: 'short', width: 8 },
        queries: [
          { expr: 'increase(muster_ingest_quarantined_total[$__rate_interval])', legend: 'kept aside' },
          { expr: 'increase(muster_ingest_refused_total[$__rate_interval])', legend: 'refused' },
        ],
      },
      {
        ...{ title: 'Messages that wait', kind: 'timeseries', unit: 'short', width: 8 },
        queries: [{ expr: 'muster_outbox_messages', legend: '{{instance}}' }],
      },
      {
        ...{ title: 'Telemetry store', kind: 'timeseries', unit: 'bytes', width: 8 },
        queries: [
          { expr: 'muster_telemetry_store_bytes', legend: 'file' },
          { expr: 'muster_telemetry_store_free_bytes', legend: 'free within' },
        ],
      },
      {
        ...{ title: 'Memory', kind: 'timeseries', unit: 'bytes', width: 8 },
        queries: [{ expr: 'process_resident_memory_bytes{job="muster-console"}', legend: '{{instance}}' }],
      },
      {
        ...{ title: 'Age of the newest good backup', kind: 'timeseries', unit: 's', width: 8 },
        queries: [{ expr: 'time() - muster_backup_last_good_timestamp_seconds', legend: '{{instance}}' }],
      },
    ],
  },
  {
    title: 'Agents that are scraped',
    panels: [
      {
        ...{ title: 'Requests by outcome', kind: 'timeseries', unit: 'reqps', width: 12 },
        queries: [
          {
            expr: `sum by (instance, code) (rate(muster_inference_requests_total{${of}}[$__rate_interval]))`,
            legend: '{{instance}} {{code}}',
          },
        ],
      },
      {
        ...{ title: 'Latency, p95', kind: 'timeseries', unit: 's', width: 12 },
        queries: [
          {
            expr: quantile(0.95, 'muster_inference_duration_seconds', { by: 'instance, deployment', selector: of }),
            legend: '{{instance}} {{deployment}}',
          },
        ],
      },
      {
        ...{ title: 'Memory of the runtime', kind: 'timeseries', unit: 'bytes', width: 12 },
        queries: [{ expr: 'process_resident_memory_bytes{job="muster-agent"}', legend: '{{instance}}' }],
      },
      {
        ...{ title: 'CPU of the runtime, cores', kind: 'timeseries', unit: 'short', width: 12 },
        queries: [{ expr: 'rate(process_cpu_seconds_total{job="muster-agent"}[$__rate_interval])', legend: '{{instance}}' }],
      },
    ],
  },
]
