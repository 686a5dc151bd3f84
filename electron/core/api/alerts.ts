import { Problem } from '../../../shared/domain/problem.ts'
import type { ParsedInputOf, ResultOf } from '../../../shared/rpc/contract.ts'
import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import { selectEntries } from '../devices/summary.ts'
import { alertOf, byUrgency, isQuiet } from '../monitor/alerts/alert-view.ts'
import { findRule } from '../monitor/alerts/rules.ts'
import { runbookOf } from '../monitor/alerts/runbooks/all-runbooks.ts'
import { isAtLeast } from '../monitor/channels/message.ts'
import type { AlertRow } from '../store/fleet/alerts.ts'
import type { ApiParts } from './parts.ts'

type Names = 'alerts.list' | 'alerts.show' | 'alerts.acknowledge' | 'alerts.unacknowledge' | 'alerts.note'
type ListInput = ParsedInputOf<'alerts.list'>

/** Resolved ones that a list goes back over. */
const MOST_LISTED = 10_000
const MOST_OTHERS = 100
const MOST_BEFORE = 20
const MOST_READINGS = 500

/** Handlers of alerts themselves. */
export function alertsHandlers(parts: ApiParts): Pick<Handlers, Names> {
  const { store, now, changed } = parts
  return {
    'alerts.list': (input) => list(parts, input),
    'alerts.show': ({ alert }) => show(parts, alert),
    'alerts.acknowledge': ({ alerts, note }, context) => {
      const by = context.caller.actor
      const at = now()
      context.afterCommit(() => changed('alerts'))
      return {
        changed: changeEach(parts, alerts, (row) => {
          if (row.state === 'resolved' || row.acknowledged !== null) return false
          store.alerts.set({ ...row, acknowledged: { at, by, note } })
          store.alerts.addEvent(row.alert, { at, kind: 'acknowledged', by, message: note })
          return true
        }),
      }
    },
    'alerts.unacknowledge': ({ alerts }, context) => {
      const by = context.caller.actor
      context.afterCommit(() => {
        changed('alerts')
        parts.alerts.kick()
      })
      return {
        changed: changeEach(parts, alerts, (row) => {
          if (row.acknowledged === null) return false
          store.alerts.set({ ...row, acknowledged: null })
          store.alerts.addEvent(row.alert, { at: now(), kind: 'unacknowledged', by, message: '' })
          return true
        }),
      }
    },
    'alerts.note': ({ alert, note }, context) => {
      const row = requireAlert(parts, alert)
      store.alerts.addEvent(row.alert, { at: now(), kind: 'note', by: context.caller.actor, message: note })
      context.afterCommit(() => changed('alerts'))
      return { changed: 1 }
    },
  }
}

/** @throws Problem `alert.not-found` */
function requireAlert({ store }: ApiParts, alert: number): AlertRow {
  const row = store.alerts.find(alert)
  if (row === null) throw new Problem('alert.not-found', `There is no alert ${alert}.`)
  return row
}

function changeEach(parts: ApiParts, alerts: readonly number[], change: (row: AlertRow) => boolean): number {
  return [...new Set(alerts)].filter((alert) => change(requireAlert(parts, alert))).length
}

function list({ store }: ApiParts, input: ListInput): ResultOf<'alerts.list'> {
  const devices = input.query.trim() === '' ? null : new Set(selectEntries(store, input.query).map(({ row }) => row.device))
  const isAsked = ({ subject, rule }: AlertRow): boolean =>
    (devices === null || (subject.device !== null && devices.has(subject.device))) &&
    (input.device === undefined || subject.device === input.device) &&
    (input.deployment === undefined || subject.deployment === input.deployment) &&
    (input.rule === undefined || rule === input.rule)
  const open = store.alerts.open().filter(isAsked)
  const rows = rowsOf(store, input, open).filter(isAsked).filter(matchesRest(input)).sort(byUrgency)
  const after = input.before === undefined ? -1 : rows.findIndex(({ alert }) => String(alert) === input.before)
  const page = rows.slice(after + 1, after + 1 + input.limit)
  const hasMore = after + 1 + page.length < rows.length
  const firing = open.filter(({ state }) => state === 'firing')
  return {
    alerts: page.map(alertOf),
    next: hasMore ? String(page.at(-1)!.alert) : null,
    counts: {
      pending: open.length - firing.length,
      firing: firing.length,
      acknowledged: open.filter(({ acknowledged }) => acknowledged !== null).length,
      silenced: open.filter(({ silencedUntil }) => silencedUntil !== null).length,
      critical: firing.filter(({ severity }) => severity === 'critical').length,
    },
  }
}

function rowsOf(store: ApiParts['store'], { state }: ListInput, open: readonly AlertRow[]): AlertRow[] {
  if (state === 'open') return [...open]
  if (state === 'pending' || state === 'firing') return open.filter((row) => row.state === state)
  const resolved = store.alerts.resolved(MOST_LISTED)
  return state === 'resolved' ? resolved : [...open, ...resolved]
}

function matchesRest({ severity, from, isQuiet: wanted }: ListInput): (row: AlertRow) => boolean {
  return (row) =>
    (severity === undefined || isAtLeast(row.severity, severity)) &&
    (from === undefined || row.startedAt >= from) &&
    (wanted === undefined || isQuiet(row) === wanted)
}

function show(parts: ApiParts, alert: number): ResultOf<'alerts.show'> {
  const { store } = parts
  const row = requireAlert(parts, alert)
  const others = store.alerts.open().filter((one) => one.group === row.group && one.alert !== row.alert)
  return {
    alert: alertOf(row),
    rule: findRule(store.alertRules, row.rule),
    events: store.alerts.events(alert),
    others: others.sort(byUrgency).slice(0, MOST_OTHERS).map(alertOf),
    before: store.alerts
      .before(row, MOST_BEFORE)
      .map(({ alert: id, startedAt, resolvedAt, state }) => ({ alert: id, startedAt, resolvedAt, state })),
    readings: store.alerts.readings(alert).slice(-MOST_READINGS),
    runbook: runbookOf(row.runbook),
  }
}
