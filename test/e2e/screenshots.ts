import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LocalConsole } from '../../build/demo/local-fleet.ts'
import { launchBrowser, openPage } from '../harness/browser.ts'
import buildUi from './build-ui.ts'
import { prepareSampleFleet, screensOf, visit } from './screens.ts'

// `npm run screenshots`: every page at two sizes, light and dark, of a real console with the sample fleet. The pictures are for looking at;
// those that the README shows are copied by hand, so that a change of them is a decision.
const sizes = [
  { width: 1440, height: 900 },
  { width: 1024, height: 700 },
]
const out = process.argv[2] ?? 'dist/screenshots'
const seconds = Number(process.argv[3] ?? 60)
const directory = mkdtempSync(join(tmpdir(), 'muster-screens-'))

await buildUi()
const host = await LocalConsole.start(join(directory, 'console'), ['--log-level', 'warn', '--fleet', 'Plant Lyon'])
const browser = await launchBrowser()
try {
  mkdirSync(out, { recursive: true })
  const order = await prepareSampleFleet(host.rpc!, { seconds })
  for (const size of sizes) {
    for (const scheme of ['light', 'dark'] as const) {
      const { page, context, trouble } = await openPage(browser, host, { size, scheme })
      await page.getByRole('navigation').waitFor()
      for (const screen of screensOf(order)) {
        await visit(page, screen)
        const file = join(out, `${screen.name}-${size.width}-${scheme}.png`)
        await page.screenshot({ path: file })
        process.stdout.write(`${file}\n`)
      }
      for (const message of trouble.messages) process.stdout.write(`  ${message}\n`)
      await context.close()
    }
  }
} finally {
  await browser.close()
  await host.rpc?.call('sampleFleet.remove', {}).catch(() => undefined)
  await host.stop()
  rmSync(directory, { recursive: true, force: true })
}
