import { Button, SegmentedControl, Select, Switch } from '@mantine/core'
import { IconClipboard, IconPlayerPlay } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { z } from 'zod'
import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import { ProblemBox } from '../../../components/answered.tsx'
import { CopyAsCommand } from '../../../components/copy.tsx'
import { Section } from '../../../components/screen.tsx'
import { useUrlState } from '../../../data/url-state.ts'
import { useQuery } from '../../../data/use-query.ts'
import { cliLines } from '../cli-lines.ts'
import { Answer } from './answer.tsx'
import type { BenchRow } from './bench-rows.ts'
import styles from './bench.module.css'
import { exampleRow, ExamplesStrip } from './examples-strip.tsx'
import { NumberGrid, type CellNote } from './number-grid.tsx'
import { PasteDialog } from './paste-dialog.tsx'
import { PictureEditor } from './picture-editor.tsx'
import { pictureOf, type PictureShape } from '../../../../shared/domain/picture-shape.ts'
import { RowsTable } from './rows-table.tsx'
import { useBench, type Bench } from './use-bench.ts'

type Detail = OutputOf<'models.show'>
type Features = Detail['manifest']['schema']['features']
type Examples = OutputOf<'models.examples'>

const view = z.object({
  tab: z.string().default(''),
  example: z.coerce.number().int().min(0).max(99).default(0),
  other: z.string().max(64).default(''),
  as: z.enum(['picture', 'numbers']).default('picture'),
})

/** The bench for rows: choose or write one, see at once what the version says, beside another version if wanted. */
export function RowBench({ detail, features, examples }: { detail: Detail; features: Features; examples: Examples }) {
  const { model, version } = detail
  const [state] = useUrlState(view)
  const [start] = useState<BenchRow>(() => startRow(examples, features, state.example))
  const bench = useBench({ model, version, other: state.other, start })
  const press = (event: React.KeyboardEvent): void => {
    if (event.key !== 'Enter' || (!event.ctrlKey && !event.metaKey)) return
    event.preventDefault()
    bench.run()
  }
  return (
    <div className={styles.page} onKeyDown={press}>
      <div className={styles.bench}>
        <RowSection detail={detail} features={features} examples={examples} bench={bench} />
        <AnswerSection detail={detail} bench={bench} />
      </div>
      {bench.asked.length > 1 && <RowsTable bench={bench} version={version} other={state.other} />}
    </div>
  )
}

interface RowSectionProps {
  detail: Detail
  features: Features
  examples: Examples
  bench: Bench
}

function RowSection({ detail, features, examples, bench }: RowSectionProps) {
  const [state, change] = useUrlState(view)
  const picture = useMemo(() => pictureOf(features), [features])
  const isExample = bench.rows.length === 1 && bench.row.name === `Example ${state.example + 1}`
  return (
    <Section title="Row" actions={<RowActions detail={detail} features={features} bench={bench} />}>
      <div className={styles.row}>
        {examples.rows.length > 0 && (
          <ExamplesStrip
            examples={examples}
            picture={picture}
            picked={isExample ? state.example : null}
            onPick={(index) => {
              change({ example: index })
              bench.replace([exampleRow(examples.rows[index]!, index)])
            }}
          />
        )}
        <div className={styles.bar}>
          <strong>{bench.row.name}</strong>
          {bench.row.expected === null && <span className="dim">own values</span>}
          {picture !== null && (
            <SegmentedControl
              aria-label="How the row is shown"
              data={[
                { value: 'picture', label: 'Picture' },
                { value: 'numbers', label: 'Numbers' },
              ]}
              value={state.as}
              onChange={(as) => change({ as: as === 'numbers' ? 'numbers' : 'picture' })}
            />
          )}
        </div>
        <RowEditor bench={bench} features={features} picture={state.as === 'picture' ? picture : null} />
      </div>
    </Section>
  )
}

function RowEditor({ bench, features, picture }: { bench: Bench; features: Features; picture: PictureShape | null }) {
  const notes = notesOf(bench)
  const { values } = bench.row
  if (picture === null)
    return <NumberGrid features={features} values={values} notes={notes} onValue={(index, text) => bench.edit(new Map([[index, text]]))} />
  const noted = new Map([...notes].map(([index, { why }]) => [index, why]))
  return <PictureEditor shape={picture} values={values} noted={noted} onPaint={bench.edit} />
}

function AnswerSection({ detail, bench }: { detail: Detail; bench: Bench }) {
  const { model, version, manifest } = detail
  const [{ other }, change] = useUrlState(view)
  const siblings = useQuery('models.list', { model })
  const others = (siblings.data?.versions ?? []).map((one) => one.version).filter((one) => one !== version)
  const choice = (
    <Select
      aria-label="Compare with another version"
      placeholder={others.length === 0 ? 'No other version' : 'Compare with'}
      data={others}
      value={other === '' ? null : other}
      clearable
      searchable={others.length > 8}
      disabled={others.length === 0}
      onChange={(chosen) => change({ other: chosen ?? '' })}
    />
  )
  return (
    <Section title="Answer" actions={choice}>
      <div className={styles.answers}>
        <Side title={version} answer={bench.own} bench={bench} labels={manifest.labels} />
        {other !== '' && <Side title={other} answer={bench.beside} bench={bench} labels={manifest.labels} />}
      </div>
    </Section>
  )
}

function startRow(examples: Examples, features: Features, wanted: number): BenchRow {
  const index = examples.rows[wanted] === undefined ? 0 : wanted
  const example = examples.rows[index]
  return example === undefined ? { name: 'Own row', values: features.map(() => '0'), expected: null } : exampleRow(example, index)
}

/** What is wrong or unusual with values of the active row, as long as it is the row that was run. */
function notesOf({ own, active, isStale }: Bench): ReadonlyMap<number, CellNote> {
  const row = isStale ? undefined : own.data?.rows[active]
  return new Map([
    ...(row?.unusual ?? []).map((note): [number, CellNote] => [note.index, { kind: 'unusual', why: note.why }]),
    ...(row?.refused ?? []).map((note): [number, CellNote] => [note.index, { kind: 'refused', why: note.why }]),
  ])
}

function Side({ title, answer, bench, labels }: { title: string; answer: Bench['own']; bench: Bench; labels: readonly string[] }) {
  const row = answer.data?.rows[bench.active]
  if (answer.error !== null) return <ProblemBox problem={answer.error} onRetry={() => void answer.refetch()} />
  if (answer.data === undefined || row === undefined) {
    return (
      <span className="dim" role="status">
        Running {title}
      </span>
    )
  }
  return (
    <Answer
      title={title}
      tried={answer.data}
      row={row}
      expected={bench.asked[bench.active]?.expected ?? null}
      labels={[...labels]}
      isStale={bench.isStale}
    />
  )
}

/** Values on a command line; a row of thousands does not fit there. */
const MOST_ON_LINE = 256

function RowActions({ detail, features, bench }: { detail: Detail; features: Features; bench: Bench }) {
  const { model, version, manifest } = detail
  const [isPasting, setPasting] = useState(false)
  const { values } = bench.row
  return (
    <>
      <Switch label="Run while editing" checked={bench.isLive} onChange={(event) => bench.setLive(event.currentTarget.checked)} />
      <CopyAsCommand command={cliLines.try(model, version, values.length <= MOST_ON_LINE ? values : null)} isIcon />
      <Button leftSection={<IconClipboard size={14} />} onClick={() => setPasting(true)}>
        Paste rows
      </Button>
      <Button
        variant="filled"
        leftSection={<IconPlayerPlay size={14} />}
        loading={bench.own.isFetching && !bench.isLive}
        onClick={bench.run}
      >
        Run
      </Button>
      {isPasting && (
        <PasteDialog
          columns={features.map(({ name }) => name)}
          target={manifest.schema.target}
          onTake={(rows) => {
            bench.replace(rows)
            setPasting(false)
          }}
          onClose={() => setPasting(false)}
        />
      )}
    </>
  )
}
