import type { Page } from 'playwright-core'
import { until } from '../../build/demo/child.ts'
import type { LocalConsole } from '../../build/demo/local-fleet.ts'
import { makeSampleRollouts, type SampleRollouts } from './sample-rollouts.ts'

/** A page of the console as the tests and the screenshots visit it. */
export interface ScreenVisit {
  name: string
  path: string
  /** Text that is there when the page has its data. */
  ready: string | RegExp
}

/** What the sample fleet has been through. */
export interface SampleHistory {
  order: number
  rollouts: SampleRollouts
}

/** Pages of rollouts: what is done on evidence, what was taken back, what is being compared. */
function rolloutScreensOf({ done, reverted, comparison }: SampleRollouts): ScreenVisit[] {
  return [
    { name: 'rollouts', path: '/rollouts', ready: 'How it stands' },
    { name: 'rollouts-new', path: '/rollouts/new?model=digits&version=1.1.0', ready: 'Forecast' },
    { name: 'rollout-done', path: `/rollouts/${done}`, ready: /^Done: 2 devices/ },
    { name: 'rollout-done-comparison', path: `/rollouts/${done}?tab=comparison`, ready: 'Over time' },
    { name: 'rollout-devices', path: `/rollouts/${done}?tab=devices&device=oslo-1`, ready: 'oslo-2' },
    { name: 'rollout-events', path: `/rollouts/${done}?tab=events`, ready: /begins/ },
    { name: 'rollout-reverted', path: `/rollouts/${reverted}`, ready: /^Went back/ },
    { name: 'rollout-comparison', path: `/rollouts/${comparison}?tab=comparison`, ready: 'Over time' },
  ]
}

/** Every page, in a fleet that has the sample devices and models. */
export function screensOf({ order, rollouts }: SampleHistory): ScreenVisit[] {
  return [
    { name: 'overview', path: '/', ready: /devices? healthy|online/ },
    { name: 'devices', path: '/devices', ready: 'lyon-1' },
    { name: 'devices-panel', path: '/devices?device=lyon-1', ready: 'lyon-1' },
    { name: 'device', path: '/devices/lyon-1', ready: 'lyon-1' },
    { name: 'enrol', path: '/enrol', ready: /one-time code/i },
    { name: 'models', path: '/models', ready: 'digits' },
    { name: 'version', path: '/models/digits/1.1.0', ready: '1.1.0' },
    { name: 'compare', path: '/models/digits/compare/1.0.0/1.1.0', ready: /accuracy/i },
    { name: 'import', path: '/import', ready: /import/i },
    { name: 'sources', path: '/sources', ready: 'Models come from files only' },
    { name: 'import-file', path: '/import/file', ready: 'Choose a .muster file' },
    ...rolloutScreensOf(rollouts),
    { name: 'deployments', path: '/deployments', ready: 'digits' },
    { name: 'deploy', path: '/deploy?model=digits&version=1.1.0', ready: /deploy/i },
    { name: 'deploy-split', path: '/deploy?model=digits&version=1.1.0&as=split&percent=20', ready: 'Share of the requests' },
    { name: 'deploy-advanced', path: '/deploy?model=digits&version=1.0.0&deadlineMs=500', ready: 'Deadline of a request' },
    { name: 'deployment', path: '/deployments/named/digits', ready: /^Shadow 1\.1\.0 against/ },
    { name: 'order', path: `/deployments/${order}`, ready: 'lyon-1' },
    { name: 'events', path: '/events', ready: 'lyon-1' },
    { name: 'trust', path: '/trust', ready: 'Backups are made, checked and kept' },
    { name: 'audit', path: '/audit', ready: 'Verify the log' },
    { name: 'configuration', path: '/configuration', ready: 'night-mode' },
    { name: 'settings', path: '/settings', ready: 'Id of the fleet' },
    { name: 'settings-broker', path: '/settings?tab=broker', ready: 'Choose another' },
    { name: 'settings-sample', path: '/settings?tab=sample', ready: 'lyon-1' },
    { name: 'settings-use', path: '/settings?tab=use', ready: 'Use of the fleet' },
    { name: 'settings-notifications', path: '/settings?tab=notifications', ready: 'Notifications of alerts' },
    { name: 'settings-backups', path: '/settings?tab=backups', ready: 'Keys in backups' },
    { name: 'settings-metrics', path: '/settings?tab=metrics', ready: 'OpenTelemetry' },
    { name: 'settings-data-out', path: '/settings?tab=data-out', ready: 'Nothing goes out.' },
    { name: 'settings-about', path: '/settings?tab=about', ready: 'Data directory' },
    { name: 'help', path: '/help/operator', ready: 'First start' },
    { name: 'not-found', path: '/nothing/here', ready: 'Nothing here' },
  ]
}

/** Every page of monitoring, alerts and labelling, in a fleet that has a monitored day. @param alert an alert to show */
export function monitoredScreensOf(alert: number): ScreenVisit[] {
  const version = '/monitoring/wine/wine/1.0.0'
  const views = ['health', 'drift', 'data', 'quality', 'devices'] as const
  const ready = { health: /requests/i, drift: 'alcohol', data: 'ash', quality: /accuracy/i, devices: 'sensor-1' } as const
  const tabs = ['open', 'history', 'rules', 'budget', 'silences', 'channels'] as const
  return [
    { name: 'monitoring', path: '/monitoring', ready: 'wine' },
    { name: 'monitoring-devices', path: '/monitoring?by=device', ready: 'sensor-1' },
    ...views.map((tab) => ({ name: `monitoring-${tab}`, path: `${version}?tab=${tab}`, ready: ready[tab] })),
    { name: 'monitoring-feature', path: `${version}?tab=drift&feature=alcohol`, ready: /alcohol has drifted/i },
    ...tabs.map((tab) => ({ name: `alerts-${tab}`, path: `/alerts?tab=${tab}`, ready: /alert/i })),
    { name: 'alert', path: `/alerts/${alert}`, ready: /training/i },
    ...['desk', 'disputes', 'labelled', 'agreement'].map((tab) => ({
      ...{ name: `labelling-${tab}`, path: `/labelling?tab=${tab}`, ready: /label/i },
    })),
    { name: 'device-monitored', path: '/devices/sensor-1', ready: /peers/i },
  ]
}

/** Every page of reports, in a fleet that has some. @param report one that was made */
export function reportScreensOf(report: number): ScreenVisit[] {
  return [
    { name: 'reports', path: '/reports', ready: 'Fleet' },
    { name: 'reports-panel', path: `/reports?report=${report}`, ready: 'Take it along' },
    { name: 'report', path: `/reports/${report}`, ready: 'Take it along' },
    { name: 'reports-new', path: '/reports/new', ready: 'Make the report' },
    { name: 'reports-schedules', path: '/reports?tab=schedules', ready: /each week at/i },
    { name: 'reports-templates', path: '/reports?tab=templates', ready: 'weekly-fleet' },
    { name: 'reports-keeping', path: '/reports?tab=keeping', ready: 'Reports that people asked for' },
  ]
}

/** Opens a page within the running UI, as a link does, and waits for its data. */
export async function visit(page: Page, { path, ready }: ScreenVisit): Promise<void> {
  await page.goto(new URL(path, page.url()).href)
  await page.getByText(ready).first().waitFor({ timeout: 20_000 })
  // Charts measure their box after the first paint.
  await page.waitForTimeout(400)
}

/** Starts the sample fleet, lets it answer for a while, orders a newer version of digits, puts it as shadow beside the older elsewhere, and rolls out wine. */
export async function prepareSampleFleet(host: LocalConsole, { seconds }: { seconds: number }): Promise<SampleHistory> {
  const rpc = host.rpc!
  if (!(await rpc.call('setup.show', {})).isDone)
    await rpc.call('setup.complete', {
      fleetName: 'Plant Lyon',
      broker: (await rpc.call('setup.show', {})).broker.kind === 'embedded' ? { kind: 'embedded', port: 0 } : never(),
    })
  const { job } = await rpc.call('sampleFleet.start', {})
  await until('the sample fleet to run', 90, async () => {
    const shown = await rpc.call('jobs.show', { job })
    if (shown.state === 'failed') throw new Error(shown.problem?.message ?? 'the sample fleet failed')
    return shown.state === 'done'
  })
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  const applied = await rpc.call('deployments.apply', { query: 'site = lyon', model: 'digits', version: '1.1.0' })
  if (applied.order === null) throw new Error('nothing was ordered')
  const { order } = applied
  await until('the order to end', 60, async () => (await rpc.call('orders.show', { order })).state !== 'running')
  const shadow = await rpc.call('deployments.apply', { query: 'site = oslo', model: 'digits', version: '1.1.0', as: 'shadow' })
  const group = { scope: 'group', group: 'lyon' } as const
  await rpc.call('config.set', { target: group, query: 'site = lyon', settings: { logLevel: 'info', flags: { 'night-mode': true } } })
  await until('the shadow to be compared', 60, async () => {
    const { state } = await rpc.call('orders.show', { order: shadow.order! })
    if (state === 'failed') throw new Error('a device refused the shadow')
    return (await rpc.call('telemetry.shadow', { deployment: 'digits' })).comparisons.length > 0
  })
  return { order, rollouts: await makeSampleRollouts(host) }
}

function never(): never {
  throw new Error('the console of the browser tests has its own broker')
}
