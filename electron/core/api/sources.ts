import { realpathSync } from 'node:fs'
import { isAbsolute, relative, resolve } from 'node:path'
import { Problem } from '../../../shared/domain/problem.ts'
import type { ParsedInputOf, ResultOf } from '../../../shared/rpc/contract.ts'
import type { SourceSettings } from '../../../shared/rpc/contract/sources.ts'
import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import { newJobId } from '../jobs/jobs.ts'
import { pairsOf, timeOf, type MlflowVersion } from '../registry/mlflow/answers.ts'
import { settingsProblem } from '../registry/mlflow/server-of.ts'
import { scanFolder } from '../registry/sources/folder-scan.ts'
import { nameOf } from '../registry/sources/import-version.ts'
import { requireSource } from '../registry/sources/sources.ts'
import type { OfferRow } from '../store/fleet/source-offers.ts'
import { withSecret, type SourceRow } from '../store/fleet/sources.ts'
import type { ApiParts } from './parts.ts'

type Names = Extract<keyof Handlers, `sources.${string}` | `mlflow.${string}`>
type Shown = ResultOf<'sources.list'>['sources'][number]

/** What these handlers work with. */
export type SourceApiParts = Pick<ApiParts, 'store' | 'sources' | 'registry' | 'dataDirectory' | 'now' | 'changed'>

const SHOWN_IGNORED = 50

/** Handlers of where models come from. */
export function sourcesHandlers(parts: SourceApiParts): Pick<Handlers, Names> {
  const { store, sources } = parts
  return {
    'sources.list': () => ({ sources: store.sources.all().map((row) => shownSource(parts, row)) }),
    'sources.add': ({ source, settings }, context) => {
      if (store.sources.find(source) !== null) throw new Problem('source.exists', `There is a source '${source}' already.`)
      return put(parts, { source, settings, before: null }, context)
    },
    'sources.change': ({ source, settings }, context) => put(parts, { source, settings, before: requireSource(store, source) }, context),
    'sources.remove': ({ source }, context) => {
      requireSource(store, source)
      store.sources.remove(source)
      context.afterCommit(() => parts.changed('sources'))
      return { removed: true }
    },
    'sources.check': ({ source }) => check(parts, requireSource(store, source)),
    'sources.poll': ({ source }, context) => {
      requireSource(store, source)
      const job = newJobId()
      context.afterCommit(() => sources.poll(job, source))
      return { job }
    },
    'sources.offers': ({ source, state, limit }) => {
      if (source !== undefined) requireSource(store, source)
      return { offers: store.sourceOffers.newest({ source: source ?? null, state: state ?? null, limit }).map(shownOffer) }
    },
    'sources.origin': ({ model, version }) => {
      const one = parts.registry.version(model, version)
      const found = store.sources.origin(one.model, one.version)
      return { origin: found?.origin ?? null, source: found?.source ?? null }
    },
    'mlflow.models': async ({ source, search, pageToken }) => {
      const answer = await sources.client(source).models({ search, pageToken })
      const models = answer.registered_models.map((one) => ({
        ...{ model: one.name.slice(0, 256), description: (one.description ?? '').slice(0, 5000) },
        ...{ aliases: (one.aliases ?? []).slice(0, 200), updatedAt: timeOf(one.last_updated_timestamp) },
      }))
      return { models, nextPageToken: tokenOf(answer.next_page_token) }
    },
    'mlflow.versions': async ({ source, model, pageToken }) => versions(parts, { source, model, pageToken }),
    'mlflow.import': (input, context) => importRemote(parts, input, context),
  }
}

type Context = Parameters<Handlers['sources.add']>[1]

function put(
  parts: SourceApiParts,
  { source, settings, before }: { source: string; settings: SourceSettings; before: SourceRow | null },
  context: Context,
): { source: Shown } {
  const { store, now } = parts
  const kept = withKept(checked(parts, settings), before)
  store.sources.put({ source, settings: kept, setAt: now(), setBy: context.caller.actor.slice(0, 200) })
  context.afterCommit(() => {
    parts.changed('sources')
    void parts.sources.look()
  })
  return { source: shownSource(parts, requireSource(store, source)) }
}

/** @throws Problem `source.address`, `source.folder` */
function checked({ dataDirectory }: SourceApiParts, settings: SourceSettings): SourceSettings {
  if (settings.kind === 'mlflow') {
    const problem = settingsProblem(settings)
    if (problem !== null) throw problem
    return settings
  }
  if (!isAbsolute(settings.folder)) throw new Problem('source.folder', `'${settings.folder.slice(0, 200)}' is no whole path.`)
  const folder = resolve(settings.folder)
  scanFolder(folder)
  // What the console writes itself, keys among it, is nothing that comes from others.
  const between = [relative(realpathSync(dataDirectory), realpathSync(folder)), relative(realpathSync(folder), realpathSync(dataDirectory))]
  if (between.some((path) => path === '' || (!path.startsWith('..') && !isAbsolute(path))))
    throw new Problem('source.folder', 'The folder and the data directory of the console lie within each other.')
  return { ...settings, folder }
}

/** A secret that is not given stays; it does not go to another server: whoever may change a source could read it there. */
function withKept(settings: SourceSettings, before: SourceRow | null): SourceSettings {
  if (before !== null && before.settings.kind !== settings.kind)
    throw new Problem(
      'input.invalid',
      `A source of kind ${before.settings.kind} does not become one of kind ${settings.kind}. Make another one.`,
    )
  if (settings.kind === 'folder' || settings.auth.kind === 'none' || settings.auth.secret !== null) return settings
  const old = before?.settings
  const isSame = old?.kind === 'mlflow' && old.auth.kind === settings.auth.kind && new URL(old.url).origin === new URL(settings.url).origin
  if (!isSame || old.auth.kind === 'none' || old.auth.secret === null)
    throw new Problem(
      'source.secret',
      before === null ? 'The source needs its secret.' : 'Give the secret again: the server, or the way in, is another one.',
    )
  return withSecret(settings, old.auth.secret)
}

function shownSource({ store }: SourceApiParts, row: SourceRow): Shown {
  const shut = { code: 'source.secret', message: 'Its secret was sealed by a desktop whose key is not here.', at: row.setAt }
  return {
    ...{ source: row.source, settings: withSecret(row.settings, null), hasSecret: row.hasSecret, setAt: row.setAt, setBy: row.setBy },
    ...{ lookedAt: row.lookedAt, problem: row.problem ?? (row.isShut ? shut : null) },
    ...{ offers: store.sourceOffers.counts(row.source), tags: store.sourceTags.counts(row.source) },
  }
}

function shownOffer(row: OfferRow): ResultOf<'sources.offers'>['offers'][number] {
  const { offer, source, name, state, model, version, problem, attempts, nextAt, foundAt, endedAt } = row
  return {
    ...{ offer, source, name, state, model, version, attempts, nextAt, foundAt, endedAt },
    problem: problem === null ? null : { code: problem.code, message: problem.message.slice(0, 2000) },
    notes: row.notes.map((note) => note.slice(0, 2000)),
  }
}

async function check({ sources }: SourceApiParts, { source, settings }: SourceRow): Promise<ResultOf<'sources.check'>> {
  if (settings.kind === 'folder') {
    const { found, ignored } = scanFolder(settings.folder)
    return { server: null, models: found.length, ignored: ignored.slice(0, SHOWN_IGNORED).map((one) => one.slice(0, 300)) }
  }
  const client = sources.client(source)
  const { registered_models: models } = await client.models({})
  return { server: await client.version(), models: models.length, ignored: [] }
}

async function versions(
  { store, sources }: SourceApiParts,
  of: { source: string; model: string; pageToken: string | undefined },
): Promise<ResultOf<'mlflow.versions'>> {
  const client = sources.client(of.source)
  const [answer, registered] = await Promise.all([client.versions(of), client.model(of.model)])
  const { url } = requireMlflow(store.sources.find(of.source))
  const imported = new Map(
    store.sources.origins().flatMap(({ model, version, origin }) => {
      const isHere = origin.kind === 'mlflow' && origin.url === url && origin.model === of.model
      return isHere ? [[origin.version, { model, version }] as const] : []
    }),
  )
  const aliases = registered.aliases ?? []
  return {
    versions: answer.model_versions.map((one) => ({
      ...shownVersion(one),
      aliases: aliases.filter(({ version }) => version === one.version).map(({ alias }) => alias),
      imported: imported.get(one.version) ?? null,
    })),
    nextPageToken: tokenOf(answer.next_page_token),
  }
}

function shownVersion(one: MlflowVersion): Omit<ResultOf<'mlflow.versions'>['versions'][number], 'aliases' | 'imported'> {
  return {
    ...{ version: one.version.slice(0, 256), status: (one.status ?? '').slice(0, 64), description: (one.description ?? '').slice(0, 5000) },
    ...{
      createdAt: timeOf(one.creation_timestamp),
      run: one.run_id === '' ? null : (one.run_id?.slice(0, 256) ?? null),
      tags: pairsOf(one.tags),
    },
  }
}

function importRemote({ store, sources }: SourceApiParts, input: ParsedInputOf<'mlflow.import'>, context: Context): { job: string } {
  const { source, model, version = null, alias = null, as = null } = input
  if ((version === null) === (alias === null)) throw new Problem('input.invalid', 'Name a version or an alias of the model.')
  requireMlflow(requireSource(store, source))
  // Before anything is fetched: a name that cannot be made is said at once.
  if (as === null) nameOf(model)
  const job = newJobId()
  context.afterCommit(() => sources.importRemote(job, { source, model, version, alias, as, actor: context.caller.actor }))
  return { job }
}

/** @throws Problem `input.invalid` */
function requireMlflow(row: SourceRow | null) {
  if (row?.settings.kind !== 'mlflow') throw new Problem('input.invalid', 'The source is a folder, and no tracking server.')
  return row.settings
}

const tokenOf = (token: string | null | undefined): string | null => (token === undefined || token === '' ? null : token)
