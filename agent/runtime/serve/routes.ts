import { absoluteTarget } from './guard.ts'

/** What a request asks for. `version` is null where the path names none. */
export type Route =
  | { name: 'server' }
  | { name: 'live' }
  | { name: 'ready' }
  | { name: 'models' }
  | { name: 'model'; model: string; version: string | null }
  | { name: 'modelReady'; model: string; version: string | null }
  | { name: 'infer'; model: string; version: string | null }
  | { name: 'feedback'; model: string | null }
  | { name: 'metrics' }
  | ControlRoute

/** What applications on the device ask of the agent, under `/v1`. */
export type ControlRoute = { name: 'lock' } | { name: 'revert'; deployment: string } | { name: 'status' } | { name: 'config' }

/** Methods of each route, as `Allow` lists them. */
export const methods = {
  server: ['GET', 'HEAD'],
  live: ['GET', 'HEAD'],
  ready: ['GET', 'HEAD'],
  models: ['GET', 'HEAD'],
  model: ['GET', 'HEAD'],
  modelReady: ['GET', 'HEAD'],
  infer: ['POST'],
  feedback: ['POST'],
  metrics: ['GET', 'HEAD'],
  lock: ['GET', 'HEAD', 'POST', 'DELETE'],
  revert: ['POST'],
  status: ['GET', 'HEAD'],
  config: ['GET', 'HEAD'],
} as const satisfies Record<Route['name'], readonly string[]>

/** Targets that were asked for lately: a client asks for the same few again and again. */
const lately = new Map<string, Route>()
const MOST_LATELY = 64
const MOST_CHARACTERS = 256

/** Finds the route of a request target; `null` if there is none. */
export function routeOf(target: string): Route | null {
  const known = lately.get(target)
  if (known !== undefined) return known
  const route = findRoute(target)
  if (route !== null && target.length <= MOST_CHARACTERS) {
    if (lately.size >= MOST_LATELY) lately.clear()
    lately.set(target, route)
  }
  return route
}

function findRoute(target: string): Route | null {
  const parts = segments(target)
  if (parts === null) return null
  if (parts[0] === 'metrics' && parts.length === 1) return { name: 'metrics' }
  if (parts[0] === 'v1') return controlRoute(parts.slice(1))
  if (parts[0] !== 'v2') return null
  const [, area, ...rest] = parts
  if (area === undefined) return { name: 'server' }
  if (area === 'health' && rest.length === 1) return rest[0] === 'live' ? { name: 'live' } : rest[0] === 'ready' ? { name: 'ready' } : null
  if (area === 'feedback' && rest.length === 0) return { name: 'feedback', model: null }
  return area === 'models' ? modelRoute(rest) : null
}

function controlRoute([area, deployment, ...rest]: readonly string[]): ControlRoute | null {
  if (area === 'revert' && deployment !== undefined && deployment !== '' && rest.length === 0) return { name: 'revert', deployment }
  if (deployment !== undefined) return null
  return area === 'lock' || area === 'status' || area === 'config' ? { name: area } : null
}

function modelRoute(parts: readonly string[]): Route | null {
  const [model, ...rest] = parts
  if (model === undefined) return { name: 'models' }
  if (rest[0] === 'versions' && rest[1] === '') return null
  const isVersioned = rest[0] === 'versions' && rest[1] !== undefined
  const version = isVersioned ? rest[1]! : null
  const [action, ...beyond] = isVersioned ? rest.slice(2) : rest
  if (beyond.length > 0) return null
  if (action === undefined) return { name: 'model', model, version }
  if (action === 'ready') return { name: 'modelReady', model, version }
  if (action === 'infer') return { name: 'infer', model, version }
  return action === 'feedback' && version === null ? { name: 'feedback', model } : null
}

/** Decoded path segments; a query is ignored, one slash at the end is allowed. */
function segments(target: string): string[] | null {
  const path = target.replace(absoluteTarget, '').split('?', 1)[0]!
  if (!path.startsWith('/')) return null
  const raw = path.slice(1).split('/')
  if (raw.at(-1) === '') raw.pop()
  try {
    return raw.map((segment) => decodeURIComponent(segment))
  } catch {
    return null
  }
}
