import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import type { LocalConsole } from '../../build/demo/local-fleet.ts'

/** Where Debian's Chromium is, or `null`: browser tests then say that they are skipped. */
export function findChromium(): string | null {
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    try {
      const path = execFileSync('which', [name], { encoding: 'utf8' }).trim()
      if (path !== '' && existsSync(path)) return path
    } catch {
      // The next name.
    }
  }
  return null
}

export const SKIPPED_WITHOUT_CHROMIUM =
  'Skipped: no chromium on this machine. Install Debian’s package `chromium` to run the browser tests.'

const quiet = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync']

/** A fresh browser. */
export function launchBrowser(): Promise<Browser> {
  const executablePath = findChromium()
  if (executablePath === null) throw new Error(SKIPPED_WITHOUT_CHROMIUM)
  return chromium.launch({ executablePath, args: quiet })
}

/** What a page must not do: errors and warnings of the console, failed scripts, broken policy. */
export interface PageTrouble {
  messages: string[]
}

/** Opens a page with the key of a console, as its printed address does. */
export async function openPage(
  browser: Browser,
  host: Pick<LocalConsole, 'address'>,
  options: { size?: { width: number; height: number }; scheme?: 'light' | 'dark'; path?: string } = {},
): Promise<{ page: Page; context: BrowserContext; trouble: PageTrouble }> {
  const { size = { width: 1440, height: 900 }, scheme = 'light', path = '/' } = options
  const context = await browser.newContext({ viewport: size, colorScheme: scheme, reducedMotion: 'reduce' })
  const page = await context.newPage()
  const trouble: PageTrouble = { messages: [] }
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') trouble.messages.push(`${message.type()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => trouble.messages.push(`uncaught: ${error.message}`))
  const { url, token } = host.address
  await page.goto(`${url}${path}#key=${token}`)
  return { page, context, trouble }
}
