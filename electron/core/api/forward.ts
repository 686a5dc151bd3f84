import type { ForwardInput } from '../../../shared/domain/forward.ts'
import { slug } from '../../../shared/domain/ids.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import type { ForwardEventShown, ForwardShown } from '../../../shared/rpc/contract/forward.ts'
import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import { urlProblem } from '../monitor/channels/post.ts'
import { secretProblem } from '../monitor/channels/signature.ts'
import type { ForwardEventRow } from '../store/fleet/forward-events.ts'
import type { ForwardRow } from '../store/fleet/forwards.ts'
import type { ApiParts } from './parts.ts'

type Names = Extract<keyof Handlers, `forward.${string}`>

/** Handlers of `forward.*`: where data goes out to. */
export function forwardHandlers(parts: ApiParts): Pick<Handlers, Names> {
  const { store, now } = parts
  const told = (): void => {
    parts.forwarding.sync()
    parts.changed('forward')
  }
  const show = (forward: string): ForwardShown => shownOf(parts, requireForward(parts, forward))
  return {
    'forward.list': () => ({ forwards: store.forwards.all().map((row) => shownOf(parts, row)) }),
    'forward.status': ({ forward }) => show(forward),
    'forward.set': ({ forward, set }, context) => {
      const before = forward === undefined ? null : requireForward(parts, forward)
      const settings = withKept(set, before)
      checkTarget(settings)
      const name = forward ?? freeName(parts, set.name)
      const isSame = before !== null && isSameCopy(settings, before.settings)
      store.forwards.put({
        ...{ forward: name, settings, setBy: context.caller.actor.slice(0, 200) },
        // Two changes within one millisecond are two: whoever works by the settings of before notices.
        setAt: Math.max(now(), (before?.setAt ?? 0) + 1),
        places: isSame ? before.places : parts.forwarding.beginning(settings),
        restored: isSame ? before.restored : (store.settings.get('restored')?.id ?? null),
      })
      // Whoever mends something does not wait for what was refused before.
      store.forwardEvents.hasten(name)
      if (settings.kind === 'webhook' && store.forwardEvents.waiting(name) === 0) store.forwards.forgetProblem(name)
      context.afterCommit(told)
      return show(name)
    },
    'forward.pause': ({ forward }, context) => {
      requireForward(parts, forward)
      store.forwards.setState(forward, 'paused')
      context.afterCommit(told)
      return show(forward)
    },
    'forward.resume': ({ forward, skip }, context) => {
      const row = requireForward(parts, forward)
      if (skip && row.settings.kind !== 'webhook') throw new Problem('input.invalid', 'A copy leaves nothing out; skip is for webhooks.')
      if (skip) {
        store.forwardEvents.drop(forward)
        store.forwards.setPlaces(forward, parts.forwarding.beginning(row.settings), row.restored)
      }
      store.forwardEvents.hasten(forward)
      store.forwards.setState(forward, 'running')
      context.afterCommit(told)
      return show(forward)
    },
    'forward.remove': ({ forward }, context) => {
      requireForward(parts, forward)
      const dropped = store.forwardEvents.waiting(forward)
      store.forwards.remove(forward)
      context.afterCommit(told)
      return { dropped }
    },
    'forward.test': async ({ forward }) => {
      const problem = await parts.forwarding.test(requireForward(parts, forward))
      return { works: problem === null, problem }
    },
    'forward.copyAgain': ({ forward }, context) => {
      const { settings, setAt } = requireForward(parts, forward)
      if (settings.kind !== 'postgres')
        throw new Problem('input.invalid', 'Only a copy can be made again; a webhook is told nothing twice.')
      store.forwards.beginAnew(forward, {
        ...{ places: parts.forwarding.beginning(settings), restored: store.settings.get('restored')?.id ?? null },
        setAt: Math.max(now(), setAt + 1),
      })
      context.afterCommit(told)
      return show(forward)
    },
    'forward.events': ({ forward, limit }) => {
      requireForward(parts, forward)
      return { events: store.forwardEvents.newest(forward, limit).map(eventOf) }
    },
    'forward.retry': ({ event }, context) => {
      const row = store.forwardEvents.find(event)
      if (row === null) throw new Problem('forward.event-not-found', `There is no event ${event}.`)
      if (row.state !== 'failed')
        throw new Problem('input.invalid', `Event ${event} is ${eventOf(row).state}; only a failed one is sent again.`)
      const again: ForwardEventRow = { ...row, state: 'waiting', attempts: 0, firstAt: null, nextAt: null, problem: null }
      store.forwardEvents.set(again)
      context.afterCommit(told)
      return eventOf(again)
    },
  }
}

/** @throws Problem `forward.not-found` */
function requireForward({ store }: ApiParts, forward: string): ForwardRow {
  const row = store.forwards.find(forward)
  if (row === null) throw new Problem('forward.not-found', `There is no way out '${forward}'.`)
  return row
}

/** An id from a name that no way out has. */
function freeName({ store }: ApiParts, name: string): string {
  const base = slug(name, 'forward').slice(0, 56)
  for (let n = 1; ; n += 1) {
    const id = n === 1 ? base : `${base}-${n}`
    if (store.forwards.find(id) === null) return id
  }
}

/** A secret that is not given stays, but does not move to another receiver: whoever may set a way out could read it there. */
function withKept(set: ForwardInput, before: ForwardRow | null): ForwardInput {
  if (before === null) return set
  const old = before.settings
  if (set.kind === 'webhook' && old.kind === 'webhook') {
    if (set.secret === null && old.secret !== null && set.url !== old.url)
      throw new Problem('input.invalid', 'Give the secret again: the address is another one.')
    return { ...set, secret: set.secret ?? old.secret }
  }
  if (set.kind === 'postgres' && old.kind === 'postgres') {
    const isSame = set.host === old.host && set.port === old.port && set.user === old.user && set.tls === old.tls && set.ca === old.ca
    if (set.password === null && old.password !== null && !isSame)
      throw new Problem('input.invalid', 'Give the password again: the server, the user or its encryption is another one.')
    return { ...set, password: set.password ?? old.password }
  }
  throw new Problem('input.invalid', `A way out of kind ${old.kind} does not become one of kind ${set.kind}. Make another one.`)
}

/** @throws Problem `input.invalid` */
function checkTarget(settings: ForwardInput): void {
  if (settings.kind === 'webhook') {
    const ofUrl = URL.canParse(settings.url) ? urlProblem(new URL(settings.url)) : `'${settings.url}' is no address.`
    const problem = ofUrl ?? (settings.secret === null ? null : secretProblem(settings.secret))
    if (problem !== null) throw new Problem('input.invalid', problem)
    return
  }
  if (settings.host === '' || settings.database === '' || settings.user === '')
    throw new Problem('input.invalid', 'A copy needs a host, a database and a user.')
  // A path would name a socket of this machine.
  if (!/^[A-Za-z0-9._:-]+$/.test(settings.host)) throw new Problem('input.invalid', `'${settings.host}' is no name or address of a host.`)
}

/** Another password or name begins nothing anew; another database does, and so does nothing of a webhook. */
function isSameCopy(now: ForwardInput, before: ForwardInput): boolean {
  if (now.kind === 'webhook' || before.kind === 'webhook') return now.kind === before.kind
  return now.host === before.host && now.port === before.port && now.database === before.database && now.schema === before.schema
}

function shownOf({ store, forwarding }: ApiParts, row: ForwardRow): ForwardShown {
  const { forward, settings, state, hasSecret, setAt, lastAt } = row
  const problem = row.problem === null ? null : { code: row.problem.code, message: row.problem.message, at: row.problem.at }
  const common = { forward, name: settings.name, state, hasSecret, setAt, lastAt, problem }
  if (settings.kind === 'webhook') {
    const { kind, url, allowsPrivate, events, persons } = settings
    return {
      ...{ ...common, target: url, settings: { kind, url, allowsPrivate, events, persons } },
      ...{ waiting: store.forwardEvents.waiting(forward), failed: store.forwardEvents.failed(forward) },
      ...{ waitingSince: null, backfill: null, tables: [] },
    }
  }
  const { kind, host, port, database, user, tls, ca, schema } = settings
  return {
    ...{ ...common, target: `${user}@${host}:${port}/${database} (${schema})`, failed: 0 },
    settings: { kind, host, port, database, user, tls, ca, schema },
    ...forwarding.lag(row),
  }
}

/** An attempt that is under way still waits for its end. */
function eventOf(row: ForwardEventRow): ForwardEventShown {
  const { event, uid, type, title, state, attempts, nextAt, createdAt, deliveredAt, problem } = row
  const shown = state === 'sending' ? 'waiting' : state
  return { event, id: uid, type: `muster.${type}`, title, state: shown, attempts, nextAt, createdAt, deliveredAt, problem }
}
