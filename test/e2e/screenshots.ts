import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { until } from '../../build/demo/child.ts'
import { LocalConsole } from '../../build/demo/local-fleet.ts'
import { launchBrowser, openPage } from '../harness/browser.ts'
import { bringOnline, fillFleet } from '../harness/large-fleet.ts'
import { fillMonitoredDay } from '../harness/monitored-day.ts'
import { publishedPictures } from '../harness/published-pictures.ts'
import { fillReportDays } from '../harness/report-days.ts'
import { playScene } from '../harness/rollout-scenes.ts'
import buildUi from './build-ui.ts'
import { largeWizard, rolloutScenes } from './rollout-pictures.ts'
import { prepareReports } from './prepare-reports.ts'
import { monitoredScreensOf, prepareSampleFleet, reportScreensOf, screensOf, visit, type ScreenVisit } from './screens.ts'

// `npm run screenshots`: every page at two sizes, light and dark, of a real console with the sample fleet. The pictures are for looking at;
// those that README and guides show are replaced only where the part `publish` is asked for, so that a change of them is a decision.
// Arguments: folder, seconds of the sample fleet, parts.
const sizes = [
  { width: 1440, height: 900 },
  { width: 1024, height: 700 },
]
const out = process.argv[2] ?? 'dist/screenshots'
const seconds = Number(process.argv[3] ?? 60)
const parts = (process.argv[4] ?? 'sample,day,rollouts,reports').split(',')
const directory = mkdtempSync(join(tmpdir(), 'muster-screens-'))

await buildUi()
mkdirSync(out, { recursive: true })
const browser = await launchBrowser()
try {
  if (parts.includes('sample')) await takeSampleFleet()
  if (parts.includes('day')) await takeMonitoredDay()
  if (parts.includes('rollouts')) await takeRollouts()
  if (parts.includes('reports')) await takeReports()
  if (parts.includes('publish')) publish()
} finally {
  await browser.close()
  rmSync(directory, { recursive: true, force: true })
}

async function takeSampleFleet(): Promise<void> {
  const host = await LocalConsole.start(join(directory, 'console'), ['--log-level', 'warn', '--fleet', 'Plant Lyon'])
  try {
    await takeAll(host, screensOf(await prepareSampleFleet(host, { seconds })))
  } finally {
    await host.rpc?.call('sampleFleet.remove', {}).catch(() => undefined)
    await host.stop()
  }
}

/** Monitoring, alerts and labelling: they show what came of hours, which nobody waits for. */
async function takeMonitoredDay(): Promise<void> {
  const day = join(directory, 'day')
  const { devices } = await fillMonitoredDay(day)
  const host = await LocalConsole.start(day, ['--log-level', 'warn'])
  try {
    bringOnline(day, devices)
    const firing = await until('the built-in rules to fire', 60, async () => {
      const { alerts } = await host.rpc!.call('alerts.list', { state: 'firing' })
      return alerts.length >= 4 ? alerts : null
    })
    await takeAll(host, monitoredScreensOf(firing.find(({ subject }) => subject.feature === 'alcohol')!.alert))
  } finally {
    await host.stop()
  }
}

/** Rollouts of full size: a plan over three hundred devices, and scenes that nobody waits for. */
async function takeRollouts(): Promise<void> {
  const data = join(directory, 'rollouts')
  const { online } = await fillFleet(data, { devices: 300, minutes: 10 })
  const host = await LocalConsole.start(data, ['--log-level', 'warn'])
  try {
    bringOnline(data, online)
    await until('the devices to be there', 60, async () => (await host.rpc!.call('overview.show', {})).online > 100)
    await takeAll(host, [largeWizard])
    for (const [scene, screens] of rolloutScenes(Date.now())) await takeAll(host, screens, (page) => playScene(page, scene))
  } finally {
    await host.stop()
  }
}

/** Reports of three weeks of a small fleet. */
async function takeReports(): Promise<void> {
  const data = join(directory, 'reports')
  fillReportDays(data, { devices: 12, days: 21, now: Date.now() })
  const host = await LocalConsole.start(data, ['--log-level', 'warn'])
  try {
    await takeAll(host, reportScreensOf(await prepareReports(host)))
  } finally {
    await host.stop()
  }
}

/** Puts the shots that documents show in their place; what was not taken stays as it is. */
function publish(): void {
  for (const [picture, shot] of Object.entries(publishedPictures))
    if (existsSync(join(out, shot))) copyFileSync(join(out, shot), join('build/screenshots', picture))
    else process.stdout.write(`${picture} stays: there is no ${shot}\n`)
}

async function takeAll(
  host: LocalConsole,
  screens: readonly ScreenVisit[],
  prepare: (page: Page) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  for (const size of sizes) {
    for (const scheme of ['light', 'dark'] as const) {
      const { page, context, trouble } = await openPage(browser, host, { size, scheme })
      await page.getByRole('navigation').waitFor()
      await prepare(page)
      for (const screen of screens) {
        await visit(page, screen)
        const file = join(out, `${screen.name}-${size.width}-${scheme}.png`)
        await page.screenshot({ path: file })
        process.stdout.write(`${file}\n`)
      }
      for (const message of trouble.messages) process.stdout.write(`  ${message}\n`)
      await context.close()
    }
  }
}
