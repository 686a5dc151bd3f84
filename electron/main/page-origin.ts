/** The scheme of the window's page, registered before the application is ready. */
export const pageScheme = 'app'
/** The origin of the window's page; nothing else is ever shown in the window. */
export const pageOrigin = 'app://muster'

/** The address of a page of the console within the window. */
export function pageUrl(path: string): string {
  return `${pageOrigin}${path}`
}
