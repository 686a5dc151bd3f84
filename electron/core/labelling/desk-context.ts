import type { Baseline, Manifest } from '../../../shared/domain/bundle.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { DeskKey, DeskRow, DeskScope, DeskTable } from '../store/fleet/desk.ts'
import type { LabellingSetting } from '../store/fleet/settings.ts'
import type { Registry } from '../registry/registry.ts'
import type { SampleReader } from '../store/telemetry/samples.ts'
import type { SliceReader } from '../store/telemetry/slice.ts'
import type { Candidate } from './candidate.ts'
import { openSampleBook, type SampleBook } from './sample-book.ts'

/** One label settles a row, and half a width of 2 points tells a model of 95 % from one of 90 %. */
export const defaultLabelling: LabellingSetting = { labellersNeeded: 1, targetHalfWidth: 0.02 }

/** What the desk is built on. */
export interface DeskParts {
  store: Pick<FleetStore, 'desk' | 'settings'>
  telemetry: { samples: SampleReader; slices: Pick<SliceReader, 'quality' | 'hasLabel'> }
  registry: Pick<Registry, 'manifest' | 'contents'>
  now(): number
}

/** What the parts of the desk work with. */
export interface DeskContext {
  table: DeskTable
  samples: SampleReader
  book: SampleBook
  feedback: Pick<SliceReader, 'quality'>
  settings(): LabellingSetting
  set(setting: LabellingSetting): void
  manifestOf(digest: string): Manifest | null
  baselineOf(digest: string): Baseline | null
  /** The device has sent the truth of this row itself: it counts, and nobody is asked. */
  hasFeedback(key: DeskKey): boolean
  now(): number
}

export function deskContext({ store, telemetry, registry, now }: DeskParts): DeskContext {
  const manifestOf = (digest: string): Manifest | null => registry.manifest(digest)
  return {
    table: store.desk,
    samples: telemetry.samples,
    book: openSampleBook(telemetry.samples, manifestOf),
    feedback: { quality: (slice, cut) => telemetry.slices.quality(slice, cut) },
    settings: () => ({ ...defaultLabelling, ...store.settings.get('labelling') }),
    set: (setting) => store.settings.set('labelling', setting),
    manifestOf,
    baselineOf(digest) {
      const manifest = manifestOf(digest)
      return manifest === null ? null : registry.contents.baseline(manifest)
    },
    hasFeedback: ({ device, prediction, row }) => telemetry.slices.hasLabel(device, prediction, row),
    now,
  }
}

/** Which rows a person works on. */
export interface LabellingScope extends DeskScope {
  /** The bundles of a named model or version, for what feedback says of them; left out: all. */
  bundles?: readonly string[] | undefined
}

/** True if a sampled row is in a scope. */
export function isInScope(of: Candidate | DeskRow, scope: DeskScope): boolean {
  return (
    (scope.digests === undefined || scope.digests.includes(of.digest)) &&
    (scope.from === undefined || of.predictedAt >= scope.from) &&
    (scope.through === undefined || of.predictedAt < scope.through) &&
    (scope.deployment === undefined || of.deployment === scope.deployment) &&
    (scope.model === undefined || of.model === scope.model) &&
    (scope.version === undefined || of.version === scope.version) &&
    scope.devices?.has(of.device) !== false
  )
}
