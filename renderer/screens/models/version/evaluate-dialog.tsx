import { Button, Group, Modal, Radio, Stack } from '@mantine/core'
import { useState } from 'react'
import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import { ProblemBox } from '../../../components/answered.tsx'
import { CodeLine } from '../../../components/copy.tsx'
import { Progress } from '../../../components/progress.tsx'
import { cliLines } from '../cli-lines.ts'
import { useUploads } from '../import/use-uploads.ts'
import { HoldoutChoice, useHoldoutCheck } from './holdout-choice.tsx'
import { useEvaluation } from './use-evaluation.ts'

type Source = 'kept' | 'file'

/** Evaluates a version on the rows that came with it, or on another hold-out file. */
export function EvaluateDialog({ detail, onClose }: { detail: OutputOf<'models.show'>; onClose(): void }) {
  const { model, version, hasHoldout } = detail
  const [source, setSource] = useState<Source>(hasHoldout ? 'kept' : 'file')
  const uploads = useUploads()
  const file = uploads.files[0]
  const check = useHoldoutCheck(file, detail.manifest.schema)
  const run = useEvaluation({ model, version, desk: uploads.desk, onDone: onClose })
  const isReady = source === 'kept' || check.isFit
  return (
    <Modal opened onClose={onClose} title={`Evaluate ${model} ${version}`} size="lg">
      <Stack gap="sm">
        <SourceChoice detail={detail} source={source} isLocked={run.isRunning} onSource={setSource} />
        {source === 'file' && <HoldoutChoice uploads={uploads} check={check} isLocked={run.isRunning} />}
        {run.problem !== null && <ProblemBox problem={run.problem} />}
        {run.isRunning && (
          <div role="status">
            <Progress share={run.progress?.progress ?? null} label="Evaluation" />
            <span className="dim foreign">{run.progress?.note}</span>
          </div>
        )}
        <CodeLine
          text={cliLines.evaluate(model, version, source === 'file' ? (file?.name ?? 'HOLDOUT.csv') : undefined)}
          label="Copy as command"
        />
        <Group justify="flex-end" gap="xs">
          {run.isRunning ? (
            <Button onClick={run.cancel}>Cancel the evaluation</Button>
          ) : (
            <>
              <Button onClick={onClose}>Close</Button>
              <Button
                variant="filled"
                disabled={!isReady}
                loading={run.isStarting}
                onClick={() => run.start(source === 'file' ? (file?.ticket ?? null) : null)}
              >
                Evaluate
              </Button>
            </>
          )}
        </Group>
      </Stack>
    </Modal>
  )
}

function SourceChoice({
  detail,
  source,
  isLocked,
  onSource,
}: {
  detail: OutputOf<'models.show'>
  source: Source
  isLocked: boolean
  onSource(source: Source): void
}) {
  const { hasHoldout, lineage } = detail
  const kept = hasHoldout ? `The hold-out rows of its import (${lineage.holdoutName ?? 'holdout.csv'})` : 'It came without hold-out rows'
  return (
    <Radio.Group label="Rows with a known truth" value={source} onChange={(value) => onSource(value === 'kept' ? 'kept' : 'file')}>
      <Stack gap={6} mt={6}>
        <Radio value="kept" disabled={!hasHoldout || isLocked} label={kept} />
        <Radio value="file" disabled={isLocked} label="Another CSV file" />
      </Stack>
    </Radio.Group>
  )
}
