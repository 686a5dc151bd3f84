import type { Clock } from '../../shared/domain/clock.ts'
import type { Problem } from '../../shared/domain/problem.ts'
import type { BrokerOptions } from './hub/messages.ts'
import type { Log } from './log.ts'

/** What the core is started with. */
export interface CoreOptions {
  dataDirectory: string
  /** As the flags say; null: the stored one, else the default. */
  broker: BrokerOptions | null
  http: { host: string; port: number }
  /** Name of the fleet, of the flags; counts at the first start only. */
  fleetName: string | null
  /** Makes another token: whoever has the old one is out. */
  isNewToken?: boolean
  /** Key that seals secret settings, base64; the desktop keeps it with the system's help. */
  secretKey?: string | null
  /** Key that seals the key files, base64: made from the passphrase of the console. */
  keyFilesKey?: string | null
  /** The console cannot go on, and has stopped. */
  onFatal?: ((problem: Problem) => void) | undefined
  /** Folder of the built UI; else the one beside this program. */
  pageDirectory?: string
  clock: Clock
  log: Log
  checksOutput: boolean
}
