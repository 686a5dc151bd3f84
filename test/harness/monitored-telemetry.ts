import { DistributionWindows, type CountedSubject } from '../../agent/runtime/distribution-windows.ts'
import { prepareApply } from '../../electron/core/ingest/apply-batch.ts'
import { openGapWatch } from '../../electron/core/ingest/gap-watch.ts'
import { openRollUp } from '../../electron/core/ingest/roll-up.ts'
import { openTelemetryWriter } from '../../electron/core/store/telemetry/open.ts'
import { plainData, type Tensor } from '../../shared/inference/tensor.ts'
import { spoolRecord, type SpoolRecord } from '../../shared/protocol/telemetry.ts'
import { LatencySketch } from '../../shared/stats/latency-sketch.ts'
import type { SaidStream } from './monitored-day.ts'

const MINUTE_MS = 60_000
const WINDOW_MS = 5 * MINUTE_MS
const HOURS = 26
const DRIFTED_HOURS = 5
/** Rows of a device in a window: a verdict on one device takes two hours, one on the version an hour. */
const ROWS = 12
/** One row in so many gets its true label from the device, and another one is sampled for the desk. */
const LABEL_EVERY = 5

interface Day extends CountedSubject {
  devices: readonly string[]
  now: number
  stable: SaidStream
  drifted: SaidStream
}

type Body = Pick<SpoolRecord, 'kind'> & { at: number; body: unknown }

/** Writes the day as the ingest writer does, window by window, so that every record arrives a moment after it was closed. */
export function fillDay(file: string, day: Day): void {
  const db = openTelemetryWriter(file)
  try {
    const rollUp = openRollUp(db)
    const apply = prepareApply(db, openGapWatch(), rollUp)
    const devices = day.devices.map((device, number) => ({ device, number, records: deviceDay(day, number) }))
    const first = startOf(day)
    for (let from = first; from < day.now; from += WINDOW_MS) {
      db.transaction(() => {
        rollUp.clear()
        for (const { device, records } of devices) {
          const arrived = records.filter(({ measuredAt }) => measuredAt > from && measuredAt <= from + WINDOW_MS)
          if (arrived.length === 0) continue
          const receivedAt = Math.min(day.now, from + WINDOW_MS)
          const span = { from: arrived[0]!.seq, through: arrived.at(-1)!.seq }
          apply(
            { device, spool: `spool-${device}`, ...span, receivedAt, sentAt: receivedAt, records: arrived.map((record) => ({ record })) },
            0,
          )
        }
        rollUp.write()
      })()
    }
  } finally {
    db.close()
  }
}

function startOf({ now }: Day): number {
  return Math.floor(now / WINDOW_MS) * WINDOW_MS - HOURS * 12 * WINDOW_MS
}

/** What one device tells of the day, in order. */
function deviceDay(day: Day, number: number): SpoolRecord[] {
  const clock = { at: startOf(day) }
  const windows = new DistributionWindows({ now: () => clock.at, monotonic: () => clock.at }, { seconds: WINDOW_MS / 1000, masks: {} })
  const bodies: Body[] = []
  const count = HOURS * 12
  for (let w = 0; w < count; w += 1) {
    clock.at = startOf(day) + w * WINDOW_MS + 1000
    const { stream, said } = w < count - DRIFTED_HOURS * 12 ? day.stable : day.drifted
    // Each device goes round the whole stream, from another place: a part of it again and again would be another distribution than its peers'.
    const at = Math.floor((number * stream.rows.length) / day.devices.length) + w * ROWS
    const answer = said(at, ROWS)
    windows.count(day, answer.inputs, { ...answer, rows: ROWS, isFinite: true, findings: new Map() }, { now: clock.at, isAsked: false })
    bodies.push(traffic(day, { at: clock.at - 1000, number, w }))
    for (let row = 0; row < ROWS; row += 1) {
      const place = (at + row) % stream.rows.length
      const of = { id: `p-${w}-${row}`, at: clock.at + row * 1000 }
      if ((w * ROWS + row) % LABEL_EVERY === 0) bodies.push(label(day, { ...of, actual: stream.classes[place]!, answer: said(place, 1) }))
      if ((w * ROWS + row) % (6 * LABEL_EVERY) === 1) bodies.push(sample(day, { ...of, answer: said(place, 1) }))
    }
    bodies.push(resources(clock.at, number + w))
    clock.at = startOf(day) + (w + 1) * WINDOW_MS
    for (const { kind, body } of windows.takeClosed()) bodies.push({ kind, at: clock.at, body })
  }
  return bodies
    .filter(({ at }) => at <= day.now)
    .toSorted((a, b) => a.at - b.at)
    .map(({ kind, at, body }, i) => spoolRecord.parse({ seq: i + 1, kind, boot: 'boot-1', measuredAt: at, monotonicMs: i, body }))
}

function traffic({ subject }: Day, { at, number, w }: { at: number; number: number; w: number }): Body {
  const latency = LatencySketch.empty()
  for (let i = 0; i < ROWS; i += 1) latency.add((1.5 + number / 4) * (0.8 + ((i * 37 + w * 11) % 60) / 60))
  const errors = (w * 7 + number) % 97 === 0 ? { 'inference.bad-input': 1 } : {}
  const failed = Object.keys(errors).length
  const span = { startedAt: at, endedAt: at + WINDOW_MS, coveredMs: WINDOW_MS }
  return {
    kind: 'window',
    at: at + WINDOW_MS,
    body: { ...subject, ...span, requests: ROWS + failed, rows: ROWS, errors, latencyMs: latency.state() },
  }
}

interface Said {
  id: string
  at: number
  answer: ReturnType<SaidStream['said']>
}

function label({ subject, manifest }: Day, { id, at, answer, actual }: Said & { actual: number }): Body {
  const [outcome] = answer.outcomes
  if (outcome?.kind !== 'class') throw new Error('wine answers with classes')
  const item = { id, row: 0, predictedAt: at, predicted: outcome.label, actual: manifest.labels[actual]!, confidence: outcome.confidence }
  return { kind: 'labels', at, body: { ...subject, items: [item] } }
}

function sample({ subject }: Day, { id, at, answer }: Said): Body {
  const plain = ({ name, datatype, shape, data }: Tensor): object => ({
    ...{ name, datatype, shape },
    data: plainData({ name, datatype, shape, data }).map((value) => (Number.isNaN(value) ? null : value)),
  })
  const [outcome] = answer.outcomes
  const confidence = outcome?.kind === 'class' ? outcome.confidence : null
  const reason = confidence !== null && confidence < 0.8 ? 'low-confidence' : 'random'
  const content = { inputs: answer.inputs.map(plain), outputs: answer.outputs.map(plain) }
  return { kind: 'sample', at, body: { ...subject, id, predictedAt: at, weight: 6 * LABEL_EVERY, reason, confidence, ...content } }
}

function resources(at: number, step: number): Body {
  return {
    ...{ kind: 'resources', at },
    body: {
      ...{ cpuShare: 0.2 + (step % 10) / 20, agentRssBytes: 9e7 + (step % 7) * 1e6, memoryFreeBytes: 1e9, memoryTotalBytes: 4e9 },
      ...{ diskFreeBytes: 5e9, diskTotalBytes: 16e9, temperatureCelsius: 45 + (step % 12), spoolRecords: step % 5 },
    },
  }
}
