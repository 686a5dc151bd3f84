/** An alert rule of Prometheus. */
export interface AlertRule {
  name: string
  expr: string
  /** How long it must hold. */
  lasts: string
  severity: 'critical' | 'warning' | 'info'
  summary: string
  /** What a person does. */
  action: string
}

const perBundle = 'deployment, model, version'

/** Rules on what the console tells. Its own alerts know more of models; these say that it, or the fleet, is not well. */
export const consoleRules: readonly AlertRule[] = [
  {
    ...{ name: 'MusterConsoleDown', expr: 'up{job="muster-console"} == 0', lasts: '5m', severity: 'critical' },
    summary: 'The console at {{ $labels.instance }} cannot be scraped.',
    action: 'Look whether it runs, and whether its token still counts: muster tokens list. Devices go on answering meanwhile.',
  },
  {
    ...{ name: 'MusterBrokerDown', expr: 'muster_broker_up == 0', lasts: '2m', severity: 'critical' },
    summary: 'Devices cannot reach the broker of {{ $labels.instance }}.',
    action: 'muster status says why. Devices go on answering, and keep their telemetry.',
  },
  {
    ...{ name: 'MusterStoreNotWritable', expr: 'muster_store_writable == 0', lasts: '1m', severity: 'critical' },
    summary: 'The console at {{ $labels.instance }} cannot write to its stores.',
    action: 'Free disk space; what was acknowledged is not lost.',
  },
  {
    ...{ name: 'MusterCriticalAlert', lasts: '1m', severity: 'critical' },
    expr: 'sum by (instance, deployment) (muster_alerts{severity="critical", state="firing"}) > 0',
    summary: '{{ $value }} critical alerts of Muster are open{{ with $labels.deployment }} for {{ . }}{{ end }}.',
    action: 'muster alerts list says what they rest on.',
  },
  {
    ...{ name: 'MusterDevicesOffline', lasts: '15m', severity: 'warning' },
    expr: 'sum by (instance) (muster_devices{health="offline"}) / sum by (instance) (muster_devices) > 0.1',
    summary: '{{ $value | humanizePercentage }} of the devices are offline.',
    action: "muster devices list --query 'health = offline' names them.",
  },
  {
    ...{ name: 'MusterDevicesFailed', expr: 'muster_devices{health="failed"} > 0', lasts: '10m', severity: 'warning' },
    summary: '{{ $value }} devices refused a version, went back from one, or serve nothing.',
    action: "muster devices list --query 'health = failed' names them, with why.",
  },
  {
    ...{ name: 'MusterInferenceErrors', lasts: '10m', severity: 'warning' },
    expr: `sum by (${perBundle}) (rate(muster_fleet_inference_errors_total[10m])) / sum by (${perBundle}) (rate(muster_fleet_inference_requests_total[10m])) > 0.05`,
    summary:
      '{{ $value | humanizePercentage }} of the requests to {{ $labels.model }} {{ $labels.version }} in {{ $labels.deployment }} fail.',
    action: 'muster monitor says which errors, and on which devices.',
  },
  {
    ...{ name: 'MusterInferenceNotFinite', lasts: '0m', severity: 'warning' },
    expr: `sum by (${perBundle}) (increase(muster_fleet_inference_not_finite_total[15m])) > 0`,
    summary: '{{ $labels.model }} {{ $labels.version }} in {{ $labels.deployment }} answers with NaN or infinity.',
    action: 'Look at the inputs, and think of going back to the version before.',
  },
  {
    ...{ name: 'MusterOrdersNotTaken', lasts: '1d', severity: 'info' },
    expr: `sum by (${perBundle}) (muster_deployment_devices{state="ordered"}) - sum by (${perBundle}) (muster_deployment_devices{state="active"}) > 0`,
    summary: '{{ $value }} devices have not taken {{ $labels.model }} {{ $labels.version }} for a day.',
    action: 'muster orders list says what each waits for.',
  },
  {
    ...{ name: 'MusterOutboxStuck', expr: 'min_over_time(muster_outbox_messages[15m]) > 0', lasts: '0m', severity: 'warning' },
    summary: 'Messages to devices have waited for 15 minutes.',
    action: 'muster status says how the broker is.',
  },
  {
    ...{ name: 'MusterTelemetryRefused', lasts: '0m', severity: 'warning' },
    expr: 'increase(muster_ingest_quarantined_total[1h]) > 0 or increase(muster_ingest_refused_total[1h]) > 0',
    summary: '{{ $value }} records or batches of telemetry could not be read within the hour.',
    action: 'muster telemetry --ledger says from which devices they come.',
  },
  {
    ...{ name: 'MusterBackupFailed', expr: 'muster_backup_failed == 1', lasts: '5m', severity: 'warning' },
    summary: 'The last backup of {{ $labels.instance }} failed.',
    action: 'muster backup list says why.',
  },
  {
    ...{ name: 'MusterBackupOld', lasts: '1h', severity: 'warning' },
    expr: 'time() - muster_backup_last_good_timestamp_seconds > 3 * 86400',
    summary: 'The newest good backup of {{ $labels.instance }} is {{ $value | humanizeDuration }} old.',
    action: 'Make one: muster backup now',
  },
  {
    ...{ name: 'MusterForwardFailing', expr: 'muster_forward_up == 0', lasts: '1h', severity: 'warning' },
    summary: 'Nothing goes out to {{ $labels.forward }} ({{ $labels.kind }}) any more.',
    action: 'muster forward status says why. What there is to send waits.',
  },
  {
    ...{ name: 'MusterSourceFailing', expr: 'muster_source_up == 0', lasts: '1h', severity: 'info' },
    summary: 'The source of models {{ $labels.source }} ({{ $labels.kind }}) cannot be asked.',
    action: 'muster sources list says why.',
  },
  {
    ...{ name: 'MusterExportDropping', expr: 'increase(muster_otlp_dropped_total[15m]) > 0', lasts: '15m', severity: 'info' },
    summary: 'The OTLP export gives up {{ $labels.signal }}.',
    action: 'muster metrics otlp says what the receiver answers.',
  },
]

/** Rules on what agents tell, where they are scraped. */
export const agentRules: readonly AlertRule[] = [
  {
    ...{ name: 'MusterAgentDown', expr: 'up{job="muster-agent"} == 0', lasts: '10m', severity: 'warning' },
    summary: 'The agent at {{ $labels.instance }} cannot be scraped.',
    action: 'Look whether the device is on, and what the console last heard of it.',
  },
  {
    ...{ name: 'MusterModelNotLoaded', expr: 'muster_model_loaded{role="active"} == 0', lasts: '5m', severity: 'critical' },
    summary: '{{ $labels.deployment }} on {{ $labels.instance }} has {{ $labels.model }} {{ $labels.version }}, and cannot load it.',
    action: 'muster-agent status says why.',
  },
  {
    ...{ name: 'MusterAgentErrors', lasts: '10m', severity: 'warning' },
    expr: 'sum by (instance, deployment) (rate(muster_inference_requests_total{code!="ok"}[10m])) / sum by (instance, deployment) (rate(muster_inference_requests_total[10m])) > 0.05',
    summary: '{{ $value | humanizePercentage }} of the requests to {{ $labels.deployment }} on {{ $labels.instance }} fail.',
    action: 'The label code of muster_inference_requests_total says how.',
  },
]
