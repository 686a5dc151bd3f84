import { fileURLToPath } from 'node:url'
import { chartSvg } from '../../../shared/domain/report/chart-svg.ts'
import type {
  ReportBlock,
  ReportChart,
  ReportColumn,
  ReportDocument,
  ReportFigure,
  ReportTable,
  ReportValue,
} from '../../../shared/domain/report/document.ts'
import { aboutRows } from '../../../shared/domain/report/parts.ts'
import { drawableText, glyphsOf } from './font-coverage.ts'
import type { ReportSeal } from '../../../shared/domain/report/seal.ts'
import { withTexts } from '../../../shared/domain/report/texts.ts'
import { emptyText, figureParts, periodText, styleOf, valueText, type ValueStyle } from '../../../shared/domain/report/value-text.ts'

/** A part of a page as pdfmake takes it: a text with its look, a table, columns, or a drawing. */
interface Content {
  text?: string
  stack?: readonly Content[]
  unbreakable?: boolean
  svg?: string
  width?: number
  bold?: boolean
  color?: string
  fontSize?: number
  alignment?: 'left' | 'right'
  margin?: readonly [number, number, number, number]
  headlineLevel?: number
  layout?: PdfLayout
  columns?: readonly (Content | string)[]
  columnGap?: number
  table?: {
    headerRows: number
    widths: readonly string[]
    dontBreakRows?: boolean
    keepWithHeaderRows?: number
    body: readonly (readonly Content[])[]
  }
}

/** How the lines of a table are drawn; line 0 is above the first row. */
interface PdfLayout {
  hLineWidth(line: number, node: { table: { headerRows: number; body: readonly unknown[] } }): number
  hLineColor(line: number, node: { table: { headerRows: number } }): string
  vLineWidth(): number
  paddingLeft(column: number): number
  paddingRight(column: number): number
  paddingTop(): number
  paddingBottom(): number
}

/** Longer tables are for machines: the other formats have them whole. */
const MOST_ROWS = 1000
const SHOWN_SIGNS = 12
/** A table of so many rows is kept together. */
const SHORT_ROWS = 15
/** Two charts stand side by side, in points. */
const CHART_WIDTH = 248
const GAP = 19
/** Figures in a row of the page. */
const FIGURES = 4
const DIM = '#545b64'
/** Hairlines between rows, a stronger one under the names of columns. */
const hairlines: PdfLayout = {
  hLineWidth: (line, { table }) => (line === 0 ? 0 : line === table.headerRows ? 0.8 : 0.4),
  hLineColor: (line, { table }) => (line === table.headerRows ? '#9aa3ae' : '#dfe2e6'),
  vLineWidth: () => 0,
  paddingLeft: (column) => (column === 0 ? 0 : 5),
  paddingRight: () => 5,
  paddingTop: () => 2,
  paddingBottom: () => 2,
}
/** Figures have a hairline above, as on the page of HTML. */
const figureLines: PdfLayout = {
  ...hairlines,
  hLineWidth: (line, { table }) => (line === table.body.length ? 0 : 0.5),
  hLineColor: () => '#dfe2e6',
  paddingTop: () => 4,
  paddingBottom: () => 8,
}
const LACKING =
  'Signs that the font of this PDF lacks stand as their numbers in Unicode, such as [U+5DE5]. All other formats have them as they are.'
const faces = { normal: 'Regular', bold: 'Medium', italics: 'Italic', bolditalics: 'MediumItalic' }
/** The fonts lie in the package of the layout, and are copied beside a bundle, which has no packages. */
const fontFolder = import.meta.filename.endsWith('.ts') ? '../../../node_modules/pdfmake/fonts/Roboto' : './fonts'

/** A report as PDF, laid out in plain JavaScript: nothing is started, and nothing is loaded but the fonts that come along. */
export async function reportPdf(written: ReportDocument, seal: ReportSeal): Promise<Uint8Array> {
  const style = styleOf(written)
  // Loaded when the first PDF is asked for: it is a megabyte of code.
  const { default: pdfmake } = await import('./pdf-layout.mjs')
  const files = Object.entries(faces).map(
    ([face, name]) => [face, fileURLToPath(new URL(`${fontFolder}/Roboto-${name}.ttf`, import.meta.url))] as const,
  )
  const fonts = new Set<string>(files.map(([, file]) => file))
  const { document, about } = drawable(written, seal, files[0]![1])
  pdfmake.setFonts({ Roboto: Object.fromEntries(files) })
  pdfmake.setUrlAccessPolicy(() => false)
  // What a report says can name no file of this machine.
  pdfmake.setLocalAccessPolicy((path) => fonts.has(path))
  return pdfmake
    .createPdf({
      info: { title: written.title, subject: written.sentence, creator: `Muster ${written.madeBy}` },
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
        { text: document.title, fontSize: 20, bold: true },
        { text: `${document.fleet}, ${periodText(document.question)}`, color: DIM, margin: [0, 2, 0, 6] },
        { text: document.sentence, fontSize: 10 },
        ...document.sections.flatMap(({ title, blocks }): Content[] => withHeading(title, contentsOf(blocks, style))),
        heading('About this report'),
        tableContent(['', ''], about, []),
      ],
    })
    .getBuffer()
}

/** A report as the font can draw it; where it lacks signs, the report says so. */
function drawable(written: ReportDocument, seal: ReportSeal, font: string): { document: ReportDocument; about: [string, string][] } {
  const has = glyphsOf(font)
  let isLacking = false
  const change = (text: string): string => {
    const shown = drawableText(text, has)
    isLacking ||= shown !== text
    return shown
  }
  const document = withTexts(written, change)
  const about = aboutRows(written, seal).map(([label, value]): [string, string] => [label, change(value)])
  return { document, about: isLacking ? [...about, ['Signs', LACKING]] : about }
}

function heading(text: string): Content {
  return { text, fontSize: 12, bold: true, margin: [0, 16, 0, 5], headlineLevel: 1 }
}

/** A heading never ends a page: it stays with what follows, unless that is a table, which has its own. */
function withHeading(title: string, [first, ...rest]: readonly Content[]): Content[] {
  if (first === undefined || (first.table?.body.length ?? 0) > SHORT_ROWS)
    return [heading(title), ...(first === undefined ? [] : [first]), ...rest]
  return [{ stack: [heading(title), first], unbreakable: true }, ...rest]
}

/** Charts that follow each other stand two in a row. */
function contentsOf(blocks: readonly ReportBlock[], style: ValueStyle): Content[] {
  const contents: Content[] = []
  for (let i = 0; i < blocks.length; i += 1) {
    const [block, next] = [blocks[i]!, blocks[i + 1]]
    if (block.kind !== 'chart') {
      contents.push(...contentOf(block, style))
      continue
    }
    const pair = next?.kind === 'chart' ? [block, next] : [block]
    contents.push({ unbreakable: true, stack: [{ columnGap: GAP, columns: pair.map((one) => chartContent(one, style)) }] })
    i += pair.length - 1
  }
  return contents
}

function chartContent(chart: ReportChart, style: ValueStyle): Content {
  return {
    width: CHART_WIDTH,
    stack: [
      { text: chart.title, bold: true, margin: [0, 6, 0, 2] },
      { svg: chartSvg(chart, style), width: CHART_WIDTH },
    ],
  }
}

function contentOf(block: Exclude<ReportBlock, ReportChart>, style: ValueStyle): Content[] {
  switch (block.kind) {
    case 'sentence':
      return [{ text: block.text }]
    case 'figures':
      return [figuresContent(block.figures, style)]
    case 'table':
      return reportTable(block, style)
  }
}

function figuresContent(figures: readonly ReportFigure[], style: ValueStyle): Content {
  const cells = figures.map((figure): Content => {
    const { own, rest } = figureParts(figure, style)
    const small = [rest, figure.note].filter((text) => text !== '').map((text): Content => ({ text, fontSize: 6.5, color: DIM }))
    return { stack: [{ text: figure.label, fontSize: 7, color: DIM }, { text: own, fontSize: 12, bold: true }, ...small] }
  })
  const rows = Array.from({ length: Math.ceil(cells.length / FIGURES) }, (_, row) =>
    Array.from({ length: FIGURES }, (_unused, i): Content => cells[row * FIGURES + i] ?? { text: '' }),
  )
  return {
    layout: figureLines,
    table: { headerRows: 0, widths: Array.from({ length: FIGURES }, () => '*'), dontBreakRows: true, body: rows },
  }
}

function reportTable({ title, columns, rows, note, isGone }: ReportTable, style: ValueStyle): Content[] {
  const shown = rows.slice(0, MOST_ROWS).map((row) => columns.map((column, i) => shortCell(column, row[i] ?? null, style)))
  const rest = rows.length > MOST_ROWS ? [`The first ${MOST_ROWS} of ${rows.length} rows; the other formats have all of them.`] : []
  const numeric = columns.flatMap(({ unit }, i) => (unit === 'text' || unit === 'time' ? [] : [i]))
  const table: Content =
    rows.length === 0
      ? { text: emptyText({ isGone }), color: DIM }
      : tableContent(
          columns.map(({ label }) => label),
          shown,
          numeric,
        )
  const named: Content[] = title === '' ? [table] : [{ text: title, bold: true, margin: [0, 8, 0, 2] }, table]
  return [
    // A title never ends a page: a short table goes to the next with it.
    ...(shown.length <= SHORT_ROWS && named.length > 1 ? [{ stack: named, unbreakable: true }] : named),
    ...[note, ...rest].filter((text) => text !== '').map((text) => ({ text, color: DIM, fontSize: 7 })),
  ]
}

function tableContent(header: readonly string[], rows: readonly (readonly string[])[], numeric: readonly number[]): Content {
  const isSide = (i: number) => (numeric.includes(i) ? ('right' as const) : ('left' as const))
  const hasHeader = header.some((text) => text !== '')
  const narrow = header.length > 8 ? { fontSize: 6 } : {}
  return {
    ...{ layout: hairlines, margin: [0, 2, 0, 4], ...narrow },
    table: {
      headerRows: hasHeader ? 1 : 0,
      ...(hasHeader ? { keepWithHeaderRows: 1 } : {}),
      widths: hasHeader ? header.map((_, i) => (i === 0 || !(numeric.includes(i) || header.length > 8) ? '*' : 'auto')) : ['auto', '*'],
      body: [
        ...(hasHeader ? [header.map((text, i) => ({ text, bold: true, color: DIM, alignment: isSide(i) }))] : []),
        // A long hash is broken anywhere rather than running out of the page.
        ...rows.map((cells) => cells.map((text, i) => ({ text: breakable(text), alignment: isSide(i) }))),
      ],
    },
  }
}

/** A fingerprint stands by its first signs: the whole one is under "About this report". */
function shortCell({ id, unit }: ReportColumn, value: ReportValue, style: ValueStyle): string {
  const text = valueText(value, unit, style)
  return id === 'fingerprint' && text.length > SHOWN_SIGNS ? `${text.slice(0, SHOWN_SIGNS)}…` : text
}

/** Long words get places to break. */
function breakable(text: string): string {
  return text.replace(/[^\s]{24}(?=[^\s])/g, '$&\u200b')
}
