import { onTestFinished } from 'vitest'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { startCheckpoints, type CheckpointKeeper } from '../../electron/core/audit/keeper.ts'
import { verifyLog } from '../../electron/core/audit/verify.ts'
import type { FleetStore } from '../../electron/core/store/fleet/fleet-store.ts'
import { openKeyring, type Keyring } from '../../electron/core/trust/keys.ts'
import type { AuditVerdict } from '../../shared/domain/audit/finding.ts'
import { fleetStore, T0, temporaryDirectory } from './fleet.ts'

/** A log with a clock, signed by real keys. */
export interface AuditLog {
  store: FleetStore
  keyring: Keyring
  keeper: CheckpointKeeper
  clock: { at: number }
  directory: string
  /** Adds entries, one second apart, in one transaction. */
  add(count: number, change?: Partial<{ actor: string; action: string; detail: unknown; devices: string[] }>): void
  verify(): Promise<AuditVerdict>
  /** Does what no program of ours can: the guards of the database are off meanwhile. */
  tamper(...statements: string[]): void
}

/** Opens a log of its own for one test. */
export function auditLog(directory = temporaryDirectory()): AuditLog {
  mkdirSync(directory, { recursive: true })
  const store = fleetStore(directory)
  const keyring = openKeyring(join(directory, 'keys'))
  const clock = { at: T0 }
  const keeper = startCheckpoints({
    ...{ store, keyring, fleet: 'plant', now: () => clock.at, onOutbox: () => undefined, changed: () => undefined },
    log: (_, message, detail) => {
      throw new Error(`${message} ${JSON.stringify(detail)}`)
    },
  })
  onTestFinished(keeper.stop)
  return {
    ...{ store, keyring, keeper, clock, directory },
    add(count, change = {}) {
      store.transact(() => {
        for (let i = 0; i < count; i += 1) {
          clock.at += 1000
          const seq = store.audit.size() + 1
          const detail = { commandId: `c-${seq}`, input: { device: `cam-${seq % 3}`, labels: { site: `s${seq}` } } }
          store.audit.append({
            at: clock.at,
            actor: 'cli:anna',
            action: 'devices.setLabels',
            detail,
            devices: [`cam-${seq % 3}`],
            ...change,
          })
        }
      })
    },
    verify: () =>
      verifyLog(
        { store, keys: keyring.roots().assignment, now: () => clock.at },
        { signal: new AbortController().signal, progress: () => undefined },
      ),
    tamper(...statements) {
      const { db } = store
      const guards = db.prepare<[], { name: string; sql: string }>("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").all()
      db.pragma('foreign_keys = OFF')
      for (const { name } of guards) db.exec(`DROP TRIGGER ${name}`)
      for (const statement of statements) db.exec(statement)
      for (const { sql } of guards) db.exec(sql)
      db.pragma('foreign_keys = ON')
    },
  }
}
