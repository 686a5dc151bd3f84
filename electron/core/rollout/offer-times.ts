import type { CostParts } from '../costs/open-costs.ts'
import { moneyOnItsWay } from '../costs/on-its-way.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { Rollouts } from './open-rollouts.ts'

/** What rollouts tell the books: when devices were on their way, and what is not in any ledger yet. */
export function openOfferTimes(
  { rolloutEvents }: Pick<FleetStore, 'rolloutEvents'>,
  rollouts: () => Pick<Rollouts, 'runs'>,
): Pick<CostParts, 'offerSpans' | 'onItsWay'> {
  return {
    offerSpans: (period) => rolloutEvents.offerSpans(period),
    onItsWay(now) {
      const { runs } = rollouts()
      return moneyOnItsWay(
        runs.watched().flatMap((id) => runs.find(id)?.run ?? []),
        now,
      )
    },
  }
}
