import type { ReportBlock, ReportDocument, ReportValue } from './document.ts'

/** What steers a reader rather than standing on the page: control signs, breaks of lines, marks of direction, signs that are none. */
const steering = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u
const steeringAll = new RegExp(steering, 'gu')

/** A text of a device or a person as it may stand anywhere: breaks are blanks, and what would turn a line around is written out. */
export function shownText(text: string): string {
  if (!steering.test(text)) return text
  return text.replace(/[\t\r\n\u2028\u2029]+/gu, ' ').replace(steeringAll, (sign) => `[U+${codeOf(sign)}]`)
}

/** The number of a sign as Unicode writes it. */
export function codeOf(sign: string): string {
  return sign.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')
}

/** A document whose texts are changed, and nothing else: numbers, times, places and the question stay. */
export function withTexts(document: ReportDocument, change: (text: string) => string): ReportDocument {
  return {
    ...document,
    ...{ title: change(document.title), sentence: change(document.sentence), fleet: change(document.fleet) },
    models: document.models.map(({ digest, ...names }) => ({
      ...{ deployment: change(names.deployment), model: change(names.model), version: change(names.version), digest },
    })),
    sections: document.sections.map((section) => ({
      ...section,
      title: change(section.title),
      blocks: section.blocks.map((block) => blockWith(block, change)),
    })),
  }
}

function blockWith(block: ReportBlock, change: (text: string) => string): ReportBlock {
  const valueOf = (value: ReportValue): ReportValue => (typeof value === 'string' ? change(value) : value)
  switch (block.kind) {
    case 'sentence':
      return { ...block, text: change(block.text) }
    case 'figures':
      return {
        ...block,
        figures: block.figures.map((one) => ({ ...one, label: change(one.label), note: change(one.note), value: valueOf(one.value) })),
      }
    case 'table':
      return {
        ...{ ...block, title: change(block.title), note: change(block.note) },
        columns: block.columns.map((column) => ({ ...column, label: change(column.label) })),
        rows: block.rows.map((row) => row.map(valueOf)),
      }
    case 'chart':
      return { ...block, title: change(block.title), series: block.series.map((one) => ({ ...one, name: change(one.name) })) }
  }
}
