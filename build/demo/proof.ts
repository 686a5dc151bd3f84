import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { RpcClient } from '../../shared/rpc/client.ts'
import type { LocalAgent } from './local-fleet.ts'

export interface Proof {
  made: number
  stored: number
  dropped: number
  isEqual: boolean
  sentence: string
}

/**
 * Compares the records that the agents made (numbers their spools have issued) with those that the console has stored.
 * @returns null while a record is still on its way
 */
export async function madeAndStored(rpc: RpcClient, agents: readonly LocalAgent[]): Promise<Proof | null> {
  const { spools } = await rpc.call('telemetry.ledger', {})
  const sum = { made: 0, stored: 0, dropped: 0, quarantined: 0 }
  for (const agent of agents) {
    const issued = issuedBy(join(agent.directory, 'spool.db'))
    const ledger = spools.find((row) => row.device === agent.device && row.spool === issued.spool)
    if (ledger === undefined || ledger.through < issued.records) return null
    sum.made += issued.records
    sum.stored += ledger.stored
    sum.dropped += ledger.declaredDropped
    sum.quarantined += ledger.quarantined
  }
  const isEqual = sum.made === sum.stored + sum.dropped && sum.quarantined === 0
  const declared = sum.dropped === 0 ? '' : ` + ${sum.dropped} declared as dropped`
  return {
    ...{ made: sum.made, stored: sum.stored, dropped: sum.dropped, isEqual },
    sentence: `records made ${sum.made} ${isEqual ? '=' : '≠'} records stored ${sum.stored}${declared} (each once, over ${agents.length} spools)`,
  }
}

/** The id of a spool file and how many numbers it has issued. */
function issuedBy(file: string): { spool: string; records: number } {
  const db = new Database(file, { readonly: true })
  try {
    const spool = db.prepare<[], { id: string }>('SELECT id FROM spool').get()!.id
    const sequence = db.prepare<[], { seq: number }>("SELECT seq FROM sqlite_sequence WHERE name = 'record'").get()
    return { spool, records: sequence?.seq ?? 0 }
  } finally {
    db.close()
  }
}
