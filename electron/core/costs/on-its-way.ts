import type { RolloutDeviceState } from '../../../shared/domain/rollout/life.ts'
import type { RolloutDevice, RolloutRun } from '../rollout/rollout-run.ts'

/** Devices that have an offer and may still fetch what was forecast. */
const fetchingStates: ReadonlySet<RolloutDeviceState> = new Set(['offered', 'fetching', 'unreachable'])

/** Ledgers are written every five minutes, and take a moment to arrive: until then a device that is done counts with its forecast. */
const LEDGER_LAG_MS = 10 * 60_000

/** Forecast of the offers of rollouts that no ledger can have yet. What a ledger has by then counts twice for minutes: the budget holds early, never late. */
export function moneyOnItsWay(runs: Iterable<Pick<RolloutRun, 'devices'>>, now: number): number {
  let sum = 0
  for (const { devices } of runs) for (const device of devices.values()) if (isOnItsWay(device, now)) sum += device.money / device.attempts
  return sum
}

function isOnItsWay({ state, since, attempts }: RolloutDevice, now: number): boolean {
  if (attempts === 0 || state === 'pending' || state === 'superseded' || state === 'skipped') return false
  return fetchingStates.has(state) || now - since < LEDGER_LAG_MS
}
