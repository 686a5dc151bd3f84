import { createRequire } from 'node:module'
import { chartSvg } from '../../../shared/domain/report/chart-svg.ts'
import type { ReportBlock, ReportDocument, ReportTable } from '../../../shared/domain/report/document.ts'
import { aboutRows } from '../../../shared/domain/report/parts.ts'
import type { ReportSeal } from '../../../shared/domain/report/seal.ts'
import { figureText, periodText, styleOf, valueText, type ValueStyle } from '../../../shared/domain/report/value-text.ts'

/** A part of a page as pdfmake takes it: a text with its look, a table, columns, or a drawing. */
interface Content {
  text?: string
  svg?: string
  width?: number
  bold?: boolean
  color?: string
  fontSize?: number
  alignment?: 'left' | 'right'
  margin?: readonly [number, number, number, number]
  headlineLevel?: number
  layout?: string
  columns?: readonly (Content | string)[]
  table?: { headerRows: number; widths: readonly string[]; body: readonly (readonly Content[])[] }
}

/** What is used of pdfmake. Its own types bring those of browsers along, which this layer must not see. */
interface PdfMaker {
  setFonts(fonts: Record<string, Record<string, string>>): void
  setUrlAccessPolicy(mayRead: (url: string) => boolean): void
  setLocalAccessPolicy(mayRead: (path: string) => boolean): void
  createPdf(definition: {
    info: Record<string, string>
    pageSize: string
    pageMargins: readonly number[]
    defaultStyle: Content
    footer(page: number, pages: number): Content
    content: readonly Content[]
  }): { getBuffer(): Promise<Uint8Array> }
}

/** Longer tables are for machines: the other formats have them whole. */
const MOST_ROWS = 1000
/** Width of a page in points, its margins taken off. */
const PAGE_WIDTH = 515
const faces = { normal: 'Regular', bold: 'Medium', italics: 'Italic', bolditalics: 'MediumItalic' }

/** A report as PDF, laid out in plain JavaScript: nothing is started, and nothing is loaded but the fonts that come along. */
export async function reportPdf(document: ReportDocument, seal: ReportSeal): Promise<Uint8Array> {
  const style = styleOf(document)
  const require = createRequire(import.meta.url)
  const pdfmake = require('pdfmake') as PdfMaker
  const files = Object.entries(faces).map(([face, name]) => [face, require.resolve(`pdfmake/fonts/Roboto/Roboto-${name}.ttf`)] as const)
  const fonts = new Set<string>(files.map(([, file]) => file))
  pdfmake.setFonts({ Roboto: Object.fromEntries(files) })
  pdfmake.setUrlAccessPolicy(() => false)
  // What a report says can name no file of this machine.
  pdfmake.setLocalAccessPolicy((path) => fonts.has(path))
  return pdfmake
    .createPdf({
      info: { title: document.title, subject: document.sentence, creator: `Muster ${document.madeBy}` },
      ...{ pageSize: 'A4', pageMargins: [40, 40, 40, 48] },
      defaultStyle: { fontSize: 8 },
      footer: (page: number, pages: number) => ({
        ...{ margin: [40, 16, 40, 0], fontSize: 7, color: '#6b7280' },
        columns: [
          `Report ${seal.statement.report}, data hash ${seal.statement.dataHash}`,
          { text: `${page} / ${pages}`, alignment: 'right', width: 60 },
        ],
      }),
      content: [
        { text: document.title, fontSize: 18, bold: true },
        { text: `${document.fleet}, ${periodText(document.question)}`, color: '#4b5563', margin: [0, 2, 0, 6] },
        { text: document.sentence, fontSize: 10 },
        ...document.sections.flatMap(({ title, blocks }): Content[] => [
          heading(title),
          ...blocks.flatMap((block) => contentOf(block, style)),
        ]),
        heading('About this report'),
        tableContent(['', ''], aboutRows(document, seal), []),
      ],
    })
    .getBuffer()
}

function heading(text: string): Content {
  return { text, fontSize: 12, bold: true, margin: [0, 14, 0, 4], headlineLevel: 1 }
}

function contentOf(block: ReportBlock, style: ValueStyle): Content[] {
  switch (block.kind) {
    case 'sentence':
      return [{ text: block.text }]
    case 'figures':
      return [
        tableContent(
          ['Figure', 'Value', ''],
          block.figures.map((one) => [one.label, figureText(one, style), one.note]),
          [1],
        ),
      ]
    case 'chart':
      return [
        { text: block.title, bold: true, margin: [0, 8, 0, 2] },
        { svg: chartSvg(block, style), width: PAGE_WIDTH },
      ]
    case 'table':
      return reportTable(block, style)
  }
}

function reportTable({ title, columns, rows, note }: ReportTable, style: ValueStyle): Content[] {
  const shown = rows.slice(0, MOST_ROWS).map((row) => columns.map(({ unit }, i) => valueText(row[i] ?? null, unit, style)))
  const rest = rows.length > MOST_ROWS ? [`The first ${MOST_ROWS} of ${rows.length} rows; the other formats have all of them.`] : []
  const numeric = columns.flatMap(({ unit }, i) => (unit === 'text' || unit === 'time' ? [] : [i]))
  return [
    ...(title === '' ? [] : [{ text: title, bold: true, margin: [0, 8, 0, 2] as [number, number, number, number] }]),
    ...(rows.length === 0
      ? [{ text: 'Nothing to list.' }]
      : [
          tableContent(
            columns.map(({ label }) => label),
            shown,
            numeric,
          ),
        ]),
    ...[note, ...rest].filter((text) => text !== '').map((text) => ({ text, color: '#4b5563', fontSize: 7 })),
  ]
}

function tableContent(header: readonly string[], rows: readonly (readonly string[])[], numeric: readonly number[]): Content {
  const isSide = (i: number) => (numeric.includes(i) ? ('right' as const) : ('left' as const))
  const hasHeader = header.some((text) => text !== '')
  const narrow = header.length > 8 ? { fontSize: 6 } : {}
  return {
    ...{ layout: 'lightHorizontalLines', margin: [0, 2, 0, 4], ...narrow },
    table: {
      headerRows: hasHeader ? 1 : 0,
      widths: header.map((_, i) => (numeric.includes(i) || header.length > 8 ? 'auto' : '*')),
      body: [
        ...(hasHeader ? [header.map((text, i) => ({ text, bold: true, alignment: isSide(i) }))] : []),
        // A long hash is broken anywhere rather than running out of the page.
        ...rows.map((cells) => cells.map((text, i) => ({ text: breakable(text), alignment: isSide(i) }))),
      ],
    },
  }
}

/** Long words get places to break. */
function breakable(text: string): string {
  return text.replace(/[^\s]{24}(?=[^\s])/g, '$&\u200b')
}
