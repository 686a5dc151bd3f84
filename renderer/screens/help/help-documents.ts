/** A document that the console carries with it. */
export interface HelpDocument {
  /** Its name in addresses. */
  name: string
  title: string
  kind: 'guide' | 'reference'
  /** What it is for, in one sentence. */
  summary: string
  /** Where it lies in the repository. */
  path: string
}

/** Guides in the order in which a new person reads them, then what they refer to. */
export const helpDocuments: readonly HelpDocument[] = [
  {
    name: 'install',
    title: 'Installation guide',
    kind: 'guide',
    summary: 'From this folder, as a package for a desktop, in containers, on Kubernetes.',
    path: 'build/guides/install.md',
  },
  {
    name: 'operator',
    title: 'Operator’s guide',
    kind: 'guide',
    summary: 'From the first start to a release, an alert, a report and a hand-over.',
    path: 'build/guides/operator.md',
  },
  {
    name: 'agent',
    title: 'Agent guide',
    kind: 'guide',
    summary: 'Put the agent on a device, join, ask it, keep it in order, and work without a network.',
    path: 'build/guides/agent.md',
  },
  {
    name: 'security',
    title: 'Security guide',
    kind: 'guide',
    summary: 'Switch the guards on one after the other: accounts, TLS, keys in the hands of people, audit, privacy, backups.',
    path: 'build/guides/security.md',
  },
  {
    name: 'integration',
    title: 'Integration guide',
    kind: 'guide',
    summary: 'Pipelines, tokens, MLflow, Prometheus, OpenTelemetry, webhooks, PostgreSQL, a broker of yours, and the interface itself.',
    path: 'build/guides/integration.md',
  },
  {
    name: 'runbooks',
    title: 'Runbooks',
    kind: 'guide',
    summary: 'What each alert means, what to look at and what to do.',
    path: 'build/guides/runbooks.md',
  },
  {
    name: 'architecture',
    title: 'Architecture',
    kind: 'guide',
    summary: 'Processes, the way of a message, and the decisions that the code rests on.',
    path: 'build/guides/architecture.md',
  },
  {
    name: 'contributing',
    title: 'Contributing',
    kind: 'guide',
    summary: 'How the repository is laid out, checked and tested, and what a change consists of.',
    path: 'build/guides/contributing.md',
  },
  {
    name: 'security-in-full',
    title: 'Security in full',
    kind: 'reference',
    summary: 'Threats, what stops each, the test that shows it, and what stays open.',
    path: 'SECURITY.md',
  },
  {
    name: 'agent-in-full',
    title: 'The agent in full',
    kind: 'reference',
    summary: 'Slots, local interface, what is counted and masked, isolation, preflight.',
    path: 'agent/README.md',
  },
  {
    name: 'bundles',
    title: 'What a bundle declares',
    kind: 'reference',
    summary: 'Columns, pictures, preprocessing, postprocessing and rules around a model.',
    path: 'shared/inference/README.md',
  },
  {
    name: 'words',
    title: 'Words, queries and error codes',
    kind: 'reference',
    summary: 'The words of the product, the query language, and every error code with what to do.',
    path: 'shared/domain/README.md',
  },
  {
    name: 'interface',
    title: 'Interface of the console',
    kind: 'reference',
    summary: 'Every method, with the role that it asks for.',
    path: 'shared/rpc/README.md',
  },
  {
    name: 'protocol',
    title: 'Protocol',
    kind: 'reference',
    summary: 'What travels between console and device, topic by topic.',
    path: 'shared/protocol/README.md',
  },
  {
    name: 'alerts',
    title: 'Alerts in full',
    kind: 'reference',
    summary: 'The life of an alert, the budget of false alarms, who is told.',
    path: 'electron/core/monitor/alerts/README.md',
  },
  {
    name: 'rollouts',
    title: 'Rollouts in full',
    kind: 'reference',
    summary: 'The engine of rollouts, and what they rest on.',
    path: 'electron/core/rollout/README.md',
  },
  {
    name: 'backups',
    title: 'Backups in full',
    kind: 'reference',
    summary: 'What a backup holds, and what a restore does.',
    path: 'electron/core/backup/README.md',
  },
  {
    name: 'reports',
    title: 'Reports',
    kind: 'reference',
    summary: 'How reports are made, signed and compared with the store, and what their figures mean.',
    path: 'electron/core/report/README.md',
  },
  {
    name: 'metrics',
    title: 'Metrics',
    kind: 'reference',
    summary: 'Every metric of console and agents, with its labels.',
    path: 'shared/metrics/README.md',
  },
  {
    name: 'sources',
    title: 'Places that models come from',
    kind: 'reference',
    summary: 'MLflow and watched folders: what is taken, what is refused, where the console goes to.',
    path: 'electron/core/registry/sources/README.md',
  },
  {
    name: 'data-out',
    title: 'Data out',
    kind: 'reference',
    summary: 'Events to webhooks, the copy in PostgreSQL, and collectors.',
    path: 'electron/core/forward/README.md',
  },
  {
    name: 'muster-files',
    title: 'Exported versions',
    kind: 'reference',
    summary: 'What a .muster file holds, and what is checked at its import.',
    path: 'electron/core/registry/bundle-archive/README.md',
  },
  {
    name: 'packages',
    title: 'Packages of the desktop',
    kind: 'reference',
    summary: 'Every target of npm run package, with what it needs and what it brings.',
    path: 'build/package/README.md',
  },
  {
    name: 'containers',
    title: 'Containers',
    kind: 'reference',
    summary: 'The images, their variables, and the page behind them.',
    path: 'build/docker/README.md',
  },
  {
    name: 'chart',
    title: 'Chart of the console',
    kind: 'reference',
    summary: 'The console on Kubernetes.',
    path: 'build/helm/muster/README.md',
  },
]
