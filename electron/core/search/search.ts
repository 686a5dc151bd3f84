import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { RosterEntry } from '../store/fleet/roster-rows.ts'

type Result = ResultOf<'search.all'>['results'][number]

/** Something that can be found: by its title, or by another text that is said of it. */
interface Findable {
  result: Result
  texts: readonly string[]
}

const MOST_ROLLOUTS = 500

/** Kinds in the order in which equally good results stand. */
const kindRank: Record<Result['kind'], number> = { page: 0, device: 1, deployment: 2, rollout: 3, model: 4, version: 5, query: 6 }

/** The best results for a text: equal before prefix, prefix before the beginning of a word, and that before anywhere. */
export function searchAll(store: FleetStore, text: string, limit: number): Result[] {
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return []
  const found: { result: Result; score: number }[] = []
  const consider = ({ result, texts }: Findable): void => {
    // What is said of a thing counts less than its name.
    let best = score(result.title, wanted)
    for (const one of texts) best = Math.min(best, score(one, wanted) + 0.5)
    if (Number.isFinite(best)) found.push({ result, score: best })
  }
  for (const page of pages) consider(page)
  const entries = store.roster.all()
  for (const entry of entries) considerDevice(entry, wanted, (result, at) => found.push({ result, score: at }))
  for (const one of deployments(entries)) consider(one)
  for (const one of rollouts(store)) consider(one)
  for (const one of versions(store)) consider(one)
  for (const one of queries(store)) consider(one)
  return found
    .sort((a, b) => a.score - b.score || kindRank[a.result.kind] - kindRank[b.result.kind] || (a.result.title < b.result.title ? -1 : 1))
    .slice(0, limit)
    .map(({ result }) => result)
}

/** 0 equal, 1 prefix, 2 beginning of a word, 3 anywhere; infinite: not at all. */
function score(text: string, wanted: string): number {
  const at = text.toLowerCase().indexOf(wanted)
  if (at < 0) return Number.POSITIVE_INFINITY
  if (at === 0) return text.length === wanted.length ? 0 : 1
  return /[\s@._-]/.test(text[at - 1]!) ? 2 : 3
}

/** There may be 10,000: the result is only made for one that is found. */
function considerDevice({ row, state }: RosterEntry, wanted: string, found: (result: Result, score: number) => void): void {
  const result = (detail: string): Result => ({
    kind: 'device',
    title: row.device,
    detail: detail.slice(0, 600),
    target: { page: 'device', device: row.device },
  })
  let best = score(row.device, wanted)
  let detail = state.health
  const consider = (text: string, said: () => string): void => {
    const at = score(text, wanted) + 0.5
    if (at >= best) return
    best = at
    detail = `${state.health}, ${said()}` as typeof detail
  }
  const hostname = row.reported?.facts.hostname ?? ''
  if (hostname !== row.device) consider(hostname, () => `host ${hostname}`)
  for (const [name, value] of Object.entries(row.labels)) {
    consider(value, () => `${name} = ${value}`)
    consider(name, () => `label ${name}`)
  }
  if (Number.isFinite(best)) found(result(detail), best)
}

function deployments(entries: readonly RosterEntry[]): Findable[] {
  const devices = new Map<string, number>()
  for (const { orders } of entries) for (const { deployment } of orders) devices.set(deployment, (devices.get(deployment) ?? 0) + 1)
  return [...devices].map(([deployment, count]) => ({
    result: { kind: 'deployment', title: deployment, detail: `Deployment on ${count} devices`, target: { page: 'deployment', deployment } },
    texts: [],
  }))
}

/** The newest; an older one is found in the list of rollouts. */
function rollouts(store: FleetStore): Findable[] {
  const all = { states: null, deployment: null, model: null, isComparison: null }
  return store.rollouts.page(all, { before: null, limit: MOST_ROLLOUTS }).rollouts.map(({ id, name, state, model, version }) => ({
    result: {
      kind: 'rollout',
      title: `Rollout ${id}`,
      detail: `${name}, ${state}`.slice(0, 600),
      target: { page: 'rollout', rollout: id },
    },
    texts: [name, `#${id}`, `${model}@${version}`, `${model} ${version}`],
  }))
}

function versions(store: FleetStore): Findable[] {
  const all = store.versionNames.all()
  const models = Map.groupBy(all, (one) => one.model)
  return [
    ...[...models].map(([model, of]): Findable => {
      const detail = `Model with ${of.length} version${of.length === 1 ? '' : 's'}`
      return { result: { kind: 'model', title: model, detail, target: { page: 'model', model } }, texts: [] }
    }),
    ...all.map(({ model, version, digest }): Findable => {
      const target = { page: 'version' as const, model, version }
      return {
        result: { kind: 'version', title: `${model}@${version}`, detail: `Version, digest ${digest.slice(0, 12)}`, target },
        texts: [`${model} ${version}`, version, digest],
      }
    }),
  ]
}

function queries(store: FleetStore): Findable[] {
  return store.savedQueries.all('devices').map((saved) => ({
    result: {
      kind: 'query',
      title: saved.name,
      detail: (saved.query === '' ? 'Saved query: all devices' : `Saved query: ${saved.query}`).slice(0, 600),
      target: { page: 'devices', query: saved.query },
    },
    texts: [saved.query],
  }))
}

const page = (title: string, detail: string, target: Result['target'], texts: string[] = []): Findable => ({
  result: { kind: 'page', title, detail, target },
  texts,
})

const pages: readonly Findable[] = [
  page('Overview', 'The fleet at a glance', { page: 'overview' }, ['home', 'health']),
  page('Devices', 'All devices of the fleet', { page: 'devices', query: '' }, ['fleet']),
  page('Models', 'Registry of models and versions', { page: 'models' }, ['registry', 'versions']),
  page('Configuration', 'Runtime settings and feature flags of devices', { page: 'configuration' }, ['flags', 'log level', 'window']),
  page('Rollouts', 'Releases that go wave by wave', { page: 'rollouts' }, ['canary', 'release', 'waves', 'a/b', 'shadow']),
  page('Deployments', 'What is ordered where, and orders under way', { page: 'deployments' }, ['orders', 'deploy']),
  page('Events', 'What devices tell', { page: 'events' }, ['log', 'history']),
  page('Settings', 'Fleet, broker and console', { page: 'settings' }, ['broker', 'preferences']),
]
