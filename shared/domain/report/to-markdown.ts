import { markdownOf, type DocumentPart } from '../privacy/document.ts'
import type { ReportBlock, ReportDocument } from './document.ts'
import { aboutRows, chartTable } from './parts.ts'
import type { ReportSeal } from './seal.ts'
import { emptyText, figureText, styleOf, styleOfChart, valueText, type ValueStyle } from './value-text.ts'

/** A report as Markdown; a chart is the table behind it. */
export function reportMarkdown(document: ReportDocument, seal: ReportSeal): string {
  const style = styleOf(document)
  return markdownOf({
    title: document.title,
    parts: [
      { text: document.sentence },
      ...document.sections.flatMap(({ title, blocks }): DocumentPart[] => [
        { heading: title },
        ...blocks.flatMap((block) => partsOf(block, style)),
      ]),
      { heading: 'About this report' },
      { columns: ['What', 'Value'], rows: aboutRows(document, seal) },
    ],
  })
}

function partsOf(block: ReportBlock, style: ValueStyle): DocumentPart[] {
  switch (block.kind) {
    case 'sentence':
      return [{ text: block.text }]
    case 'figures':
      return [{ columns: ['Figure', 'Value', 'Note'], rows: block.figures.map((one) => [one.label, figureText(one, style), one.note]) }]
    case 'table':
    case 'chart': {
      const own = block.kind === 'chart' ? styleOfChart(block, style) : style
      const { columns, rows } = block.kind === 'table' ? block : chartTable(block)
      const note = block.kind === 'table' && block.note !== '' ? [{ text: block.note }] : []
      const title = block.title === '' ? [] : [{ text: block.title }]
      if (rows.length === 0) return [...title, { text: block.kind === 'table' ? emptyText(block) : 'Nothing to list.' }, ...note]
      const cells = rows.map((row) => columns.map(({ unit }, i) => valueText(row[i] ?? null, unit, own)))
      return [...title, { columns: columns.map(({ label }) => label), rows: cells }, ...note]
    }
  }
}
