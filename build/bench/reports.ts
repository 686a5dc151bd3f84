import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { openCosts } from '../../electron/core/costs/open-costs.ts'
import { makeReport, scopeOf } from '../../electron/core/report/make-report.ts'
import { signReport, writeSigned } from '../../electron/core/report/signed-report.ts'
import type { ReportSources } from '../../electron/core/report/sources.ts'
import { writeReport } from '../../electron/core/report/write-report.ts'
import { openWindows } from '../../electron/core/rollout/planning/windows.ts'
import { openFleetStore } from '../../electron/core/store/fleet/fleet-store.ts'
import { openFleet } from '../../electron/core/store/fleet/open.ts'
import { openTelemetryWriter } from '../../electron/core/store/telemetry/open.ts'
import { openTelemetryQueries } from '../../electron/core/store/telemetry/queries.ts'
import { openKeyring } from '../../electron/core/trust/keys.ts'
import { reportFormats, type ReportFormat, type ReportKind } from '../../shared/domain/report/kinds.ts'
import { fillFleet, fillReportSums, type ReportFilling } from './report-fill.ts'

// `node build/bench/reports.ts [devices] [days] [zone] [formats]`: how long reports of a large fleet take, and for how long at a stretch nothing else of
// the console has a turn. Verdicts on drift are left out: the store has no distributions. A zone other than UTC ends within days of the store.

const root = join(import.meta.dirname, '../..')
const DAY_MS = 86_400_000
const FROM = 1_800_000_000_000 - (1_800_000_000_000 % DAY_MS)
const [devices = 10_000, days = 90] = process.argv.slice(2, 4).map(Number)
const zone = process.argv[4] ?? 'UTC'
const formats = (process.argv[5] ?? 'html,csv').split(',') as ReportFormat[]
const TARGET_S = 30
const TARGET_STRETCH_MS = 50

const say = (text: string): void => void process.stdout.write(`${text}\n`)

function openSources(directory: string, filling: ReportFilling): ReportSources {
  const writer = openTelemetryWriter(join(directory, 'telemetry.db'))
  fillReportSums(writer, filling)
  writer.close()
  const store = openFleetStore(openFleet(join(directory, 'fleet.db')))
  fillFleet(store, filling)
  const telemetry = openTelemetryQueries(join(directory, 'telemetry.db'))
  const now = (): number => FROM + days * DAY_MS + 3_600_000
  const costs = openCosts({
    ...{ store, telemetry, windows: openWindows('UTC'), now, offerSpans: () => [], onItsWay: () => 0 },
    registry: { travelOf: () => null },
  })
  const fixed = { monitor: { verdicts: () => ({ features: [] }) as never }, record: () => ({}) as never, fleetName: () => 'Bench' }
  return { ...fixed, store, telemetry, costs, version: 'bench', now, deskQuality: () => [] }
}

/** The most computing that was done at a stretch: time that others of this machine take is no fault of the console. */
function watchTurns(): () => number {
  let isOn = true
  let longest = 0
  const cpu = (): number => {
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1000
  }
  let last = cpu()
  const look = (): void => {
    const now = cpu()
    longest = Math.max(longest, now - last)
    last = now
    if (isOn) setImmediate(look)
  }
  setImmediate(look)
  return () => {
    look()
    isOn = false
    return longest
  }
}

/** Does a part of the work, and says how long it took and how long others had to wait. */
async function measured<Result>(what: string, work: () => Promise<Result>): Promise<{ result: Result; cpuSeconds: number }> {
  const cpu = process.cpuUsage()
  const turns = watchTurns()
  const begun = performance.now()
  const result = await work()
  const seconds = (performance.now() - begun) / 1000
  const stretch = turns()
  const { user, system } = process.cpuUsage(cpu)
  const verdict = stretch <= TARGET_STRETCH_MS ? 'met' : 'NOT MET'
  say(
    `${what.padEnd(26)} ${seconds.toFixed(1).padStart(6)} s (CPU ${((user + system) / 1e6).toFixed(1)} s)  longest stretch ${stretch.toFixed(0).padStart(4)} ms, ${TARGET_STRETCH_MS} ms ${verdict}`,
  )
  return { result, cpuSeconds: (user + system) / 1e6 }
}

async function benchKind(sources: ReportSources, kind: ReportKind): Promise<number> {
  const offset = zone === 'UTC' ? 0 : 3_600_000
  const period = { from: FROM + (offset === 0 ? 0 : DAY_MS) - offset, through: FROM + days * DAY_MS - offset }
  const question = { kind, query: '', model: null, rollout: null, ...period, zone }
  const work = { signal: new AbortController().signal, progress: () => undefined }
  const { result: scope, cpuSeconds: selecting } = await measured(`${kind}: devices`, async () =>
    Promise.resolve(scopeOf(sources, question)),
  )
  const { result: document, cpuSeconds: making } = await measured(`${kind}: document`, () => makeReport(sources, scope, work))
  const { result: signed, cpuSeconds: signing } = await measured(`${kind}: signature`, async () => signReport(keyring, 1, document))
  let all = selecting + making + signing
  for (const format of formats.filter((one) => reportFormats.includes(one))) {
    const { cpuSeconds } = await measured(`${kind}: ${format}`, async () =>
      format === 'json' ? writeSigned(signed) : writeReport(signed, format),
    )
    all += cpuSeconds
  }
  return all
}

const directory = join(root, '.cache/bench-reports')
rmSync(directory, { recursive: true, force: true })
mkdirSync(directory, { recursive: true })
const keyring = openKeyring(join(directory, 'keys'))
try {
  say(`filling a store with ${days} days of ${devices.toLocaleString('en')} devices …`)
  const sources = openSources(directory, { devices, days, from: FROM, withEnds: zone !== 'UTC' })
  for (const kind of ['fleet', 'cost', 'incident'] as const) {
    const seconds = await benchKind(sources, kind)
    say(`${kind}: ${seconds.toFixed(1)} s of computing in all, target ${TARGET_S} s ${seconds <= TARGET_S ? 'met' : 'NOT MET'}\n`)
  }
} finally {
  rmSync(directory, { recursive: true, force: true })
}
