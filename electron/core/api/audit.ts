import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import { headOfExport, pageOfExport } from '../audit/export.ts'
import { listedEntry, shownCheckpoint, shownEntry } from '../audit/show.ts'
import { newJobId } from '../jobs/jobs.ts'
import type { ApiParts } from './parts.ts'

type Names = Extract<keyof Handlers, `audit.${string}`>

/** Handlers of `audit.*`. */
export function auditHandlers(parts: ApiParts): Pick<Handlers, Names> {
  const { store, audit, jobs } = parts
  return {
    'audit.list': ({ filter, before, limit }) => {
      const place = { from: before === undefined ? Number.MAX_SAFE_INTEGER : Number(before), order: 'newest' as const, limit }
      const { entries, next } = store.auditSearch.page(filter, place)
      return {
        entries: entries.map((entry) => listedEntry(store, entry)),
        next: next === null ? null : String(next),
        size: store.audit.size(),
      }
    },
    'audit.show': ({ seq }) => shownEntry(store, seq, audit.keepersOf),
    'audit.choices': () => ({ actors: store.auditSearch.actors(), actions: store.auditSearch.actions() }),
    'audit.status': () => audit.status(),
    'audit.checkpoints': ({ before, limit }) => {
      const rows = store.auditWitnesses.page(before ?? Number.MAX_SAFE_INTEGER, limit)
      return { checkpoints: rows.map((row) => shownCheckpoint(row, audit.keepersOf)), next: rows.length < limit ? null : rows.at(-1)!.size }
    },
    'audit.witnesses': ({ limit }) => audit.witnesses(limit),
    'audit.proof': ({ seq }) => audit.proof(seq),
    'audit.exportHead': ({ filter }) => {
      const head = headOfExport(store, { filter, fleet: parts.fleet, keys: audit.keys(), now: parts.now() })
      return { head, first: 1, last: head.size }
    },
    'audit.exportPage': ({ filter, ...place }) => pageOfExport(store, filter, place),
    'audit.verify': (_, context) => {
      const job = newJobId()
      context.afterCommit(() => jobs.run(job, { kind: 'audit', title: 'Verify the audit log' }, audit.verification))
      return { job }
    },
    'audit.checkpoint': (_, context) => {
      // The entry of this very command comes after this work: it is the last that is signed.
      context.afterCommit(() => audit.checkpoints.sign())
      return { size: store.audit.size() + 1 }
    },
    'audit.accept': (_, context) => {
      // Devices that keep what was accepted go on from the next checkpoint: it says so.
      context.afterCommit(() => {
        audit.checkpoints.sign()
        parts.alerts.kick()
        parts.changed('audit', 'alerts')
      })
      return { accepted: store.auditWitnesses.accept(parts.now(), context.caller.actor) }
    },
  }
}
