import { expect, test } from 'vitest'
import type { ReportDocument } from '../../../../../shared/domain/report/document.ts'
import { plainFigure } from '../../../../../shared/domain/report/document.ts'
import { compareWords } from '../../../../../shared/domain/report/words.ts'

function document(change: Partial<ReportDocument> = {}, label = 'Requests'): ReportDocument {
  return {
    ...{
      v: 1,
      kind: 'fleet',
      title: 'Fleet report',
      sentence: 'All is well.',
      fleet: 'Plant',
      currency: 'EUR',
      isWhole: true,
      devices: [],
    },
    models: [{ deployment: 'check', model: 'digits', version: '1.0.0', digest: 'a'.repeat(64) }],
    question: { kind: 'fleet', query: '', model: null, rollout: null, from: 0, through: 1, zone: 'UTC' },
    ...{ madeAt: 1, madeBy: '0.1.0' },
    sections: [
      {
        ...{ id: 'summary', title: 'Summary', isOfThen: false },
        blocks: [{ kind: 'figures', id: 'figures', figures: [plainFigure({ id: 'requests', label, unit: 'count', value: 1 })] }],
      },
      { id: 'now', title: 'Now', isOfThen: true, blocks: [{ kind: 'sentence', text: 'Two devices are away.' }] },
    ],
    ...change,
  }
}

test('titles, sentences, labels and fingerprints are compared, each in its place', () => {
  expect(compareWords(document(), document())).toEqual([])
  expect(compareWords(document({ sentence: 'All is lost.' }, 'Errors'), document())).toEqual([
    { place: 'sentence', reported: 'All is lost.', now: 'All is well.' },
    { place: 'summary/figures/requests/label', reported: 'Errors | count | ', now: 'Requests | count | ' },
  ])
  const models = [{ deployment: 'check', model: 'digits', version: '1.0.0', digest: 'b'.repeat(64) }]
  expect(compareWords(document({ models }), document())).toEqual([
    { place: 'models/check/digits@1.0.0', reported: 'b'.repeat(64), now: 'a'.repeat(64) },
  ])
  expect(compareWords(document(), document({ models: [] }))).toMatchObject([{ place: 'models/check/digits@1.0.0', now: undefined }])
})

test('why another period was read than was asked for is no word of the report', () => {
  const [summary, now] = document().sections
  const note = { kind: 'sentence' as const, text: 'Asked for was a day and a half.', isOfQuestion: true }
  const noted = { ...summary!, blocks: [note, ...summary!.blocks] }
  expect(compareWords(document({ sections: [noted, now!] }), document())).toEqual([])
  const plain = { ...summary!, blocks: [{ kind: 'sentence' as const, text: 'All is well.' }, ...summary!.blocks] }
  expect(compareWords(document({ sections: [plain, now!] }), document())).toMatchObject([{ place: 'summary/1', now: undefined }])
})

test('what only the moment could say is not compared', () => {
  const [summary, now] = document().sections
  const later = { ...now!, blocks: [{ kind: 'sentence' as const, text: 'All devices are there.' }] }
  expect(compareWords(document(), document({ sections: [summary!, later] }))).toEqual([])
})
