import { openForWriting, type OpenOptions, type WriteDb } from '../open.ts'
import { fleet0010 } from './migrations/0010-fleet.ts'
import { fleet0020 } from './migrations/0020-devices.ts'
import { fleet0030 } from './migrations/0030-orders.ts'
import { fleet0040 } from './migrations/0040-beside.ts'
import { fleet0050 } from './migrations/0050-alerts.ts'
import { fleet0060 } from './migrations/0060-labelling.ts'
import { fleet0070 } from './migrations/0070-device-baselines.ts'
import { fleet0080 } from './migrations/0080-rollouts.ts'
import { fleet0090 } from './migrations/0090-approval.ts'
import { fleet0100 } from './migrations/0100-travel-sizes.ts'
import { fleet0110 } from './migrations/0110-trust.ts'
import { fleet0120 } from './migrations/0120-device-trust.ts'
import { fleet0130 } from './migrations/0130-people.ts'
import { fleet0140 } from './migrations/0140-audit.ts'
import { fleet0150 } from './migrations/0150-privacy.ts'
import { fleet0170 } from './migrations/0170-carry.ts'
import { fleet0190 } from './migrations/0190-metrics.ts'
import { fleet0210 } from './migrations/0210-forward.ts'
import { fleet0230 } from './migrations/0230-former-devices.ts'
import { fleet0180 } from './migrations/0180-reports.ts'
import { fleet0200 } from './migrations/0200-sources.ts'

export const fleetMigrations = [
  fleet0010,
  fleet0020,
  fleet0030,
  fleet0040,
  fleet0050,
  fleet0060,
  fleet0070,
  fleet0080,
  fleet0090,
  fleet0100,
  fleet0110,
  fleet0120,
  fleet0130,
  fleet0140,
  fleet0150,
  fleet0170,
  fleet0180,
  fleet0190,
  fleet0200,
  fleet0210,
  fleet0230,
] as const

/** Opens fleet.db. The core is its only writer. */
export function openFleet(file: string, options: OpenOptions = {}): WriteDb {
  return openForWriting(file, fleetMigrations, options)
}
