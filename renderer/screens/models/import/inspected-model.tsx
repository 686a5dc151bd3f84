import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import { ProblemBox } from '../../../components/answered.tsx'
import { Facts } from '../../../components/facts.tsx'
import { formatBytes, plural } from '../../../components/format.ts'
import { Section } from '../../../components/screen.tsx'
import { TensorTable } from '../version/tensor-table.tsx'

type Inspected = NonNullable<OutputOf<'models.inspect'>['model']>

/** What an ONNX file says of itself, before anything is stored. */
export function InspectedModel({ model }: { model: Inspected }) {
  const { onnx } = model
  return (
    <Section title="The model">
      {model.problem !== null && <ProblemBox problem={model.problem} />}
      {model.inputs.length > 0 && <TensorTable title="Inputs" tensors={model.inputs} />}
      {model.outputs.length > 0 && <TensorTable title="Outputs" tensors={model.outputs} />}
      <Facts
        rows={[
          ['Task', model.task],
          ['Labels', model.labelCount === 0 ? null : labelsText(model)],
          [
            'Rows',
            model.problem !== null
              ? null
              : model.isTabular
                ? model.features === null
                  ? 'tabular'
                  : `tabular, ${plural(model.features, 'feature')}`
                : 'not tabular: it takes tensors',
          ],
          ['Size', formatBytes(model.sizeBytes)],
          ['Memory on a device', model.memoryBytes === null ? null : `about ${formatBytes(model.memoryBytes)}, with the runtime`],
          ['Operators', onnx === null ? null : `${onnx.operators.length}: ${onnx.operators.join(', ')}`],
          ['Opset', onnx === null ? null : opsetText(onnx.opsets)],
          ['IR version', onnx === null ? null : String(onnx.irVersion)],
          ['Producer', onnx === null || onnx.producer === '' ? null : onnx.producer],
          ...metadataRows(onnx?.metadata ?? {}),
        ]}
      />
    </Section>
  )
}

function labelsText({ labels, labelCount }: Inspected): string {
  const shown = labels.slice(0, 30).join(', ')
  return labelCount > 30 ? `${labelCount}: ${shown} and more` : `${labelCount}: ${shown}`
}

/** Opsets by domain; the ONNX domain has an empty name. */
export function opsetText(opsets: Readonly<Record<string, number>>): string {
  return Object.entries(opsets)
    .map(([domain, version]) => `${domain === '' ? 'ai.onnx' : domain} ${version}`)
    .join(', ')
}

/** Metadata of the file, the first ones: anybody may have written hundreds. */
function metadataRows(metadata: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(metadata)
    .slice(0, 12)
    .map(([name, value]) => [`Metadata ${name.slice(0, 60)}`, value.slice(0, 300)])
}
