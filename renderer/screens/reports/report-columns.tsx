import { periodText } from '../../../shared/domain/report/value-text.ts'
import { formatBytes } from '../../components/format.ts'
import type { Column } from '../../components/grid/column.ts'
import { StateMark } from '../../components/state-mark.tsx'
import { Ago } from '../../components/time.tsx'
import { periodWords } from './period-words.ts'
import { askerText, bytesOf, devicesText, kindTitles, narrowedText, reportStates, type Report } from './reports-view.ts'
import styles from './reports.module.css'

const cut = (text: string, title = text, className = '') => (
  <span className={`${styles.cut} foreign ${className}`} title={title}>
    {text}
  </span>
)

function scopeText({ question }: Report): string {
  return [narrowedText(question), devicesText(question.query)].filter(Boolean).join(', ')
}

/** Columns of the list of reports. */
export const reportColumns: readonly Column<Report>[] = [
  { id: 'report', title: 'No.', width: 56, isNumeric: true, cell: ({ report }) => report, text: ({ report }) => String(report) },
  { id: 'kind', title: 'Kind', width: 96, cell: ({ kind }) => kindTitles[kind], text: ({ kind }) => kindTitles[kind] },
  {
    id: 'state',
    title: 'State',
    width: 104,
    cell: ({ state }) => <StateMark {...reportStates[state]} />,
    text: ({ state }) => reportStates[state].word,
  },
  {
    id: 'period',
    title: 'Period',
    width: 220,
    cell: ({ question }) => cut(periodWords(question), periodText(question)),
    text: ({ question }) => periodText(question),
  },
  { id: 'scope', title: 'Devices', width: 150, cell: (row) => cut(scopeText(row)), text: scopeText },
  {
    id: 'zone',
    title: 'Zone',
    width: 104,
    isHidden: true,
    cell: ({ question }) => cut(question.zone),
    text: ({ question }) => question.zone,
  },
  { id: 'by', title: 'Asked by', width: 110, cell: (row) => cut(askerText(row)), text: askerText },
  {
    id: 'at',
    title: 'Made',
    width: 96,
    cell: ({ madeAt, askedAt }) => <Ago at={madeAt ?? askedAt} />,
    text: ({ madeAt }) => String(madeAt ?? ''),
  },
  {
    id: 'size',
    title: 'Size',
    width: 76,
    isNumeric: true,
    cell: (row) => (row.files.length === 0 ? '–' : formatBytes(bytesOf(row))),
    text: (row) => String(bytesOf(row)),
  },
  {
    id: 'sentence',
    title: 'In one sentence',
    width: 320,
    cell: ({ problem, sentence }) => cut(problem ?? sentence),
    text: ({ problem, sentence }) => problem ?? sentence,
  },
]
