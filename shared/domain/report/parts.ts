import type { ReportChart, ReportColumn, ReportDocument, ReportFigure, ReportValue } from './document.ts'
import { reportKindReads } from './kinds.ts'
import { sealRows, type ReportSeal } from './seal.ts'
import { periodText, timeInZone } from './value-text.ts'

/** A part of a report as a plain table: what spreadsheets and CSV hold. */
export interface PlainTable {
  /** Also the name of the file or sheet. */
  name: string
  title: string
  columns: readonly ReportColumn[]
  rows: readonly (readonly ReportValue[])[]
  /** The zone that its times are meant in. */
  zone: string
}

/** What a report says of itself, line by line. */
export function aboutRows(document: ReportDocument, seal: ReportSeal): [label: string, value: string][] {
  const { question } = document
  return [
    ['Fleet', document.fleet],
    ['Period', periodText(question)],
    ...subjectRows(document),
    ['Made', `${timeInZone(document.madeAt, question.zone)} by Muster ${document.madeBy}`],
    ...document.models.map(({ deployment, model, version, digest }): [string, string] => [
      'Model fingerprint',
      `${model}@${version} in ${deployment}: ${digest}`,
    ]),
    ...sealRows(seal),
  ]
}

/** What it is about; a kind that reads no query is about no selection of devices. */
function subjectRows({ question, devices }: ReportDocument): [label: string, value: string][] {
  const reads = reportKindReads[question.kind]
  return [
    ...(question.model === null ? [] : [['Model', question.model] as [string, string]]),
    ...(question.rollout === null ? [] : [['Rollout', String(question.rollout)] as [string, string]]),
    ...(reads.includes('query')
      ? ([
          ['Query', question.query === '' ? 'all devices' : question.query],
          ['Devices', String(devices.length)],
        ] as [string, string][])
      : []),
  ]
}

const text = (id: string, label: string): ReportColumn => ({ id, label, unit: 'text' })
const number = (id: string, label: string): ReportColumn => ({ id, label, unit: 'number' })

/** Every part of a report as a table: about it, its figures, its tables, and the values behind its charts. */
export function plainTables(document: ReportDocument, seal: ReportSeal): PlainTable[] {
  const { zone } = document.question
  const tables: PlainTable[] = [
    {
      ...{ name: 'about', title: 'About this report', columns: [text('what', 'What'), text('value', 'Value')], zone },
      rows: [['Title', document.title], ['In one sentence', document.sentence], ...noteRows(document), ...aboutRows(document, seal)],
    },
    { name: 'figures', title: 'Figures', columns: figureColumns, rows: figureRows(document), zone },
  ]
  for (const { id, title, blocks } of document.sections)
    for (const block of blocks) {
      if (block.kind === 'table')
        tables.push({ name: `${id}-${block.id}`, title: block.title || title, columns: block.columns, rows: block.rows, zone })
      if (block.kind === 'chart')
        tables.push({ name: `${id}-${block.id}`, title: block.title, ...chartTable(block), zone: block.zone ?? zone })
    }
  return tables
}

const figureColumns: ReportColumn[] = [
  ...[text('section', 'Section'), text('figure', 'Figure'), text('label', 'Label'), text('unit', 'Unit'), number('value', 'Value')],
  ...[number('low', 'Low (95 %)'), number('high', 'High (95 %)'), number('n', 'n'), text('note', 'Note')],
]

function figureRows(document: ReportDocument): ReportValue[][] {
  return document.sections.flatMap(({ id, blocks }) =>
    blocks.flatMap((block) =>
      block.kind === 'figures'
        ? block.figures.map((one) => [id, one.id, one.label, one.unit, plainValue(one), one.low, one.high, one.n, one.note])
        : [],
    ),
  )
}

/** The column holds values of many units: a time stands there as a text that says it is one. */
function plainValue({ value, unit }: ReportFigure): ReportValue {
  if (unit !== 'time' || typeof value !== 'number') return value
  const date = new Date(value)
  return Number.isNaN(date.getTime()) ? value : date.toISOString()
}

/** Sentences that stand between the tables, which plain tables have no place for. */
function noteRows({ sections }: ReportDocument): [label: string, value: string][] {
  return sections.flatMap(({ blocks }) =>
    blocks.flatMap((block) => (block.kind === 'sentence' ? [['Note', block.text] as [string, string]] : [])),
  )
}

/** The values behind a chart. */
export function chartTable({ times, series, unit, zone }: ReportChart): Pick<PlainTable, 'columns' | 'rows'> {
  return {
    columns: [
      { id: 'time', label: zone === undefined ? 'Time' : `Time (${zone})`, unit: 'time' },
      ...series.flatMap(({ id, name, low, high }): ReportColumn[] => [
        { id, label: name, unit },
        ...(low === null || high === null
          ? []
          : [
              { id: `${id}-low`, label: `${name}, low`, unit },
              { id: `${id}-high`, label: `${name}, high`, unit },
            ]),
      ]),
    ],
    rows: times.map((time, i) => [
      time,
      ...series.flatMap(({ values, low, high }) => [
        values[i] ?? null,
        ...(low === null || high === null ? [] : [low[i] ?? null, high[i] ?? null]),
      ]),
    ]),
  }
}
