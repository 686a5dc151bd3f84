/** What the title of the window is made of: the page, and how many alerts fire. */
let page = ''
let alerts = 0

/** The title of a page with a count in front, which a tab that is not looked at shows too. */
export function titleText(title: string, count: number): string {
  const whole = title === '' ? 'Muster' : `${title} · Muster`
  return count === 0 ? whole : `(${count}) ${whole}`
}

/** The page that is shown. */
export function showPageTitle(title: string): void {
  page = title
  document.title = titleText(page, alerts)
}

/** How many alerts need somebody. */
export function showAlertCount(count: number): void {
  alerts = count
  document.title = titleText(page, alerts)
}
