import { statfsSync } from 'node:fs'
import { z } from 'zod'
import { contract } from '../../../shared/rpc/contract.ts'
import { briefReport, type Handlers } from '../../../shared/rpc/dispatch.ts'
import type { ProblemReport } from '../../../shared/domain/problem.ts'
import type { ApiParts } from './parts.ts'

type Names = 'system.status' | 'system.methods' | 'transfers.list' | 'transfers.setLimit' | 'jobs.show' | 'jobs.list' | 'jobs.cancel'

/** More than a screen shows. */
const LISTED_JOBS = 50

/** Handlers of `system.*`, `transfers.*` and `jobs.*`. */
export function systemHandlers(parts: ApiParts): Pick<Handlers, Names> {
  const { store, jobs } = parts
  const limit = (): number | null => store.settings.get('limitBytesPerSecond') ?? null
  return {
    'system.status': () => {
      const hub = parts.hub()
      return {
        version: parts.version,
        fleet: parts.fleet,
        fleetName: store.settings.get('fleetName') ?? parts.fleet,
        dataDirectory: parts.dataDirectory,
        startedAt: parts.startedAt,
        broker: {
          kind: parts.broker().kind,
          url: parts.brokerUrl(),
          state: hub.broker.state,
          problem: briefOrNone(hub.broker.problem),
        },
        setupDone: parts.isSetUp(),
        disk: diskOf(parts.dataDirectory),
        memory: { coreBytes: process.memoryUsage.rss(), hubBytes: hub.memoryBytes },
        hub: { pid: hub.pid, restarts: hub.restarts },
        ingest: { ...hub.counters, recordsPerSecond: parts.ingestRate.perSecond(), problem: briefOrNone(hub.counters.problem) },
        devices: store.devices.counts(),
        outbox: { waiting: store.outbox.waiting() },
      }
    },
    'system.methods': () =>
      Object.entries(contract).map(([method, { kind, role, summary, input }]) => ({
        method,
        kind,
        role,
        summary,
        input: z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }),
      })),
    'transfers.list': () => ({ limitBytesPerSecond: limit(), transfers: parts.hub().transfers }),
    'transfers.setLimit': ({ bytesPerSecond }, context) => {
      store.settings.set('limitBytesPerSecond', bytesPerSecond)
      context.afterCommit(() => {
        parts.hub().setLimit(bytesPerSecond)
        parts.changed('transfers')
      })
      return { limitBytesPerSecond: bytesPerSecond }
    },
    'jobs.show': ({ job }) => {
      const shown = jobs.show(job)
      return { ...shown, problem: briefOrNone(shown.problem) }
    },
    'jobs.list': () => ({
      jobs: jobs.list(LISTED_JOBS).map((job) => ({ ...job, problem: briefOrNone(job.problem) })),
    }),
    'jobs.cancel': ({ job }) => ({ cancelled: jobs.cancel(job) }),
  }
}

/** Space of the file system that holds the data; null where the system does not tell. */
function diskOf(directory: string): { freeBytes: number; totalBytes: number } | null {
  try {
    const { bavail, blocks, bsize } = statfsSync(directory)
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
  } catch {
    return null
  }
}

function briefOrNone(problem: ProblemReport | null): ProblemReport | null {
  return problem === null ? null : briefReport(problem)
}
