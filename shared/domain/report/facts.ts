import type { ReportBlock, ReportDocument, ReportValue } from './document.ts'

/** One value of a report with its place: `section/block/row/column`. */
export interface ReportFact {
  place: string
  value: ReportValue
  /** It cannot be found out later. */
  isOfThen: boolean
}

/** A value that is another one now. */
export interface FactDifference {
  place: string
  /** undefined: it was not there. */
  reported: ReportValue | undefined
  now: ReportValue | undefined
}

/** All values of a report in their order; what its data hash is over, and what a verification compares. */
export function* factsOf(document: ReportDocument): Generator<ReportFact> {
  for (const { id, blocks, isOfThen } of document.sections)
    for (const block of blocks) for (const [place, value] of valuesOf(block)) yield { place: `${id}/${place}`, value, isOfThen }
}

function* valuesOf(block: ReportBlock): Generator<[place: string, value: ReportValue]> {
  switch (block.kind) {
    case 'sentence':
      return
    case 'figures':
      for (const { id, value, low, high, n } of block.figures) {
        yield [`${block.id}/${id}`, value]
        if (low !== null) yield [`${block.id}/${id}/low`, low]
        if (high !== null) yield [`${block.id}/${id}/high`, high]
        if (n !== null) yield [`${block.id}/${id}/n`, n]
      }
      return
    case 'table': {
      const seen = new Map<string, number>()
      for (const row of block.rows) {
        const name = block.keys === 1 ? String(row[0] ?? '') : JSON.stringify(row.slice(0, block.keys))
        const nth = (seen.get(name) ?? 0) + 1
        seen.set(name, nth)
        const at = `${block.id}/${name}${nth === 1 ? '' : `#${nth}`}`
        for (let i = block.keys; i < block.columns.length; i += 1) yield [`${at}/${block.columns[i]!.id}`, row[i] ?? null]
        // A row that is its key alone is a value all the same.
        if (block.columns.length === block.keys) yield [at, '']
      }
      return
    }
    case 'chart':
      for (const [i, time] of block.times.entries())
        for (const { id, values, low, high } of block.series) {
          yield [`${block.id}/${time}/${id}`, values[i] ?? null]
          if (low !== null) yield [`${block.id}/${time}/${id}/low`, low[i] ?? null]
          if (high !== null) yield [`${block.id}/${time}/${id}/high`, high[i] ?? null]
        }
  }
}

/** Sums of fractions depend in their last digits on what was added first, and records become sums in time. */
const TOLERANCE = 1e-9

/** True if two values say the same. */
export function isSameValue(a: ReportValue | undefined, b: ReportValue | undefined): boolean {
  if (typeof a !== 'number' || typeof b !== 'number') return a === b
  return a === b || Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(a), Math.abs(b))
}

/** What a comparison of two reports of the same question found. */
export interface FactComparison {
  compared: number
  /** Values of that moment, which nothing can confirm or deny. */
  ofThen: number
  /** Values whose records are not kept any more: nothing can confirm them either. */
  gone: number
  differing: number
  /** The first of them. */
  differences: FactDifference[]
}

/** Compares what a report says with what the store says now. @param most differences that are listed */
export function compareFacts(reported: ReportDocument, now: ReportDocument, most: number): FactComparison {
  const current = new Map<string, ReportValue>()
  for (const { place, value, isOfThen } of factsOf(now)) if (!isOfThen) current.set(place, value)
  const found: FactComparison = { compared: 0, ofThen: 0, gone: 0, differing: 0, differences: [] }
  const gone = gonePlaces(now)
  const note = (difference: FactDifference): void => {
    found.differing += 1
    if (found.differences.length < most) found.differences.push(difference)
  }
  for (const { place, value, isOfThen } of factsOf(reported)) {
    if (isOfThen) {
      found.ofThen += 1
      continue
    }
    if (gone.some((one) => place === one || place.startsWith(`${one}/`))) {
      // What was not known when the report was made either, both say.
      if (value === null) found.compared += 1
      else found.gone += 1
      current.delete(place)
      continue
    }
    found.compared += 1
    const other = current.get(place)
    current.delete(place)
    if (!isSameValue(value, other)) note({ place, reported: value, now: other })
  }
  for (const [place, value] of current) note({ place, reported: undefined, now: value })
  return found
}

/** Places of figures and tables whose records are not kept any more. */
function gonePlaces({ sections }: ReportDocument): string[] {
  return sections.flatMap(({ id, blocks }) =>
    blocks.flatMap((block) => {
      if (block.kind === 'table') return block.isGone === true ? [`${id}/${block.id}`] : []
      return block.kind === 'figures' ? block.figures.filter((one) => one.isGone === true).map((one) => `${id}/${block.id}/${one.id}`) : []
    }),
  )
}
