import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { reportsHandlers } from '../../electron/core/api/reports.ts'
import { commandRunner } from '../../electron/core/api/run-command.ts'
import { openReportClock } from '../../electron/core/report/report-clock.ts'
import { openReportDesk, type ReportDeskParts } from '../../electron/core/report/report-desk.ts'
import { usualRetention } from '../../shared/domain/retention.ts'
import { contract, type InputOf, type OutputOf } from '../../shared/rpc/contract.ts'
import type { PrivacyRecord } from '../../shared/rpc/contract/privacy.ts'
import { reportVerification, type ReportVerification } from '../../shared/rpc/contract/reports.ts'
import type { CommandContext } from '../../shared/rpc/dispatch.ts'
import { LatencySketch } from '../../shared/stats/latency-sketch.ts'
import { openCostDesk } from './cost-desk.ts'
import { sliceDesk } from './slice-desk.ts'

type ReportMethod = Extract<keyof typeof contract, `reports.${string}`>

export const DIGEST = 'a'.repeat(64)
export const PLACE = { deployment: 'quality-check', digest: DIGEST, model: 'digits', version: '1.0.0' }
export const HOUR = 3_600_000
export const DAY = 24 * HOUR

export const record: PrivacyRecord = {
  ...{ fleet: 'Plant', at: 0, version: '0.1.0', devices: 2, rows: [], fields: [], samplesOn: false, models: [] },
  retention: usualRetention,
  erasures: { total: 0, done: 0, pendingDevices: 0 },
  audit: { entries: 3, checkpoints: 1, oldestAt: 0, isVerified: true },
  people: { accounts: 2, admins: 1 },
  backups: { count: 4, newestAt: 0, keys: 'left-out' },
}

/** The handlers of reports over real stores, real keys and real files; what devices send is taken in as the ingest does. Drift is scripted. */
export function openPlayedReports() {
  const { desk, db, costs, telemetry, call: callCosts } = openCostDesk()
  const slices = sliceDesk(db)
  const { store, clock, directory, parts } = desk
  const now = (): number => clock.at
  const drift = { features: [] as unknown[] }
  /** What labels of the desk say; asked with a slice and a cut. */
  const labelled = { quality: (() => []) as ReportDeskParts['deskQuality'] }
  const reportParts: ReportDeskParts = {
    ...{ store, telemetry, costs, now, version: '0.1.0', dataDirectory: directory, keyring: parts.keyring, jobs: parts.jobs },
    monitor: { verdicts: () => drift as never },
    deskQuality: (slice, cut) => labelled.quality(slice, cut),
    ...{ record: () => record, fleetName: () => 'Plant Lyon', log: () => undefined, changed: () => undefined },
  }
  const reports = openReportDesk(reportParts)
  const reportClock = openReportClock(reportParts, reports)
  const handlers = reportsHandlers({ store, uploads: parts.uploads, now, changed: () => undefined, reports: { desk: reports } })
  const run = commandRunner(store, now)

  async function call<Name extends ReportMethod>(method: Name, input: InputOf<Name>): Promise<OutputOf<Name>> {
    const parsed = contract[method].input.parse(input)
    const handler = handlers[method] as (input: unknown, context: unknown) => unknown
    const caller = { actor: 'kim', role: 'admin' as const }
    const work = (context: CommandContext): unknown => handler(parsed, context)
    const output =
      contract[method].kind === 'query'
        ? await handler(parsed, caller)
        : run({ method, input: parsed, commandId: randomUUID(), caller }, work)
    return contract[method].output.parse(JSON.parse(JSON.stringify(output))) as OutputOf<Name>
  }

  /** The end of a job; one that failed throws its problem. */
  async function ended(job: string): Promise<unknown> {
    const shown = await desk.jobEnd(job)
    if (shown.state !== 'done') throw new Error(shown.problem === null ? shown.state : `${shown.problem.code}: ${shown.problem.message}`)
    return shown.result
  }

  return {
    ...{ desk, store, db, costs, callCosts, drift, labelled, slices, reports, reportClock, call, ended, directory, reportParts },
    /** A window of requests that all took as long; some of them failed. */
    window(
      device: string,
      startedAt: number,
      of: { requests: number; errors?: number; cause?: string; latencyMs?: number; place?: object; receivedAt?: number },
    ): void {
      const latency = LatencySketch.empty()
      const errors = of.errors ?? 0
      latency.add(of.latencyMs ?? 10, of.requests - errors)
      slices.take(
        device,
        [
          {
            kind: 'window',
            body: {
              ...{ ...PLACE, ...of.place, startedAt, endedAt: startedAt + 60_000, requests: of.requests, rows: of.requests - errors },
              ...{
                errors: errors === 0 ? {} : { [of.cause ?? 'inference.failed']: errors },
                latencyMs: latency.state(),
                coveredMs: 60_000,
              },
            },
          },
        ],
        of.receivedAt ?? startedAt + 60_000,
      )
    },
    /** Labels of predictions, the first so many of them right. */
    labels(device: string, predictedAt: number, of: { labels: number; right: number }): void {
      const items = Array.from({ length: of.labels }, (_, row) => ({
        ...{ id: `p-${predictedAt}-${row}`, row: 0, predictedAt, predicted: 'a', actual: row < of.right ? 'a' : 'b', confidence: null },
      }))
      slices.take(device, [{ kind: 'labels', body: { ...PLACE, items } }], predictedAt + 60_000)
    },
    /** An entry of the ledger. */
    ledger(device: string, startedAt: number, endedAt: number, change: object = {}): void {
      const body = { startedAt, endedAt, bytesIn: {}, bytesOut: {}, inferences: 0, cpuSeconds: 0, storedBytes: 0, ...change }
      slices.take(device, [{ kind: 'ledger', body }], endedAt)
    },
    /** An event of a device. */
    event(device: string, at: number, name: string, severity: 'info' | 'warning' | 'error'): void {
      const { seq } = db.prepare<[], { seq: number }>('SELECT 1000000 + count(*) AS seq FROM event').get()!
      db.prepare(`INSERT INTO event (spool, seq, device, at, name, severity, code, message, detail, received_at)
        VALUES ((SELECT id FROM spool WHERE device = ? LIMIT 1), ?, ?, ?, ?, ?, NULL, ?, '{}', ?)`).run(
        ...[device, seq, device, at, name, severity, name, at],
      )
    },
    /** Makes a report to its end. */
    async make(input: InputOf<'reports.create'>): Promise<OutputOf<'reports.show'>> {
      const { report, job } = await call('reports.create', input)
      await ended(job)
      return call('reports.show', { report })
    },
    /** The whole of a file, piece by piece. */
    async file(report: number, format: InputOf<'reports.file'>['format']): Promise<Buffer> {
      const pieces: Buffer[] = []
      for (let offset: number | null = 0; offset !== null;) {
        const got: OutputOf<'reports.file'> = await call('reports.file', { report, format, offset })
        pieces.push(Buffer.from(got.piece, 'base64'))
        offset = got.next
      }
      return Buffer.concat(pieces)
    },
    /** Verifies a report by its number, or bytes as an uploaded file. */
    async verify(of: number | Uint8Array): Promise<ReportVerification> {
      if (typeof of === 'number') return reportVerification.parse(await ended((await call('reports.verify', { report: of })).job))
      const path = join(directory, `file-${randomUUID()}`)
      writeFileSync(path, of)
      return reportVerification.parse(await ended((await call('reports.verify', { upload: await desk.upload(path, 'file') })).job))
    },
  }
}
