import type { GateEvidence } from '../../../../shared/rpc/contract/gate-evidence.ts'
import { sizeBound } from '../../../../shared/stats/canary/size-bound.ts'
import { openWatchedBundles } from '../../monitor/watched-bundle.ts'
import type { Desk } from '../../labelling/desk.ts'
import type { Registry } from '../../registry/registry.ts'
import type { TelemetryQueries } from '../../store/telemetry/queries.ts'
import { compareSides } from './compare.ts'
import type { EvidenceParts, Look } from './evidence-parts.ts'
import type { EvidenceQuestion, EvidenceReader } from './evidence.ts'
import { gateSentence } from './gate-sentence.ts'
import { judgeMetrics, verdictOf } from './judge-metrics.ts'
import { scopeOf } from './scope.ts'
import { isTwoSided, readTraffic } from './traffic.ts'

/** Parts of the console that evidence is read from. */
export interface EvidenceOptions {
  telemetry: Pick<TelemetryQueries, 'slices' | 'shadowArms' | 'deviceMemory'>
  desk: Pick<Desk, 'quality'>
  registry: Pick<Registry, 'manifest'> & { contents: Pick<Registry['contents'], 'baseline'> }
  now(): number
}

/** The one reader of evidence: the engine, the screens and the command line ask it. */
export function openEvidence({ telemetry, desk, registry, now }: EvidenceOptions): EvidenceReader {
  const parts: EvidenceParts = {
    slices: telemetry.slices,
    shadowArms: telemetry.shadowArms,
    deviceMemory: telemetry.deviceMemory,
    deskQuality: desk.quality,
    bundle: openWatchedBundles((digest) => {
      const manifest = registry.manifest(digest)
      return manifest === null ? null : { manifest, baseline: registry.contents.baseline(manifest) }
    }),
    nameOf(digest) {
      const manifest = registry.manifest(digest)
      return manifest === null ? null : { model: manifest.model, version: manifest.version }
    },
  }
  const read = (look: Look): GateEvidence => gateEvidenceOf(look, now())
  return {
    read: (question) => read(lookAt(parts, question)),
    compare(question) {
      const look = lookAt(parts, question)
      return compareSides(look, read(look))
    },
  }
}

function lookAt(parts: EvidenceParts, question: EvidenceQuestion): Look {
  const { deployment, candidate, from, through } = question
  const scope = scopeOf(parts, question)
  const shadows =
    question.method === 'shadow' ? parts.shadowArms({ deployment, digest: candidate.digest, devices: scope.devices, from, through }) : []
  return { parts, question, scope, windows: readTraffic(parts, question, scope), shadows }
}

function gateEvidenceOf(look: Look, at: number): GateEvidence {
  const { question, parts } = look
  const metrics = judgeMetrics(look)
  const sides = devicesOf(look)
  const main = mainIncumbent(look)
  const incumbent = main === null ? null : parts.nameOf(main)
  const failures = Math.min(question.answered.failures, question.answered.devices)
  const bound = { failures, devices: question.answered.devices, high: sizeBound(failures, question.answered.devices) }
  return {
    ...{ at, from: question.from, verdict: verdictOf(metrics), metrics, incumbent, sizeBound: bound },
    sentence: clipped(gateSentence(metrics, incumbent === null ? 'the incumbent' : `${incumbent.model} ${incumbent.version}`, bound)),
    ...{ candidateDevices: sides.candidate, incumbentDevices: sides.incumbent },
  }
}

/** Devices of both sides in the same time. */
function devicesOf({ windows, shadows }: Look): { candidate: number; incumbent: number } {
  const candidate = new Set([...windows.flatMap((window) => window.candidate), ...shadows].map(({ device }) => device))
  // A shadow runs beside its incumbent all the time.
  const used = shadows.length > 0 ? windows : windows.filter(isTwoSided)
  return { candidate: candidate.size, incumbent: new Set(used.flatMap(({ incumbent }) => incumbent).map(({ device }) => device)).size }
}

/** The bundle that most requests of the other side went to. */
function mainIncumbent({ windows, shadows, scope }: Look): string | null {
  const requests = new Map<string, number>()
  for (const cell of windows.flatMap(({ incumbent }) => incumbent))
    requests.set(cell.digest, (requests.get(cell.digest) ?? 0) + cell.requests)
  const [most] = [...requests].sort(([, a], [, b]) => b - a)
  return most?.[0] ?? shadows[0]?.against ?? scope.incumbents[0] ?? null
}

const MOST_LETTERS = 1000

/** Every sentence is whole for people; one with the numbers of all seven metrics may be longer than the contract allows. */
function clipped(sentence: string): string {
  return sentence.length <= MOST_LETTERS ? sentence : `${sentence.slice(0, MOST_LETTERS - 1)}…`
}
