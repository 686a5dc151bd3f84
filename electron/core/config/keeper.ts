import { setImmediate as nextTurn } from 'node:timers/promises'
import { assign, type AssignParts } from '../deployments/assign.ts'
import { newJobId, type Jobs } from '../jobs/jobs.ts'
import { openPrivacyView } from '../privacy/view.ts'
import { effectiveConfig, readCommonRules, rulesFor } from './effective.ts'

/** Devices of one transaction: a few ms, between which everything else has its turn. */
const BATCH = 100
/** So many are signed at once within the command; more become a job. */
const AT_ONCE = 200
/** Fewer devices are read one by one; of more, all are read at once. */
const FEW = 2 * BATCH

/** What the keeper works with. */
export interface KeeperParts extends AssignParts {
  jobs: Pick<Jobs, 'run'>
  now(): number
  onOutbox(): void
  changed(...topics: ('config' | 'devices')[]): void
}

/** A device without an assignment has the defaults: nothing has to be said to it. */
const defaults = JSON.stringify(effectiveConfig([]))

/**
 * Devices whose signed configuration is another one than the rules say.
 * @param only null: all
 */
export function stale({ store }: Pick<AssignParts, 'store'>, only: readonly string[] | null): string[] {
  const common = readCommonRules(store.configRules)
  const privacyOf = openPrivacyView(store)
  const entries = only === null ? store.roster.all() : only.flatMap((device) => store.roster.entry(device) ?? [])
  const isFew = only !== null && only.length < FEW
  const configs = isFew ? null : store.deployments.signedConfigs()
  const own = isFew ? null : new Map(store.configRules.devices('', Number.MAX_SAFE_INTEGER).map((rule) => [rule.name, rule]))
  return entries.flatMap((entry) => {
    const { device } = entry.row
    const mine = own === null ? store.configRules.ofDevice(device) : (own.get(device) ?? null)
    const signed = configs === null ? store.deployments.signedConfig(device) : configs.get(device)
    return isSigned(signed, JSON.stringify(effectiveConfig(rulesFor(common, entry, mine), privacyOf(device)))) ? [] : [device]
  })
}

/** True if what was signed is what is wanted; a console of before signed fields in another order, and no flags. */
export function isSigned(signed: string | undefined | null, wanted: string): boolean {
  if (signed == null) return wanted === defaults
  return signed === wanted || JSON.stringify(effectiveConfig([asRule(signed)])) === wanted
}

function asRule(config: string): Parameters<typeof effectiveConfig>[0][number] {
  const settings = JSON.parse(config) as object
  return { scope: 'fleet', name: '', query: null, priority: 0, settings, setAt: 0, setBy: '' }
}

/** Signs the assignments of some devices anew, as part of the running transaction. */
export function signAgain(parts: KeeperParts, devices: readonly string[]): void {
  for (const device of devices) if (parts.store.devices.find(device) !== null) assign(parts, device, { now: parts.now() })
}

/**
 * Brings signed configurations to what the rules say: at the start, when devices join or change what groups ask for, and after a rule
 * changed. It holds no list of its own: what is left is always what differs, so that nothing is lost when the console ends in the middle.
 */
export interface ConfigKeeper {
  /** Signs within the running transaction, or returns the job that will after the commit. */
  settle(devices: readonly string[]): string | null
  /** Starts the job of `settle`, after the commit. */
  start(job: string): void
  /** Devices came, or are others than before. */
  note(devices: readonly string[]): void
  /** What was said to devices beside the rules is another thing now. */
  sign(devices: readonly string[]): void
  /** Looks at every device. */
  noteAll(): void
}

/** Opens the keeper; call `noteAll` once the parts that it tells are there. */
export function openConfigKeeper(parts: KeeperParts): ConfigKeeper {
  const run = (job: string): void => {
    parts.jobs.run(job, { kind: 'config', title: 'Sign the new configuration' }, async ({ signal, progress }) => {
      const devices = stale(parts, null)
      for (let i = 0; i < devices.length && !signal.aborted; i += BATCH) {
        parts.store.transact(() => signAgain(parts, stale(parts, devices.slice(i, i + BATCH))))
        parts.onOutbox()
        progress((i + BATCH) / devices.length, `${Math.min(devices.length, i + BATCH)} of ${devices.length} devices`)
        await nextTurn()
      }
      parts.changed('config', 'devices')
      return { devices: devices.length }
    })
  }
  const signNow = (devices: readonly string[]): void => {
    if (devices.length === 0) return
    if (devices.length > AT_ONCE) {
      run(newJobId())
      return
    }
    parts.store.transact(() => signAgain(parts, devices))
    parts.onOutbox()
    parts.changed('config', 'devices')
  }
  return {
    settle(devices) {
      if (devices.length > AT_ONCE) return newJobId()
      signAgain(parts, devices)
      return null
    },
    start: run,
    note(devices) {
      // Only a group depends on what a device is, and the fleet's rule on that it is there.
      if (devices.length > 0 && hasCommonRules(parts)) signNow(stale(parts, devices))
    },
    sign: (devices) => signNow(stale(parts, devices)),
    noteAll: () => signNow(stale(parts, null)),
  }
}

function hasCommonRules({ store }: KeeperParts): boolean {
  return store.configRules.fleet() !== null || store.configRules.groups().length > 0
}
