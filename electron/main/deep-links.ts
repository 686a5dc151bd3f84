import { deploymentName, deviceId, modelName, modelVersionName } from '../../shared/domain/ids.ts'

const SCHEME = 'muster://'
/** Longest address that is looked at: a scheme, a word and two names of 64 letters. */
const MOST_LENGTH = 200

/** The scheme under which the system hands addresses to the console. */
export const deepLinkScheme = 'muster'

/**
 * The page that a `muster://` address names, or `null`: `device/<id>`, `model/<name>`, `model/<name>/<version>`, `deployment/<name>`, `order/<number>`.
 * Any web page and any mail can carry such an address, so it only ever opens a page; it is compared with the shapes of ids as it stands,
 * nothing in it is decoded.
 */
export function pathOfDeepLink(link: string): string | null {
  if (link.length > MOST_LENGTH || !link.toLowerCase().startsWith(SCHEME)) return null
  // Some systems add a slash at the end.
  const [kind, first, second, ...rest] = link.slice(SCHEME.length).replace(/\/$/, '').split('/')
  if (first === undefined || rest.length > 0) return null
  if (kind === 'device' && second === undefined && deviceId.safeParse(first).success) return `/devices/${first}`
  if (kind === 'deployment' && second === undefined && deploymentName.safeParse(first).success) return deploymentPath(first)
  if (kind === 'order' && second === undefined && /^[1-9]\d{0,14}$/.test(first)) return `/deployments/${first}`
  if (kind !== 'model' || !modelName.safeParse(first).success) return null
  if (second === undefined) return `/models/${first}`
  return modelVersionName.safeParse(second).success ? `/models/${first}/${second}` : null
}

/** The page that shows one deployment; a path below /deployments is an order. */
export function deploymentPath(deployment: string): string {
  return `/deployments?deployment=${deployment}`
}

/** The page of the first address among arguments of a command line, where Windows and Linux put it. */
export function pathInArguments(argv: readonly string[]): string | null {
  const link = argv.find((argument) => argument.toLowerCase().startsWith(SCHEME))
  return link === undefined ? null : pathOfDeepLink(link)
}
