import { openApprovals } from '../../electron/core/approval/open-approvals.ts'
import { openCosts } from '../../electron/core/costs/open-costs.ts'
import type { PlanningParts } from '../../electron/core/rollout/planning/parts.ts'
import { openWindows } from '../../electron/core/rollout/planning/windows.ts'
import { priceSheet, type PriceSheet } from '../../shared/rpc/contract/costs.ts'
import { rolloutPlan, type RolloutPlan, type RolloutPlanInput } from '../../shared/domain/rollout/plan.ts'
import { enrolled } from './fleet.ts'
import { openReleaseDesk, type ReleaseDesk } from './release-desk.ts'
import type { z } from 'zod'

/** What checking and planning read, over a real store, registry, price sheet and approvals; telemetry of the month is empty. */
export interface PlanningDesk {
  desk: ReleaseDesk
  parts: PlanningParts
  /** Rollouts that are played to be under way. */
  underWay: ReturnType<PlanningParts['underWay']>[number][]
  setPrices(sheet: z.input<typeof priceSheet>): PriceSheet
}

export function openPlanningDesk(): PlanningDesk {
  const desk = openReleaseDesk()
  const windows = openWindows('UTC')
  const now = (): number => desk.clock.at
  const nothing = { flowsOfDays: () => ({ flows: [], place: 0 }), flowsSince: () => ({ flows: [], place: 0 }), storedByDay: () => [] }
  const costs = openCosts({
    ...{ store: desk.store, registry: desk.registry, windows, now },
    telemetry: nothing as unknown as Parameters<typeof openCosts>[0]['telemetry'],
    offerSpans: () => [],
    onItsWay: () => 0,
  })
  const underWay: PlanningDesk['underWay'] = []
  const parts: PlanningParts = {
    ...{ store: desk.store, registry: desk.registry, windows, costs, approvals: openApprovals(desk.store), now },
    underWay: () => underWay,
    runOf: () => null,
    nextRollout: () => 1,
  }
  return {
    ...{ desk, parts, underWay },
    setPrices(sheet) {
      const made = priceSheet.parse(sheet)
      costs.keepSheet(made)
      costs.forget()
      return made
    },
  }
}

/** A plan for digits 1.1.0 with what a test wants to differ. */
export function digitsPlan(change: Partial<RolloutPlanInput> = {}): RolloutPlan {
  return rolloutPlan.parse({ deployment: 'digits', model: 'digits', version: '1.1.0', ...change })
}

/** Enrols so many devices, cam-00001 and so on, in a site of four each. */
export function enrolMany({ store }: ReleaseDesk, devices: number): void {
  store.transact(() => {
    for (let n = 1; n <= devices; n += 1)
      enrolled(store, `cam-${String(n).padStart(5, '0')}`, { site: `site-${n % 4}`, link: n % 10 === 0 ? 'cellular' : 'ethernet' })
  })
}
