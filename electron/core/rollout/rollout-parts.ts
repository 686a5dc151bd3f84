import type { ReleaseParts } from '../api/release-parts.ts'
import type { Costs } from '../costs/costs.ts'
import type { Log } from '../log.ts'
import type { EvidenceReader } from './evidence/evidence.ts'
import type { Halts } from './halts.ts'
import type { Windows } from './planning/windows.ts'

/** What rollouts are run with: nothing of the hub, so that tests run them on real parts alone. */
export interface RolloutParts extends Pick<
  ReleaseParts,
  'store' | 'fleet' | 'keyring' | 'reference' | 'approvals' | 'registry' | 'book' | 'now' | 'onDevicesChanged' | 'onOutbox' | 'changed'
> {
  costs: Costs
  windows: Windows
  evidence: EvidenceReader
  halts: Halts
  log: Log
}

/** The parts of rollouts out of those of the console. The id of the fleet may be another one later. */
export function rolloutParts(
  parts: Omit<RolloutParts, 'windows' | 'evidence' | 'halts' | 'log'>,
  more: Pick<RolloutParts, 'windows' | 'evidence' | 'halts' | 'log'>,
): RolloutParts {
  const { store, keyring, reference, approvals, registry, book, costs, now, onDevicesChanged, onOutbox, changed } = parts
  return {
    ...{ store, keyring, reference, approvals, registry, book, costs, now, onDevicesChanged, onOutbox, changed },
    ...more,
    get fleet() {
      return parts.fleet
    },
  }
}
