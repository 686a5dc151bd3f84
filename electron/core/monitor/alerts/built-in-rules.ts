import { alertRuleInput, type AlertRuleInput } from '../../../../shared/domain/alert.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

type Given = Pick<AlertRuleInput, 'name' | 'summary' | 'condition'> & Partial<AlertRuleInput>

/**
 * Rules that are there from the first day. Each speaks only where a person would act; each names its runbook. Those that need a number of the
 * person (a limit of the latency) are off until somebody sets it.
 */
const given: Record<string, Given> = {
  'device-offline': {
    name: 'Device offline',
    summary: 'A device that was connected has been away for a quarter of an hour.',
    condition: { kind: 'absence', of: 'connection', forMs: 15 * MINUTE },
    per: 'device',
    clearMs: MINUTE,
  },
  'no-telemetry': {
    name: 'No telemetry',
    summary: 'A device is connected and runs a model, but none of its records have come for half an hour.',
    condition: { kind: 'absence', of: 'telemetry', forMs: 30 * MINUTE },
    per: 'device',
    clearMs: MINUTE,
  },
  'deployment-silent': {
    name: 'Deployment silent',
    summary: 'A deployment that answered requests has had none for a day, although its devices are connected.',
    condition: { kind: 'absence', of: 'inference', forMs: DAY },
    severity: 'info',
    per: 'version',
    clearMs: MINUTE,
  },
  'error-budget-fast': {
    name: 'Error budget burns fast',
    summary: 'Requests fail so often that two percent of the errors accepted in 30 days are spent within an hour.',
    condition: { kind: 'budget', objective: 0.999, periodMs: 30 * DAY, burn: 14.4, longMs: HOUR },
    severity: 'critical',
    holdsReleases: true,
    clearMs: 5 * MINUTE,
  },
  'error-budget-slow': {
    name: 'Error budget burns slowly',
    summary: 'Requests fail so often that five percent of the errors accepted in 30 days are spent within six hours.',
    condition: { kind: 'budget', objective: 0.999, periodMs: 30 * DAY, burn: 6, longMs: 6 * HOUR },
    clearMs: 15 * MINUTE,
  },
  'latency-p95': {
    name: 'Latency above its limit',
    summary: 'The 95th percentile of the latency is above the limit. Set the limit that the application needs, then switch the rule on.',
    condition: { kind: 'threshold', metric: 'latency-p95', is: 'above', value: 100, overMs: 5 * MINUTE },
    isEnabled: false,
    forMs: 10 * MINUTE,
  },
  drift: {
    name: 'Drift of a version',
    summary:
      'What goes into a version, or what it answers, is another distribution than its training rows: by effect, evidence and persistence.',
    condition: { kind: 'drift', reference: 'training', level: 'alarm', roles: ['feature', 'outcome', 'confidence'], windowMs: HOUR },
    clearMs: 0,
  },
  'drift-against-peers': {
    name: 'Device differs from its peers',
    summary: 'One device sees other inputs than all others that run the same version in the same time.',
    condition: { kind: 'drift', reference: 'peers', level: 'alarm', roles: ['feature', 'outcome', 'confidence'], windowMs: HOUR },
    per: 'device',
    clearMs: 0,
  },
  'data-quality': {
    name: 'Data quality of a version',
    summary: 'More values of a feature are missing, wrong, out of range, outlying or unseen than in the training rows.',
    condition: { kind: 'data-quality', causes: ['missing', 'wrong-type', 'infinite', 'out-of-range', 'outlier', 'unseen'], windowMs: HOUR },
    clearMs: 0,
  },
  'data-quality-of-device': {
    name: 'Data quality of a device',
    summary: 'One device sends bad values that do not show in the whole of its version.',
    condition: { kind: 'data-quality', causes: ['missing', 'wrong-type', 'infinite', 'out-of-range', 'outlier', 'unseen'], windowMs: HOUR },
    per: 'device',
    clearMs: 0,
  },
  detector: {
    name: 'Detector on a device',
    summary: 'A sequential detector on a device said that errors or latency changed.',
    // What devices find in features and in the confidence, the rules of drift tell, with the evidence of windows: it would be the same cause twice.
    condition: { kind: 'detector', detectors: ['detector.errors', 'detector.latency'] },
    per: 'device',
    clearMs: HOUR,
  },
  'accuracy-drop': {
    name: 'Accuracy has fallen',
    summary:
      'Accuracy measured with labels is at least five points below that on the reference rows, and the interval of the difference leaves out that it is not.',
    condition: { kind: 'quality', drop: 0.05, overMs: 7 * DAY, leastLabels: 50 },
    severity: 'critical',
    holdsReleases: true,
    clearMs: HOUR,
  },
  'audit-rolled-back': {
    name: 'Audit log rolled back',
    summary: 'A device keeps a signed checkpoint that the audit log does not extend: entries are gone, or others now.',
    condition: { kind: 'trust', of: ['audit.rolled-back'] },
    severity: 'critical',
    per: 'device',
    clearMs: 0,
  },
  'device-cloned': {
    name: 'Device seen twice',
    summary: 'Two machines use the identity of one device: its folder was copied, or its keys are in other hands.',
    condition: { kind: 'trust', of: ['device.cloned'] },
    severity: 'critical',
    per: 'device',
    clearMs: 0,
  },
  'certificate-ending': {
    name: 'Certificate of a device ends',
    summary: 'A connected device has not renewed its certificate, which ends within a week: it would be shut out then.',
    condition: { kind: 'trust', of: ['certificate.ending'] },
    per: 'device',
    clearMs: 0,
  },
  'backup-failed': {
    name: 'Backup failed',
    summary: 'The last backup of the console failed, or none was made for a whole day after one was due.',
    condition: { kind: 'trust', of: ['backup.failed'] },
    per: 'fleet',
    clearMs: 0,
  },
  'disk-low': {
    name: 'Disk nearly full',
    summary: 'Less than a twentieth of the disk of a device is free: new versions and records may find no place.',
    condition: { kind: 'threshold', metric: 'disk-free', is: 'below', value: 0.05, overMs: 10 * MINUTE },
    per: 'device',
    forMs: 10 * MINUTE,
  },
  'memory-low': {
    name: 'Memory nearly full',
    summary: 'Less than a twentieth of the memory of a device is free.',
    condition: { kind: 'threshold', metric: 'memory-free', is: 'below', value: 0.05, overMs: 10 * MINUTE },
    per: 'device',
    forMs: 15 * MINUTE,
  },
  temperature: {
    name: 'Device too hot',
    summary: 'A device is above 85 °C: processors of small boards slow down there.',
    condition: { kind: 'threshold', metric: 'temperature', is: 'above', value: 85, overMs: 5 * MINUTE },
    per: 'device',
    forMs: 10 * MINUTE,
  },
}

/** The built-in rules by name, as they are delivered. */
export const builtInRules: ReadonlyMap<string, AlertRuleInput> = new Map(
  Object.entries(given).map(([rule, settings]) => [rule, alertRuleInput.parse({ runbook: rule, ...settings })]),
)
