import { Suspense } from 'react'
import { Link as RouteLink, Route, Switch, useLocation } from 'wouter'
import { EmptyState } from '../components/answered.tsx'
import { Screen } from '../components/screen.tsx'
import { pageFile } from './page-file.tsx'
import { PageGuard } from './page-guard.tsx'

// Each page is a file of its own, fetched when it is first opened or when the pointer or the focus comes near its link.
const files = {
  overview: pageFile(async () => (await import('../screens/overview/overview.tsx')).Overview),
  devices: pageFile(async () => (await import('../screens/devices/devices.tsx')).Devices),
  device: pageFile(async () => (await import('../screens/devices/device.tsx')).Device),
  enrolDevice: pageFile(async () => (await import('../screens/devices/enrol-device.tsx')).EnrolDevice),
  models: pageFile(async () => (await import('../screens/models/models.tsx')).Models),
  importModel: pageFile(async () => (await import('../screens/models/import-model.tsx')).ImportModel),
  importFile: pageFile(async () => (await import('../screens/models/import-file.tsx')).ImportFile),
  modelSources: pageFile(async () => (await import('../screens/models/sources/sources.tsx')).Sources),
  version: pageFile(async () => (await import('../screens/models/version.tsx')).Version),
  compare: pageFile(async () => (await import('../screens/models/compare.tsx')).Compare),
  rollouts: pageFile(async () => (await import('../screens/rollouts/list/rollouts.tsx')).Rollouts),
  newRollout: pageFile(async () => (await import('../screens/rollouts/wizard/new-rollout.tsx')).NewRollout),
  rollout: pageFile(async () => (await import('../screens/rollouts/live/rollout-page.tsx')).RolloutPage),
  deployments: pageFile(async () => (await import('../screens/deployments/deployments.tsx')).Deployments),
  deployment: pageFile(async () => (await import('../screens/deployments/deployment.tsx')).Deployment),
  deploy: pageFile(async () => (await import('../screens/deployments/deploy.tsx')).Deploy),
  order: pageFile(async () => (await import('../screens/deployments/order.tsx')).Order),
  carry: pageFile(async () => (await import('../screens/deployments/carry/carry.tsx')).Carry),
  monitoring: pageFile(async () => (await import('../screens/monitoring/monitoring.tsx')).Monitoring),
  monitoredVersion: pageFile(async () => (await import('../screens/monitoring/version.tsx')).MonitoredVersion),
  labelling: pageFile(async () => (await import('../screens/labelling/labelling.tsx')).Labelling),
  alerts: pageFile(async () => (await import('../screens/alerts/alerts.tsx')).Alerts),
  alert: pageFile(async () => (await import('../screens/alerts/alert-page.tsx')).AlertPage),
  events: pageFile(async () => (await import('../screens/events/events.tsx')).Events),
  audit: pageFile(async () => (await import('../screens/audit/audit.tsx')).Audit),
  auditEntry: pageFile(async () => (await import('../screens/audit/entry-page.tsx')).AuditEntry),
  trust: pageFile(async () => (await import('../screens/trust/trust.tsx')).Trust),
  keys: pageFile(async () => (await import('../screens/trust/keys/keys.tsx')).Keys),
  costs: pageFile(async () => (await import('../screens/costs/costs.tsx')).Costs),
  reports: pageFile(async () => (await import('../screens/reports/reports.tsx')).Reports),
  newReport: pageFile(async () => (await import('../screens/reports/new-report.tsx')).NewReport),
  report: pageFile(async () => (await import('../screens/reports/report-page.tsx')).ReportPage),
  configuration: pageFile(async () => (await import('../screens/configuration/configuration.tsx')).Configuration),
  help: pageFile(async () => (await import('../screens/help/help.tsx')).Help),
  settings: pageFile(async () => (await import('../screens/settings/settings.tsx')).Settings),
}
const Overview = files.overview.Page
const Devices = files.devices.Page
const Device = files.device.Page
const EnrolDevice = files.enrolDevice.Page
const Models = files.models.Page
const ImportModel = files.importModel.Page
const ImportFile = files.importFile.Page
const ModelSources = files.modelSources.Page
const Version = files.version.Page
const Compare = files.compare.Page
const Rollouts = files.rollouts.Page
const NewRollout = files.newRollout.Page
const Rollout = files.rollout.Page
const Deployments = files.deployments.Page
const Deployment = files.deployment.Page
const Deploy = files.deploy.Page
const Order = files.order.Page
const Carry = files.carry.Page
const Monitoring = files.monitoring.Page
const MonitoredVersion = files.monitoredVersion.Page
const Labelling = files.labelling.Page
const Alerts = files.alerts.Page
const Alert = files.alert.Page
const Events = files.events.Page
const Audit = files.audit.Page
const AuditEntry = files.auditEntry.Page
const Trust = files.trust.Page
const Keys = files.keys.Page
const Costs = files.costs.Page
const Reports = files.reports.Page
const NewReport = files.newReport.Page
const Report = files.report.Page
const Configuration = files.configuration.Page
const Settings = files.settings.Page
const Help = files.help.Page

const behindLink: Record<string, readonly { fetch(): void }[]> = {
  '/': [files.overview],
  '/devices': [files.devices, files.device],
  '/models': [files.models, files.modelSources, files.version],
  '/rollouts': [files.rollouts, files.rollout, files.newRollout],
  '/deployments': [files.deployments, files.deployment, files.deploy, files.order, files.carry],
  '/monitoring': [files.monitoring, files.monitoredVersion],
  '/labelling': [files.labelling],
  '/alerts': [files.alerts, files.alert],
  '/events': [files.events],
  '/audit': [files.audit, files.auditEntry],
  '/trust': [files.trust, files.keys],
  '/costs': [files.costs],
  '/reports': [files.reports, files.report, files.newReport],
  '/configuration': [files.configuration],
  '/settings': [files.settings],
  '/help': [files.help],
}

/** Fetches the code of a page of the rail and of what is opened from it. */
export function fetchPage(path: string): void {
  for (const file of behindLink[path] ?? []) file.fetch()
}

/** Which page an address shows. */
export function Routes() {
  const [location] = useLocation()
  return (
    <PageGuard place={location}>
      <Suspense fallback={null}>
        <Switch>
          <Route path="/" component={Overview} />
          <Route path="/devices" component={Devices} />
          <Route path="/enrol" component={EnrolDevice} />
          <Route path="/devices/:device">{({ device }) => <Device key={device} device={device} />}</Route>
          <Route path="/models">{() => <Models />}</Route>
          <Route path="/import" component={ImportModel} />
          <Route path="/import/file" component={ImportFile} />
          <Route path="/sources" component={ModelSources} />
          <Route path="/models/:model">{({ model }) => <Models model={model} />}</Route>
          <Route path="/models/:model/compare/:left/:right">{(part) => <Compare {...part} />}</Route>
          <Route path="/models/:model/:version">
            {({ model, version }) => <Version key={`${model}@${version}`} model={model} version={version} />}
          </Route>
          <Route path="/rollouts" component={Rollouts} />
          <Route path="/rollouts/new" component={NewRollout} />
          <Route path="/rollouts/:rollout">{({ rollout }) => <Rollout key={rollout} rollout={Number(rollout)} />}</Route>
          <Route path="/deployments" component={Deployments} />
          <Route path="/deploy" component={Deploy} />
          <Route path="/deployments/named/:deployment">{({ deployment }) => <Deployment key={deployment} deployment={deployment} />}</Route>
          <Route path="/deployments/carry" component={Carry} />
          <Route path="/deployments/:order">{({ order }) => <Order key={order} order={Number(order)} />}</Route>
          <Route path="/monitoring" component={Monitoring} />
          <Route path="/monitoring/:deployment/:model/:version">
            {(part) => <MonitoredVersion key={`${part.deployment} ${part.model}@${part.version}`} {...part} />}
          </Route>
          <Route path="/labelling" component={Labelling} />
          <Route path="/alerts" component={Alerts} />
          <Route path="/alerts/:alert">{({ alert }) => <Alert key={alert} alert={Number(alert)} />}</Route>
          <Route path="/events" component={Events} />
          <Route path="/audit" component={Audit} />
          <Route path="/audit/:entry">{({ entry }) => <AuditEntry key={entry} entry={Number(entry)} />}</Route>
          <Route path="/trust" component={Trust} />
          <Route path="/trust/keys" component={Keys} />
          <Route path="/costs" component={Costs} />
          <Route path="/reports" component={Reports} />
          <Route path="/reports/new" component={NewReport} />
          <Route path="/reports/:report">{({ report }) => <Report key={report} report={Number(report)} />}</Route>
          <Route path="/configuration" component={Configuration} />
          <Route path="/settings" component={Settings} />
          <Route path="/help">{() => <Help />}</Route>
          <Route path="/help/:name">{({ name }) => <Help name={name} />}</Route>
          <Route path="/help/:name/:section">{({ name, section }) => <Help name={name} section={section} />}</Route>
          <Route>
            <Screen title="Nothing here">
              <EmptyState title="There is no page at this address" actions={<RouteLink href="/">Go to the overview</RouteLink>}>
                The link may be of another version of Muster, or of something that was removed.
              </EmptyState>
            </Screen>
          </Route>
        </Switch>
      </Suspense>
    </PageGuard>
  )
}
