import { personOf } from '../../../shared/domain/actor.ts'
import { deploymentName } from '../../../shared/domain/ids.ts'
import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import { approve, listStandings, setFallback, setPolicy, showStanding, withdraw } from '../approval/acts.ts'
import type { ReleaseParts } from './release-parts.ts'

type Names = Extract<keyof Handlers, `approvals.${string}`>

/** Handlers of `approvals.*`. */
export function approvalsHandlers(parts: ReleaseParts): Pick<Handlers, Names> {
  const { store, approvals, changed } = parts
  return {
    'approvals.show': (input) => showStanding(parts, input),
    'approvals.list': (input) => listStandings(parts, input),
    'approvals.policy': () => approvals.policy(),
    'approvals.whoAmI': (_, { actor }) => ({ actor: actor.slice(0, 200), person: personOf(actor) }),
    'approvals.setPolicy': (policy, { afterCommit }) => {
      afterCommit(() => changed('approvals', 'deployments'))
      return setPolicy(parts, policy)
    },
    'approvals.approve': (input, { caller, afterCommit }) => {
      afterCommit(() => changed('approvals', 'models'))
      return approve(parts, input, caller.actor)
    },
    'approvals.withdraw': (input, { caller, afterCommit }) => {
      afterCommit(() => changed('approvals', 'models', 'deployments'))
      return withdraw(parts, input, caller.actor)
    },
    'approvals.fallbacks': () => {
      const devices = new Map<string, number>()
      for (const { orders } of store.roster.all())
        for (const { deployment } of orders) devices.set(deployment, (devices.get(deployment) ?? 0) + 1)
      return {
        fallbacks: store.fallbacks.all().map(({ deployment, model, version, setBy, setAt }) => ({
          ...{ deployment: deploymentName.parse(deployment), model, version, by: setBy, at: setAt, devices: devices.get(deployment) ?? 0 },
        })),
      }
    },
    'approvals.setFallback': (input, { caller, afterCommit }) => {
      afterCommit(() => changed('approvals', 'deployments'))
      return setFallback(parts, input, caller.actor)
    },
  }
}
