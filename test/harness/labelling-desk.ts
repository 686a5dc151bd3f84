import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { z } from 'zod'
import { prepareSample } from '../../electron/core/ingest/records/sample.ts'
import { openDesk, type Desk } from '../../electron/core/labelling/desk.ts'
import { openTelemetryWriter } from '../../electron/core/store/telemetry/open.ts'
import { openTelemetryQueries } from '../../electron/core/store/telemetry/queries.ts'
import type { SliceReader } from '../../electron/core/store/telemetry/slice.ts'
import type { FleetStore } from '../../electron/core/store/fleet/fleet-store.ts'
import type { WriteDb } from '../../electron/core/store/open.ts'
import type { Baseline, Manifest } from '../../shared/domain/bundle.ts'
import { sampleBody, type SampleBody } from '../../shared/protocol/telemetry.ts'
import { fleetStore, T0, temporaryDirectory } from './fleet.ts'
import { sampleManifest, samples } from './manifest.ts'

export const DIGEST = 'a'.repeat(64)

/** A classifier of three wines over 13 named features. */
export const wine: Manifest = sampleManifest(samples.wine100, {
  schema: {
    input: 'sensors',
    features: Array.from({ length: 13 }, (_, i) => ({ name: `f${i}`, min: 0, max: 10 })),
    target: 'label',
  },
})

/** A desk over real stores; samples are put into telemetry.db as ingest puts them. */
export interface TestDesk {
  desk: Desk
  store: FleetStore
  telemetry: WriteDb
  clock: { at: number }
  /** Rows that the device has sent the truth of. */
  feedback: Set<string>
  put(sample: WineSample): void
}

/** A sample as a test writes it: names without their brands. */
type GivenSample = z.input<typeof sampleBody>

/** A sampled wine. */
export interface WineSample {
  id: string
  device?: string
  predicted?: number
  confidence?: number
  weight?: number
  reason?: GivenSample['reason']
  values?: (number | null)[]
  other?: GivenSample['other']
  masked?: GivenSample['masked']
  predictedAt?: number
}

export function openTestDesk(options: { manifest?: Manifest | null; baseline?: Baseline | null } = {}): TestDesk {
  const { manifest = wine, baseline = null } = options
  const directory = temporaryDirectory()
  const store = fleetStore(directory)
  const telemetry = openTelemetryWriter(join(directory, 'telemetry.db'))
  onTestFinished(() => void telemetry.close())
  const queries = openTelemetryQueries(join(directory, 'telemetry.db'))
  onTestFinished(() => queries.close())
  const clock = { at: T0 }
  const feedback = new Set<string>()
  const slices: Pick<SliceReader, 'quality' | 'hasLabel'> = {
    quality: () => [],
    hasLabel: (device, prediction, row) => feedback.has(`${device}/${prediction}/${row}`),
  }
  const desk = openDesk({
    store,
    telemetry: { samples: queries.samples, slices },
    registry: { manifest: (digest) => (digest === DIGEST ? manifest : null), contents: { golden: () => null, baseline: () => baseline } },
    now: () => clock.at,
  })
  telemetry.prepare("INSERT INTO spool (id, device, spool, first_received_at, last_received_at) VALUES (1, 'cam-1', 's', 0, 0)").run()
  const insert = prepareSample(telemetry)
  let seq = 0
  return {
    ...{ desk, store, telemetry, clock, feedback },
    put(sample) {
      seq += 1
      const device = sample.device ?? 'cam-1'
      const context = { spool: 1, device, deviceId: 1, receivedAt: clock.at }
      insert(context, { seq, boot: 'boot-1', measuredAt: clock.at }, wineSample(sample))
    },
  }
}

/** The body of a sampled wine as a device sends it. */
export function wineSample(sample: WineSample): SampleBody {
  const { id, predicted = 0, confidence = 0.8, weight = 1, reason, values, other, masked, predictedAt = T0 } = sample
  const rest = (1 - confidence) / 2
  const probabilities = [rest, rest, rest]
  probabilities[predicted] = confidence
  return sampleBody.parse({
    ...{ deployment: 'quality', digest: DIGEST, model: 'wine', version: '1.0.0', id, predictedAt, weight },
    ...(reason === undefined ? {} : { reason }),
    ...(other === undefined ? {} : { other }),
    ...(masked === undefined ? {} : { masked }),
    inputs: [{ name: 'sensors', datatype: 'FP32', shape: [1, 13], data: values ?? Array.from({ length: 13 }, (_, i) => i / 2) }],
    outputs: [
      { name: 'label', datatype: 'INT64', shape: [1], data: [predicted] },
      { name: 'probabilities', datatype: 'FP32', shape: [1, 3], data: probabilities },
    ],
  })
}
