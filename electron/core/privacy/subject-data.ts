import type { SubjectData } from '../../../shared/rpc/contract/privacy.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { SubjectReader } from '../store/telemetry/subjects.ts'

const MOST = { samples: 1000, labels: 10_000 } as const

/** Everything that is stored about a subject, for the person or an authority. */
export function subjectData(subject: string, { store, subjects }: { store: FleetStore; subjects: SubjectReader }): SubjectData {
  const samples = subjects.samples(subject, MOST.samples + 1)
  const labels = subjects.labels(subject, MOST.labels + 1)
  const rows = store.desk.aboutSubject(subject)
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
