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
} as const satisfies Record<Route['name'], readonly string[]>

/** Finds the route of a request target; `null` if there is none. */
export function routeOf(target: string): Route | null {
  const parts = segments(target)
  if (parts === null || parts[0] !== 'v2') return null
  const [, area, ...rest] = parts
  if (area === undefined) return { name: 'server' }
  if (area === 'health' && rest.length === 1) return rest[0] === 'live' ? { name: 'live' } : rest[0] === 'ready' ? { name: 'ready' } : null
  if (area === 'feedback' && rest.length === 0) return { name: 'feedback', model: null }
  return area === 'models' ? modelRoute(rest) : null
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
