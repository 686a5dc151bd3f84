import { Button, Group } from '@mantine/core'
import { useRef } from 'react'
import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import { ProblemBox } from '../../../components/answered.tsx'
import { formatBytes, plural } from '../../../components/format.ts'
import { Progress } from '../../../components/progress.tsx'
import { useQuery } from '../../../data/use-query.ts'
import type { GivenFile } from '../import/upload-desk.ts'
import type { Uploads } from '../import/use-uploads.ts'
import { listOf } from '../name-list.ts'
import { Sentence } from '../sentence.tsx'
import { missingColumns } from './missing-columns.ts'

type Schema = OutputOf<'models.show'>['manifest']['schema']

/** What is known of a hold-out file: whether it fits, or what is wrong with it. */
export function useHoldoutCheck(file: GivenFile | undefined, schema: Schema) {
  const ticket = file?.ticket ?? null
  const inspected = useQuery(
    'models.inspect',
    { files: { holdout: ticket ?? '' }, ...(schema.target === null ? {} : { target: schema.target }) },
    { enabled: ticket !== null },
  )
  const rows = inspected.data?.holdout ?? null
  const missing = rows === null ? [] : missingColumns(rows, schema)
  const refusal = file?.problem ?? rows?.problem ?? inspected.error ?? null
  return { rows, missing, refusal, isFit: rows !== null && refusal === null && missing.length === 0 }
}

export type HoldoutCheck = ReturnType<typeof useHoldoutCheck>

/** Chooses a hold-out file and says whether it fits. */
export function HoldoutChoice({ uploads, check, isLocked }: { uploads: Uploads; check: HoldoutCheck; isLocked: boolean }) {
  const input = useRef<HTMLInputElement>(null)
  const file = uploads.files[0]
  const { rows, missing, refusal, isFit } = check
  return (
    <div>
      <Group gap="xs" mb={4}>
        <Button disabled={isLocked} onClick={() => input.current?.click()}>
          {file === undefined ? 'Choose a CSV file' : 'Choose another file'}
        </Button>
        {file !== undefined && (
          <span className="foreign">
            {file.name} <span className="dim">{formatBytes(file.sizeBytes)}</span>
          </span>
        )}
      </Group>
      <input
        ref={input}
        type="file"
        hidden
        accept=".csv"
        aria-label="Choose a CSV file"
        onChange={(event) => {
          const [chosen] = event.currentTarget.files ?? []
          if (chosen !== undefined) {
            uploads.desk.clear()
            uploads.desk.add([chosen])
          }
          event.currentTarget.value = ''
        }}
      />
      {file !== undefined && file.ticket === null && file.problem === null && (
        <Progress share={file.share} label={`Sending ${file.name}`} />
      )}
      {isFit && rows !== null && (
        <Sentence state="ok" word={`${plural(rows.columnCount, 'column')}${rows.target === null ? '' : `; ${rows.target} is the truth`}`} />
      )}
      {refusal === null && missing.length > 0 && (
        <Sentence state="failed" word={`${plural(missing.length, 'column')} missing: ${listOf(missing)}`} />
      )}
      {refusal !== null && <ProblemBox problem={refusal} />}
    </div>
  )
}
