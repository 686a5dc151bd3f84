import { Problem } from '../../../shared/domain/problem.ts'
import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import { selectEntries } from '../devices/summary.ts'
import { findRule } from '../monitor/alerts/rules.ts'
import { TICK_MS } from '../monitor/alerts/scheduler.ts'
import { silencer } from '../monitor/alerts/silencing.ts'
import { tellFiring } from '../monitor/alerts/tell.ts'
import { allRules } from '../monitor/alerts/rules.ts'
import type { SilenceRow } from '../store/fleet/silences.ts'
import type { ApiParts } from './parts.ts'

type Names = 'alerts.silence' | 'alerts.unsilence' | 'alerts.silences'

/** Handlers of silences. They take effect in the transaction of the command. */
export function alertSilencesHandlers(parts: ApiParts): Pick<Handlers, Names> {
  const { store, now } = parts
  const settle = (): void => void tellFiring(store, allRules(store.alertRules), { now: now(), groupWaitMs: TICK_MS })
  const told = (): void => {
    parts.changed('alerts')
    parts.alerts.kick()
  }
  return {
    'alerts.silence': ({ rule, query, deployment, forMs, reason }, context) => {
      selectEntries(store, query)
      if (rule !== null && findRule(store.alertRules, rule) === null)
        throw new Problem('alert-rule.not-found', `There is no rule '${rule}'.`)
      const at = now()
      const row = { rule, query, deployment, from: at, until: at + forMs, reason, by: context.caller.actor.slice(0, 200) }
      const silence = store.silences.put(row)
      settle()
      context.afterCommit(told)
      return { silence, until: row.until, alerts: quieted(parts, { ...row, silence }) }
    },
    'alerts.unsilence': ({ silence }, context) => {
      if (!store.silences.end(silence, now())) throw new Problem('silence.not-found', `There is no silence ${silence} in force.`)
      settle()
      context.afterCommit(told)
      return { changed: 1 }
    },
    'alerts.silences': () => ({
      silences: store.silences.after(now()).map((row) => ({ ...row, alerts: quieted(parts, row) })),
    }),
  }
}

/** Open alerts that a silence keeps quiet. */
function quieted({ store, now }: ApiParts, row: SilenceRow): number {
  const by = silencer(store, [row], now())
  return store.alerts.open().filter((alert) => by(alert) !== null).length
}
