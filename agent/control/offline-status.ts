import Database from 'better-sqlite3'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { reportOf, type ProblemReport } from '../../shared/domain/problem.ts'
import { musterVersion } from '../../shared/domain/version.ts'
import { storeProblem } from '../../shared/store/sqlite-rules.ts'
import { systemClock } from '../clock.ts'
import { reportedBeside } from '../converge/describe.ts'
import { readJournal } from '../converge/journal.ts'
import { certificateSummary, readCredentials } from '../identity/credentials.ts'
import type { Identity } from '../identity.ts'
import type { AgentStatus } from './status.ts'

/** The status of an agent that does not run, from its files alone; nothing is written. @throws Problem `store.corrupt`, `store.newer` */
export function offlineStatus(directory: string, identity: Identity): AgentStatus {
  const journal = readJournal(join(directory, 'journal.json'))
  const lock = journal?.lock ?? null
  return {
    running: false,
    fleet: identity.fleet,
    device: identity.device,
    agentVersion: musterVersion,
    pid: null,
    startedAt: null,
    httpUrl: null,
    broker: { url: identity.brokerUrl, connected: false, since: null, problem: null },
    certificate: certificateSummary(readCredentials(directory), identity),
    order: { counter: journal?.order?.assignment.counter ?? 0, problem: null },
    spool: { ...readSpoolSize(join(directory, 'spool.db')), lastAckAt: null },
    // Until when it holds, only a running agent knows for sure; this is what the wall clock says.
    lock:
      lock === null || lock.since + lock.durationMs <= systemClock.now()
        ? null
        : { reason: lock.reason, since: lock.since, until: lock.since + lock.durationMs },
    halts: journal?.halt?.halts ?? [],
    checkpoints: journal?.checkpoints ?? [],
    machine: null,
    served: {},
    detectors: {},
    deployments: Object.fromEntries(
      Object.entries(journal?.deployments ?? {}).map(([name, { state, active, candidate, lastGood, problem, beside }]) => [
        name,
        {
          state,
          active,
          candidate,
          lastGood,
          progress: null,
          problem: problem === null ? null : { code: problem.code, message: problem.message },
          watch: null,
          beside: beside === null ? null : reportedBeside(beside, null),
        },
      ]),
    ),
  }
}

/** Records and bytes of a spool file. A damaged one gives its problem. */
export function readSpoolSize(file: string): { records: number; bytes: number; problem: ProblemReport | null } {
  if (!existsSync(file)) return { records: 0, bytes: 0, problem: null }
  let db: Database.Database | null = null
  try {
    db = new Database(file, { readonly: true, fileMustExist: true })
    const size = db.prepare<[], { records: number; bytes: number }>('SELECT records, bytes FROM spool').get()
    return { records: size?.records ?? 0, bytes: size?.bytes ?? 0, problem: null }
  } catch (error) {
    return { records: 0, bytes: 0, problem: reportOf(storeProblem(error, file)) }
  } finally {
    db?.close()
  }
}
