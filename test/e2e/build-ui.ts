import { buildParts, isStale } from '../../build/start/fresh-build.ts'
import { build } from 'vite'
import { findChromium, SKIPPED_WITHOUT_CHROMIUM } from '../harness/browser.ts'

/** Builds the UI before the browser tests, if it is missing or older than its source: they run what a user gets, as the console serves it. */
export default async function buildUi(): Promise<void> {
  if (findChromium() === null) {
    process.stdout.write(`${SKIPPED_WITHOUT_CHROMIUM}\n`)
    return
  }
  if (isStale(buildParts.renderer)) await buildAsShipped()
}

/** The test runner says that this is a test, by which React would become its larger and slower form for developers. */
async function buildAsShipped(): Promise<void> {
  const before = process.env['NODE_ENV']
  process.env['NODE_ENV'] = 'production'
  try {
    await build({ configFile: 'build/vite.config.ts', logLevel: 'warn' })
  } finally {
    if (before === undefined) delete process.env['NODE_ENV']
    else process.env['NODE_ENV'] = before
  }
}
