import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { costsHandlers } from '../../electron/core/api/costs.ts'
import { commandRunner } from '../../electron/core/api/run-command.ts'
import { openCosts } from '../../electron/core/costs/open-costs.ts'
import type { OfferSpan } from '../../electron/core/costs/rollout-bytes.ts'
import { prepareLedger } from '../../electron/core/ingest/records/ledger.ts'
import { openWindows } from '../../electron/core/rollout/planning/windows.ts'
import { openTelemetryWriter } from '../../electron/core/store/telemetry/open.ts'
import { openTelemetryQueries } from '../../electron/core/store/telemetry/queries.ts'
import type { LedgerBody } from '../../shared/protocol/telemetry.ts'
import { contract, type InputOf, type OutputOf } from '../../shared/rpc/contract.ts'
import type { CommandContext } from '../../shared/rpc/dispatch.ts'
import { openReleaseDesk } from './release-desk.ts'

type CostMethod = 'costs.sheet' | 'costs.setSheet' | 'costs.report' | 'costs.forecast'
export type CostDesk = ReturnType<typeof openCostDesk>

/** The handlers of costs over a real store, a real registry and real ledgers; devices and what is on its way are played. */
export function openCostDesk() {
  const desk = openReleaseDesk()
  const file = join(desk.directory, 'telemetry.db')
  const db = openTelemetryWriter(file)
  onTestFinished(() => void db.close())
  const telemetry = openTelemetryQueries(file)
  onTestFinished(() => telemetry.close())
  const played = { spans: [] as OfferSpan[], onItsWay: 0 }
  const now = (): number => desk.clock.at
  const costs = openCosts({
    ...{ store: desk.store, registry: desk.registry, telemetry, windows: openWindows('UTC'), now },
    offerSpans: () => played.spans,
    onItsWay: () => played.onItsWay,
  })
  const handlers = costsHandlers({
    store: desk.store,
    registry: desk.registry,
    costs,
    now,
    changed: (...topics) => void desk.told.push(...topics),
  })
  const run = commandRunner(desk.store, now)
  const put = prepareLedger(db)
  const insertSpool = db.prepare(
    'INSERT OR IGNORE INTO spool (id, device, spool, first_received_at, last_received_at) VALUES (?, ?, ?, 0, 0)',
  )
  const spools = new Map<string, number>()
  let seq = 0

  return {
    ...{ desk, db, costs, telemetry, played },
    /** Calls a method as the dispatch does: input and output are checked by the contract. */
    async call<Name extends CostMethod>(method: Name, input: InputOf<Name>): Promise<OutputOf<Name>> {
      const parsed = contract[method].input.parse(input)
      const handler = handlers[method] as (input: unknown, context: unknown) => unknown
      const caller = { actor: 'kim', role: 'admin' as const }
      const work = (context: CommandContext): unknown => handler(parsed, context)
      const output =
        contract[method].kind === 'query'
          ? await handler(parsed, caller)
          : run({ method, input: parsed, commandId: randomUUID(), caller }, work)
      return contract[method].output.parse(JSON.parse(JSON.stringify(output))) as OutputOf<Name>
    },
    /** An entry of the ledger of a device arrives, as the ingest stores it. */
    used(device: string, endedAt: number, body: Partial<LedgerBody> = {}): void {
      const spool = spools.get(device) ?? spools.size + 1
      spools.set(device, spool)
      insertSpool.run(spool, device, 'spool')
      seq += 1
      const whole = {
        startedAt: endedAt - 300_000,
        endedAt,
        bytesIn: {},
        bytesOut: {},
        inferences: 0,
        cpuSeconds: 0,
        storedBytes: 0,
        ...body,
      }
      // As the ingest does, in one transaction.
      db.transaction(() =>
        put({ spool, device, receivedAt: endedAt } as Parameters<typeof put>[0], { seq } as Parameters<typeof put>[1], whole),
      )()
    },
  }
}
