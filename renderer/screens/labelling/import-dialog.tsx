import { Button, FileInput, Group, Modal, Select, Stack, Table } from '@mantine/core'
import { useState } from 'react'
import { ProblemBox } from '../../components/answered.tsx'
import { formatCount, plural } from '../../components/format.ts'
import { Progress } from '../../components/progress.tsx'
import { StateMark } from '../../components/state-mark.tsx'
import { guessMapping, labelsOf, readLabelFile, roles, type LabelFile, type Mapping, type Role } from './label-file.ts'
import { useImport, type ImportResult } from './use-import.ts'
import styles from './labelling.module.css'

const roleTitles: Record<Role, string> = {
  prediction: 'Prediction id',
  label: 'True label',
  row: 'Row within the request',
  device: 'Device',
}
const PREVIEWED = 5
const SHOWN_REFUSALS = 100

/** Takes labels of a CSV file: says what it understood before anything is taken, and line by line what was refused. */
export function ImportDialog({ by, onClose }: { by: string; onClose(): void }) {
  const [file, setFile] = useState<LabelFile | string | null>(null)
  const [mapping, setMapping] = useState<Mapping>({ prediction: null, label: null, row: null, device: null })
  const work = useImport(by)
  const read = async (chosen: File | null): Promise<void> => {
    const opened = chosen === null ? null : readLabelFile(chosen.name, await chosen.text())
    setFile(opened)
    if (opened !== null && typeof opened !== 'string') setMapping(guessMapping(opened.header))
  }
  const isReadable = file !== null && typeof file !== 'string'
  const parsed = isReadable ? labelsOf(file, mapping) : null
  const canTake = parsed !== null && mapping.prediction !== null && mapping.label !== null && parsed.labels.length > 0
  return (
    <Modal opened onClose={onClose} title="Import labels" size="xl">
      {work.result === null ? (
        <Stack gap="sm">
          <FileInput
            label="CSV file"
            description="With a header. A row needs the id of the prediction, as in the answer of the device, and the true label."
            placeholder="Choose a file"
            accept=".csv,text/csv"
            onChange={(chosen) => void read(chosen)}
            data-autofocus
          />
          {typeof file === 'string' && <StateMark state="failed" word={file} />}
          {isReadable && <Columns file={file} mapping={mapping} onMapping={setMapping} />}
          {isReadable && parsed !== null && <Preview file={file} parsed={parsed} />}
          {work.problem !== null && <ProblemBox problem={work.problem} />}
          {work.share !== null && <Progress share={work.share} label="Labels taken" />}
          <Group justify="flex-end" gap="xs">
            <Button onClick={onClose}>Cancel</Button>
            <Button
              variant="filled"
              disabled={!canTake}
              loading={work.share !== null}
              onClick={() => {
                if (parsed !== null) void work.start(parsed.labels, parsed.lines)
              }}
            >
              {canTake ? `Import ${plural(parsed.labels.length, 'label')}` : 'Import'}
            </Button>
          </Group>
        </Stack>
      ) : (
        <Result result={work.result} onClose={onClose} />
      )}
    </Modal>
  )
}

function Columns({ file, mapping, onMapping }: { file: LabelFile; mapping: Mapping; onMapping(mapping: Mapping): void }) {
  const data = file.header.map((column, i) => ({ value: String(i), label: column === '' ? `column ${i + 1}` : column }))
  return (
    <div className={styles.columns}>
      {roles.map((role) => (
        <Select
          key={role}
          label={roleTitles[role]}
          placeholder={role === 'row' ? 'None: the first' : role === 'device' ? 'None: any' : 'Choose a column'}
          data={data}
          value={mapping[role] === null ? null : String(mapping[role])}
          onChange={(value) => onMapping({ ...mapping, [role]: value === null ? null : Number(value) })}
          clearable={role === 'row' || role === 'device'}
          error={(role === 'prediction' || role === 'label') && mapping[role] === null ? 'Needed' : undefined}
        />
      ))}
    </div>
  )
}

function Preview({ file, parsed }: { file: LabelFile; parsed: ReturnType<typeof labelsOf> }) {
  return (
    <div>
      <div role="status">
        <StateMark state={parsed.bad.length === 0 ? 'ok' : 'attention'} word={plural(parsed.labels.length, 'label')} />
        {parsed.bad.length > 0 && (
          <span className="dim">
            {' '}
            {plural(parsed.bad.length, 'line')} without: line {parsed.bad[0]!.line}, {parsed.bad[0]!.why}
          </span>
        )}
      </div>
      <div className={styles.preview} tabIndex={0}>
        <Table className={styles.table} aria-label="The first rows of the file">
          <Table.Thead>
            <Table.Tr>
              {file.header.map((column, i) => (
                // Columns have no identity but their place.
                <Table.Th key={i} className="foreign">
                  {column}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {file.rows.slice(0, PREVIEWED).map((cells, row) => (
              <Table.Tr key={row}>
                {cells.map((cell, i) => (
                  <Table.Td key={i} className="foreign">
                    {cell.slice(0, 60)}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </div>
  )
}

function Result({ result, onClose }: { result: ImportResult; onClose(): void }) {
  return (
    <Stack gap="sm">
      <p role="status" className={styles.headline}>
        <strong>{formatCount(result.taken)}</strong> taken, {formatCount(result.unchanged)} as before,{' '}
        <strong>{formatCount(result.refusedTotal)}</strong> refused
      </p>
      {result.refused.length > 0 && (
        <div className={styles.preview} tabIndex={0}>
          <Table className={styles.table} aria-label="Refused lines">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Line</Table.Th>
                <Table.Th>Prediction</Table.Th>
                <Table.Th>Why</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {result.refused.slice(0, SHOWN_REFUSALS).map((one) => (
                <Table.Tr key={one.line}>
                  <Table.Td>{one.line}</Table.Td>
                  <Table.Td className="foreign mono">{one.prediction}</Table.Td>
                  <Table.Td className="foreign">
                    {one.message} <span className="mono dim">{one.code}</span>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
      <Group justify="flex-end">
        <Button variant="filled" onClick={onClose} data-autofocus>
          Done
        </Button>
      </Group>
    </Stack>
  )
}
