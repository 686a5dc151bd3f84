import { trustFilters } from '../../shared/protocol/topics.ts'
import type { Clock } from '../../shared/domain/clock.ts'
import type { Journal } from '../converge/journal.ts'
import { newestSignedAt } from '../converge/signed-time.ts'
import type { Identity } from '../identity.ts'
import type { Log } from '../log.ts'
import type { Connection } from '../mqtt/connection.ts'
import { openDeviceTrust, type DeviceTrust } from './device-trust.ts'
import { createMetadataWire } from './metadata-wire.ts'
import type { MetadataSource } from './tuf-client.ts'

/** The trust of a running agent, and what its inbox hands to it. */
export interface RunningTrust {
  trust: DeviceTrust
  /** Metadata is asked for there from now on; null: of the console. */
  trustFrom(source: MetadataSource | null): void
  trustTimestamp(payload: Uint8Array): void
  trustAnswer(name: string, payload: Uint8Array): void
}

/**
 * Opens the trust of a device over its connection. The console is asked for nothing before its timestamp came in: one from before there was any
 * would cut off a device that speaks of it.
 */
export function startTrust(options: {
  directory: string
  identity: Identity
  journal: Journal
  connection: Connection
  clock: Clock
  log: Log
  onChange(): void
}): RunningTrust {
  const { directory, identity, journal, connection, clock, log, onChange } = options
  const { fleet, device } = identity
  const wire = createMetadataWire({ fleet, device, connection, clock })
  let carried: MetadataSource | null = null
  const trust = openDeviceTrust({
    ...{ directory, identity, clock, log, onChange, source: { fetch: (name, maxBytes) => (carried ?? wire).fetch(name, maxBytes) } },
    newestSignedAt: (keys) => newestSignedAt(journal.state, keys),
  })
  let newest: Uint8Array | null = null
  // What is retained comes before the connection counts as one: then nothing could be asked yet.
  connection.onState((connected) => {
    if (connected && newest !== null) void trust.heard(newest)
  })
  for (const filter of trustFilters(fleet, device))
    connection.subscribe(filter).catch((error: unknown) => log('warn', 'The trust metadata is not heard.', { filter, problem: error }))
  const trustFrom = (source: MetadataSource | null): void => {
    carried = source
  }
  return {
    trust,
    trustFrom,
    trustTimestamp: (payload) => {
      newest = payload
      void trust.heard(payload)
    },
    trustAnswer: (name, payload) => wire.deliver(name, payload),
  }
}
