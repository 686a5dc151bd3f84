import { randomUUID } from 'node:crypto'
import { slug } from '../../../shared/domain/ids.ts'
import type { ChannelInput } from '../../../shared/domain/alert.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import { titleOf } from '../monitor/channels/message.ts'
import { noticeTitle } from '../monitor/channels/notice-title.ts'
import { takeDesktopNotices } from '../monitor/channels/desktop.ts'
import { urlProblem } from '../monitor/channels/post.ts'
import { secretProblem } from '../monitor/channels/signature.ts'
import { shownUrl, type ChannelRow } from '../store/fleet/channels.ts'
import type { NoticeRow } from '../store/fleet/notices.ts'
import type { ApiParts } from './parts.ts'

type Names =
  | 'alerts.channels'
  | 'alerts.setChannel'
  | 'alerts.removeChannel'
  | 'alerts.testChannel'
  | 'alerts.deliveries'
  | 'alerts.retryDelivery'
  | 'alerts.takeDesktopNotices'
type Channel = ResultOf<'alerts.channels'>['channels'][number]

/** Handlers of where alerts are told, and of what became of it. */
export function alertChannelsHandlers(parts: ApiParts): Pick<Handlers, Names> {
  const { store, now } = parts
  const told = (): void => {
    parts.changed('alerts')
    parts.alerts.kick()
  }
  return {
    'alerts.channels': () => ({ channels: store.channels.all().map((row) => channelOf(parts, row)) }),
    'alerts.setChannel': ({ channel, set }, context) => {
      const before = channel === undefined ? null : requireChannel(parts, channel)
      const settings = withKept(set, before)
      checkChannel(settings)
      const name = channel ?? freeName(parts, set.name)
      store.channels.put({ channel: name, settings, setAt: now(), setBy: context.caller.actor.slice(0, 200) })
      context.afterCommit(told)
      return { channel: channelOf(parts, requireChannel(parts, name)) }
    },
    'alerts.removeChannel': ({ channel }, context) => {
      requireChannel(parts, channel)
      const dropped = store.notices.waiting(channel)
      store.channels.remove(channel)
      context.afterCommit(told)
      return { dropped }
    },
    'alerts.testChannel': ({ channel }, context) => {
      requireChannel(parts, channel)
      const at = now()
      const notice = { uid: randomUUID(), channel, kind: 'test' as const, group: 'test', alert: null, title: titleOf('test', null) }
      context.afterCommit(told)
      return { notice: store.notices.add({ ...notice, createdAt: at, nextAt: at }) }
    },
    'alerts.deliveries': ({ channel, alert, limit }) => {
      const names = new Map(store.channels.all().map((row) => [row.channel, row.settings.name]))
      const rows = store.notices.newest({ channel: channel ?? null, alert: alert ?? null, limit })
      return {
        deliveries: rows.map((row) => deliveryOf({ ...row, title: noticeTitle(store, row) }, names.get(row.channel) ?? row.channel)),
      }
    },
    'alerts.retryDelivery': ({ notice }, context) => {
      const row = store.notices.find(notice)
      if (row === null) throw new Problem('notice.not-found', `There is no notice ${notice}.`)
      if (row.state !== 'failed')
        throw new Problem('input.invalid', `Notice ${notice} is ${stateOf(row)}; only a failed one is tried again.`)
      store.notices.set({ ...row, state: 'waiting', nextAt: now() })
      context.afterCommit(told)
      return { notice }
    },
    'alerts.takeDesktopNotices': ({ limit }, context) => {
      const notices = takeDesktopNotices(store, { limit, now: now(), fleetName: store.settings.get('fleetName') ?? parts.fleet })
      if (notices.length > 0) context.afterCommit(() => parts.changed('alerts'))
      return { notices }
    },
  }
}

/** @throws Problem `channel.not-found` */
function requireChannel({ store }: ApiParts, channel: string): ChannelRow {
  const row = store.channels.find(channel)
  if (row === null) throw new Problem('channel.not-found', `There is no channel '${channel}'.`)
  return row
}

/** An id from a name that no channel has. */
function freeName({ store }: ApiParts, name: string): string {
  const base = slug(name, 'channel').slice(0, 56)
  for (let n = 1; ; n += 1) {
    const id = n === 1 ? base : `${base}-${n}`
    if (store.channels.find(id) === null) return id
  }
}

/**
 * What is not given stays as it is: secrets, and the address of a chat, which is shown without its end. A secret does not move to another
 * receiver: whoever may set a channel could read it there.
 */
function withKept(set: ChannelInput, before: ChannelRow | null): ChannelInput {
  if (before === null) return set
  const old = before.settings
  if (old.kind !== set.kind)
    throw new Problem('input.invalid', `A channel of kind ${old.kind} does not become one of kind ${set.kind}. Make another one.`)
  if (set.kind === 'desktop' || old.kind === 'desktop') return set
  if (before.isShut && before.hasSecret) return set
  if (set.kind === 'email' && old.kind === 'email') {
    const isSame = set.host === old.host && set.port === old.port && set.username === old.username
    if (set.password === null && old.password !== null && !isSame) {
      throw new Problem('input.invalid', 'Give the password again: the server or the account is another one.')
    }
    return { ...set, password: set.password ?? old.password }
  }
  if (set.kind === 'email' || old.kind === 'email') return set
  const url = set.kind !== 'webhook' && set.url === shownUrl(old.url) ? old.url : set.url
  return { ...set, url, secret: set.secret ?? old.secret }
}

/** @throws Problem `input.invalid` */
function checkChannel(settings: ChannelInput): void {
  if (settings.kind === 'desktop' || settings.kind === 'email') return
  const ofUrl = URL.canParse(settings.url) ? urlProblem(new URL(settings.url)) : `'${settings.url}' is no address.`
  const problem = ofUrl ?? (settings.secret === null ? null : secretProblem(settings.secret))
  if (problem !== null) throw new Problem('input.invalid', problem)
  if (settings.kind !== 'webhook' && settings.url.endsWith('/…')) throw new Problem('input.invalid', 'Give the whole address of the chat.')
}

function channelOf({ store }: ApiParts, row: ChannelRow): Channel {
  const { settings, channel, hasSecret, lastDeliveredAt, problem } = row
  const { kind, name, isEnabled, leastSeverity, tellsResolved, ...rest } = settings
  return {
    ...{ channel, kind, name, isEnabled, leastSeverity, tellsResolved, hasSecret, lastDeliveredAt },
    target: targetOf(settings),
    settings: shownSettings(rest, kind),
    problem:
      problem ??
      (row.isShut ? { code: 'channel.secret', message: 'Its secret was sealed by a desktop whose key is not here.', at: row.setAt } : null),
    waiting: store.notices.waiting(channel),
  }
}

function targetOf(settings: ChannelInput): string {
  if (settings.kind === 'desktop') return 'this desktop and open browsers'
  if (settings.kind === 'email') return settings.to.join(', ').slice(0, 2048)
  return settings.kind === 'webhook' ? settings.url : shownUrl(settings.url)
}

/** Everything but secrets. */
function shownSettings(rest: Record<string, unknown>, kind: ChannelInput['kind']): Channel['settings'] {
  const shown = Object.entries(rest).filter(([name]) => name !== 'secret' && name !== 'password')
  return Object.fromEntries(
    shown.map(([name, value]) => [name, name === 'url' && kind !== 'webhook' ? shownUrl(String(value)) : value]),
  ) as Channel['settings']
}

function deliveryOf(row: NoticeRow, channelName: string): ResultOf<'alerts.deliveries'>['deliveries'][number] {
  const { notice, channel, alert, kind, title, attempts, nextAt, createdAt, deliveredAt, problem } = row
  return { notice, channel, channelName, alert, kind, title, state: stateOf(row), attempts, nextAt, createdAt, deliveredAt, problem }
}

/** An attempt that is under way still waits for its end. */
function stateOf({ state }: NoticeRow): 'waiting' | 'delivered' | 'failed' | 'dropped' {
  return state === 'sending' ? 'waiting' : state
}
