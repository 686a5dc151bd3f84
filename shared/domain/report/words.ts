import type { ReportBlock, ReportDocument, ReportValue } from './document.ts'

/** What a report says beside its values: titles, sentences, labels, notes and the fingerprints of models, each with its place. */
export function* wordsOf({ title, sentence, models, sections }: ReportDocument): Generator<[place: string, text: string]> {
  yield ['title', title]
  yield ['sentence', sentence]
  for (const { deployment, model, version, digest } of models) yield [`models/${deployment}/${model}@${version}`, digest]
  for (const { id, title: heading, isOfThen, blocks } of sections) {
    if (isOfThen) continue
    yield [`${id}/title`, heading]
    // The same period asked for as it is needs no word on why it is another one.
    const told = blocks.filter((block) => block.kind !== 'sentence' || block.isOfQuestion !== true)
    for (const [i, block] of told.entries()) yield* blockWords(`${id}/${block.kind === 'sentence' ? i + 1 : block.id}`, block)
  }
}

function* blockWords(at: string, block: ReportBlock): Generator<[place: string, text: string]> {
  switch (block.kind) {
    case 'sentence':
      yield [at, block.text]
      return
    case 'figures':
      for (const { id, label, unit, note } of block.figures) yield [`${at}/${id}/label`, [label, unit, note].join(' | ')]
      return
    case 'table':
      yield [`${at}/title`, [block.title, block.note].join(' | ')]
      for (const { id, label, unit } of block.columns) yield [`${at}/${id}/label`, [label, unit].join(' | ')]
      return
    case 'chart':
      yield [`${at}/title`, [block.title, block.unit].join(' | ')]
      for (const { id, name } of block.series) yield [`${at}/${id}/label`, name]
  }
}

/** A word that a report of the same question does not say now. */
export interface WordDifference {
  place: string
  reported: ReportValue | undefined
  now: ReportValue | undefined
}

/** Compares the words of two reports of one version of Muster. */
export function compareWords(reported: ReportDocument, now: ReportDocument): WordDifference[] {
  const current = new Map(wordsOf(now))
  const found: WordDifference[] = []
  for (const [place, text] of wordsOf(reported)) {
    const other = current.get(place)
    current.delete(place)
    if (other !== text) found.push({ place, reported: text, now: other })
  }
  for (const [place, text] of current) found.push({ place, reported: undefined, now: text })
  return found
}
