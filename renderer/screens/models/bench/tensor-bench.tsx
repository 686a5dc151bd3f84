import { Textarea, TextInput } from '@mantine/core'
import { IconPlayerPlay } from '@tabler/icons-react'
import { useState } from 'react'
import type { TensorSpec } from '../../../../shared/domain/bundle.ts'
import { requestSpecs } from '../../../../shared/inference/request-specs.ts'
import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import { ProblemBox } from '../../../components/answered.tsx'
import { Section } from '../../../components/screen.tsx'
import { useCommand } from '../../../data/use-command.ts'
import pageStyles from '../models.module.css'
import { shapeText } from '../version/tensor-text.ts'
import { Answer } from './answer.tsx'
import styles from './bench.module.css'
import { emptyTensor, readTensor, type ReadTensor, type WrittenTensor } from './tensor-values.ts'
import { MayButton } from '../../../shell/may-button.tsx'

/** The bench for a model that is not tabular: all of its inputs as tensors, one run. */
export function TensorBench({ detail }: { detail: OutputOf<'models.show'> }) {
  const { model, version, manifest } = detail
  const [written, setWritten] = useState(() => requestSpecs(manifest).map(emptyTensor))
  const run = useCommand('models.try', { isShownInPlace: true })
  const [tried, setTried] = useState<OutputOf<'models.try'> | null>(null)
  const read = written.map(readTensor)
  const isReady = read.every((one) => typeof one !== 'string')
  const start = (): void => {
    if (!isReady) return
    run.run({ model, version, inputs: read.filter((one): one is ReadTensor => typeof one !== 'string') }).then(setTried, () => undefined)
  }
  return (
    <div className={styles.bench}>
      <Section
        title="Inputs"
        actions={
          <MayButton
            method="models.try"
            variant="filled"
            leftSection={<IconPlayerPlay size={14} />}
            disabled={!isReady}
            loading={run.isRunning}
            onClick={start}
          >
            Run
          </MayButton>
        }
      >
        <div
          className={pageStyles.stack}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) start()
          }}
        >
          {requestSpecs(manifest).map((spec, i) => (
            <TensorFields
              key={spec.name}
              spec={spec}
              written={written[i]!}
              problem={typeof read[i] === 'string' ? read[i] : null}
              onChange={(part) => setWritten((before) => before.map((one, k) => (k === i ? { ...one, ...part } : one)))}
            />
          ))}
        </div>
      </Section>
      <Section title="Answer">
        {run.problem !== null && <ProblemBox problem={run.problem} />}
        {tried === null && run.problem === null && <p className="dim">Run it to see the outputs.</p>}
        {tried?.rows.map((row, i) => (
          <Answer
            key={`${i} ${row.outputs.length}`}
            title={tried.rows.length === 1 ? version : `${version}, row ${i + 1}`}
            tried={tried}
            row={row}
            expected={null}
            labels={manifest.labels}
            isStale={run.isRunning}
          />
        ))}
      </Section>
    </div>
  )
}

function TensorFields({
  spec,
  written,
  problem,
  onChange,
}: {
  spec: TensorSpec
  written: WrittenTensor
  problem: string | null
  onChange(part: Partial<WrittenTensor>): void
}) {
  return (
    <div className={pageStyles.stack}>
      <TextInput
        label={`Shape of ${spec.name}`}
        description={`${spec.datatype} ${shapeText(spec.shape)}`}
        value={written.shape}
        spellCheck={false}
        onChange={(event) => onChange({ shape: event.currentTarget.value })}
      />
      <Textarea
        label={`Data of ${spec.name}`}
        minRows={3}
        maxRows={10}
        autosize
        value={written.data}
        spellCheck={false}
        error={problem}
        styles={{ input: { fontFamily: 'var(--mono)' } }}
        onChange={(event) => onChange({ data: event.currentTarget.value })}
      />
    </div>
  )
}
