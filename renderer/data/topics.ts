import type { ChangeTopic } from '../../shared/rpc/frames.ts'

/** What a query's answer depends on, by the domain in front of the method's dot: these topics mean "ask again". */
const topicsOfDomain: Record<string, readonly ChangeTopic[]> = {
  system: ['system', 'devices', 'telemetry', 'transfers', 'setup'],
  setup: ['setup', 'system', 'devices'],
  broker: ['setup', 'system', 'devices'],
  settings: ['setup', 'system', 'transfers'],
  sampleFleet: ['sampleFleet', 'jobs', 'devices'],
  overview: ['devices', 'deployments', 'rollouts', 'models', 'telemetry', 'system', 'setup', 'alerts', 'backups'],
  devices: ['devices', 'deployments'],
  models: ['models', 'deployments', 'devices'],
  sources: ['sources', 'models'],
  // Asking another server costs more than a look.
  mlflow: ['models'],
  deployments: ['deployments', 'devices', 'models'],
  rollouts: ['rollouts', 'devices', 'deployments'],
  approvals: ['approvals', 'models', 'deployments'],
  // Ledgers flow all the time, and a report reads them all: its page asks again by the clock.
  costs: ['costs'],
  access: ['people'],
  people: ['people'],
  tokens: ['people'],
  audit: ['audit'],
  trust: ['trust', 'devices', 'setup', 'people', 'backups', 'audit'],
  keys: ['trust', 'devices', 'models'],
  config: ['config', 'devices'],
  orders: ['deployments', 'devices', 'transfers'],
  carry: ['deployments', 'devices'],
  telemetry: ['telemetry'],
  transfers: ['transfers'],
  jobs: ['jobs'],
  backups: ['backups', 'jobs'],
  privacy: ['privacy', 'devices', 'config'],
  // What waits changes with every record: its page asks again by the clock.
  forward: ['forward'],
  reports: ['reports', 'jobs'],
  // Figures flow all the time: their page asks again by the clock.
  metrics: ['metrics'],
  queries: ['devices'],
  alerts: ['alerts', 'deployments'],
  // Measures flow all the time, and these answers cost more than a look: their screens ask again by the clock.
  monitoring: ['deployments', 'models', 'labelling'],
  // New samples come with every batch; the desk asks again by the clock.
  labelling: ['labelling', 'models'],
  search: ['devices', 'models', 'deployments', 'rollouts'],
}

/** Queries that cost more than a look, whose answer never changes by itself, or that see more than their domain. */
const topicsOfMethod: Record<string, readonly ChangeTopic[]> = {
  'models.inspect': ['models'],
  'models.inspectFile': ['models'],
  'models.try': ['models'],
  'models.examples': ['models'],
  'models.baseline': ['models'],
  'models.aliases': ['models'],
  // An alert that fires holds what the preview is of.
  'deployments.preview': ['deployments', 'devices', 'models', 'alerts'],
  'costs.forecast': ['costs', 'models', 'deployments'],
  // A plan of ten thousand devices costs more than a look: what devices do is asked again by the clock.
  'rollouts.check': ['models'],
  'rollouts.plan': ['models', 'alerts', 'approvals', 'costs'],
  'rollouts.show': ['rollouts', 'devices', 'deployments', 'approvals', 'alerts'],
  // It reads every table: it is asked again when somebody changed what it tells of.
  'privacy.record': ['privacy', 'config', 'people', 'backups'],
  'devices.policy': ['setup', 'system'],
  'devices.timeline': ['devices', 'deployments', 'telemetry'],
}

/** Topics that change all the time under load: a view of them is asked again once in this many ms, not with every batch. */
export const calmMs: Partial<Record<ChangeTopic, number>> = {
  forward: 500,
  telemetry: 2000,
  transfers: 500,
  devices: 500,
  deployments: 500,
  rollouts: 500,
}

/** True if a change of these topics may change what the method answers. */
export function dependsOn(method: string, topics: readonly ChangeTopic[]): boolean {
  const own = topicsOfMethod[method] ?? topicsOfDomain[method.slice(0, method.indexOf('.'))] ?? []
  return topics.some((topic) => own.includes(topic))
}
