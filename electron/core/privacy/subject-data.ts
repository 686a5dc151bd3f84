import type { SubjectData } from '../../../shared/rpc/contract/privacy.ts'
import type { Manifest } from '../../../shared/domain/bundle.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { SubjectReader } from '../store/telemetry/subjects.ts'
import { rawMatches } from './raw-matches.ts'

const MOST = { samples: 1000, labels: 10_000 } as const

interface SubjectParts {
  store: FleetStore
  subjects: SubjectReader
  manifestOf(digest: string): Manifest | null
}

/** What is stored about a subject, as its hash and as it was sent before its field was marked. */
async function aboutSubject(subject: string, { store, subjects, manifestOf }: SubjectParts, most: { samples: number; labels: number }) {
  const raw = await rawMatches(subject, { store, reader: subjects, manifestOf })
  const keys = new Set(raw.predictions.map(({ device, prediction }) => `${device} ${prediction}`))
  const named = subjects.labels(subject, most.labels)
  const seen = new Set(named.map(labelKey))
  const rows = store.desk.aboutSubject(subject)
  const rawRows = keys.size === 0 ? [] : store.desk.unnamedRows().filter(({ device, prediction }) => keys.has(`${device} ${prediction}`))
  return {
    samples: [...subjects.samples(subject, most.samples), ...raw.samples],
    labels: [...named, ...subjects.labelsOf(raw.predictions, most.labels).filter((label) => !seen.has(labelKey(label)))],
    rows: [...rows, ...rawRows],
  }
}

function labelKey({ device, prediction, row }: { device: string; prediction: string; row: number }): string {
  return `${device} ${row} ${prediction}`
}

/** How much is stored about a subject. */
export async function countSubject(subject: string, parts: SubjectParts, most: number): Promise<{ samples: number; labels: number }> {
  const { samples, labels, rows } = await aboutSubject(subject, parts, { samples: most, labels: most })
  return { samples: Math.min(most, samples.length), labels: Math.min(most, labels.length) + rows.length }
}

/** Everything that is stored about a subject, for the person or an authority. */
export async function subjectData(subject: string, parts: SubjectParts): Promise<SubjectData> {
  const found = await aboutSubject(subject, parts, { samples: MOST.samples + 1, labels: MOST.labels + 1 })
  const { samples, labels, rows } = found
  const said = [
    ...labels.map((label) => ({ ...label, source: 'device' as const })),
    ...rows.map((row) => ({ ...row, source: 'desk' as const, predicted: textOf(row.predicted), actual: textOf(row.actual) })),
  ]
  return {
    subject,
    samples: samples.slice(0, MOST.samples).map(({ device, body }) => ({
      ...{ device, prediction: body.id, deployment: body.deployment, model: body.model, version: body.version },
      ...{ predictedAt: body.predictedAt, inputs: body.inputs, outputs: body.outputs, masked: body.masked ?? {} },
    })),
    labels: said
      .slice(0, MOST.labels)
      .map(({ source, device, prediction, row, deployment, model, version, predictedAt, predicted, actual }) => ({
        ...{ source, device, prediction, row, deployment, model, version, predictedAt, predicted, actual },
      })),
    isWhole: samples.length <= MOST.samples && said.length <= MOST.labels,
  }
}

function textOf(value: string | number | null): string | null {
  return value === null ? null : String(value)
}
