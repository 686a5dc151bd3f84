import type { Page } from 'playwright-core'
import { violations } from './axe.ts'

/** Where something must lie that no page may push out of its window. */
const frames = ['main', '[role="dialog"]']

/** What is wrong with the page as it stands: it scrolls sideways, or what axe finds serious. */
export async function faultsOf(page: Page): Promise<string[]> {
  const wide = await page.evaluate(
    (selectors) =>
      document.documentElement.scrollWidth > innerWidth
        ? ['document']
        : selectors.filter((selector) => [...document.querySelectorAll(selector)].some((one) => one.scrollWidth > one.clientWidth + 1)),
    frames,
  )
  return [...wide.map((name) => `${name} scrolls sideways`), ...(await violations(page))]
}
