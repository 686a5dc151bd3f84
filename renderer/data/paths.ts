import type { LinkTarget } from '../../shared/rpc/contract/link-target.ts'

const part = encodeURIComponent

/** Addresses of the pages, made in one place. */
export const paths = {
  overview: '/',
  devices: (query = '') => (query === '' ? '/devices' : `/devices?${new URLSearchParams({ query }).toString()}`),
  device: (device: string) => `/devices/${part(device)}`,
  enrol: '/enrol',
  models: '/models',
  importModel: '/import',
  modelSources: '/sources',
  importFile: '/import/file',
  model: (model: string) => `/models/${part(model)}`,
  version: (model: string, version: string) => `/models/${part(model)}/${part(version)}`,
  compare: (model: string, left: string, right: string) => `/models/${part(model)}/compare/${part(left)}/${part(right)}`,
  deployments: '/deployments',
  deployment: (deployment: string) => `/deployments?${new URLSearchParams({ deployment }).toString()}`,
  deploymentPage: (deployment: string) => `/deployments/named/${part(deployment)}`,
  carry: '/deployments/carry',
  order: (order: number) => `/deployments/${order}`,
  deploy: (choice: { model?: string; version?: string; deployment?: string; query?: string; as?: string } = {}) => {
    const given = new URLSearchParams(Object.entries(choice).filter(([, value]) => value !== ''))
    return given.size === 0 ? '/deploy' : `/deploy?${given.toString()}`
  },
  rollouts: (filter: { deployment?: string; model?: string } = {}) => {
    const given = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== ''))
    return given.size === 0 ? '/rollouts' : `/rollouts?${given.toString()}`
  },
  rollout: (rollout: number) => `/rollouts/${rollout}`,
  /** The wizard: `rollout` edits a draft, `from` copies a rollout, the others fill its first fields. */
  newRollout: (
    choice: {
      rollout?: number
      from?: number
      model?: string
      version?: string
      deployment?: string
      query?: string
      method?: string
    } = {},
  ) => {
    const given = new URLSearchParams(Object.entries(choice).flatMap(([name, value]) => (value === '' ? [] : [[name, String(value)]])))
    return given.size === 0 ? '/rollouts/new' : `/rollouts/new?${given.toString()}`
  },
  events: '/events',
  monitoring: (deployment = '') => (deployment === '' ? '/monitoring' : `/monitoring?${new URLSearchParams({ deployment }).toString()}`),
  /** Of one version in a deployment; `view` holds what its address may hold besides: tab, device, query, period, reference, feature. */
  monitoringVersion: (of: { deployment: string; model: string; version: string }, view: Readonly<Record<string, string>> = {}) => {
    const given = new URLSearchParams(Object.entries(view).filter(([, value]) => value !== ''))
    const path = `/monitoring/${part(of.deployment)}/${part(of.model)}/${part(of.version)}`
    return given.size === 0 ? path : `${path}?${given.toString()}`
  },
  /** Every deployment of one version. */
  monitoringModel: (model: string, version: string) => `/monitoring?${new URLSearchParams({ model, version }).toString()}`,
  labelling: '/labelling',
  alerts: '/alerts',
  alert: (alert: number) => `/alerts/${alert}`,
  alertsTab: (tab: 'history' | 'rules' | 'budget' | 'silences' | 'channels') => `/alerts?${new URLSearchParams({ tab }).toString()}`,
  alertRule: (rule: string) => `/alerts?${new URLSearchParams({ tab: 'rules', rule }).toString()}`,
  /** The log; `filter` narrows it. */
  audit: (filter: Readonly<Record<string, string>> = {}) => {
    const given = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== ''))
    return given.size === 0 ? '/audit' : `/audit?${given.toString()}`
  },
  auditEntry: (seq: number) => `/audit/${seq}`,
  trust: '/trust',
  keys: '/trust/keys',
  configuration: '/configuration',
  costs: '/costs',
  reports: '/reports',
  reportsTab: (tab: 'schedules' | 'templates' | 'keeping') => `/reports?${new URLSearchParams({ tab }).toString()}`,
  report: (report: number) => `/reports/${report}`,
  /** The form: `template` fills it, and so does `from`, another report. */
  newReport: (choice: { template?: string; from?: number } = {}) => {
    const given = new URLSearchParams(Object.entries(choice).map(([name, value]) => [name, String(value)]))
    return given.size === 0 ? '/reports/new' : `/reports/new?${given.toString()}`
  },
  settings: '/settings',
  /** A document of help, perhaps at one of its headings; all of them without a name. */
  help: (document = '', section = '') =>
    ['/help', document, section]
      .filter(Boolean)
      .map((one, i) => (i === 0 ? one : part(one)))
      .join('/'),
  settingsTab: (tab: string) => `/settings?${new URLSearchParams({ tab }).toString()}`,
  approvalSettings: '/settings?tab=approval',
} as const

/** The address of what the core points at. */
export function pathOf(target: LinkTarget): string {
  switch (target.page) {
    case 'overview':
      return paths.overview
    case 'devices':
      return paths.devices(target.query)
    case 'device':
      return paths.device(target.device)
    case 'models':
      return paths.models
    case 'model':
      return paths.model(target.model)
    case 'version':
      return paths.version(target.model, target.version)
    case 'deployments':
      return paths.deployments
    case 'deployment':
      return paths.deploymentPage(target.deployment)
    case 'rollouts':
      return paths.rollouts()
    case 'rollout':
      return paths.rollout(target.rollout)
    case 'events':
      return paths.events
    case 'alerts':
      return paths.alerts
    case 'alert':
      return paths.alert(target.alert)
    case 'monitoring':
      return paths.monitoring(target.deployment ?? '')
    case 'labelling':
      return paths.labelling
    case 'configuration':
      return paths.configuration
    case 'settings':
      return target.tab === undefined ? paths.settings : paths.settingsTab(target.tab)
  }
}
