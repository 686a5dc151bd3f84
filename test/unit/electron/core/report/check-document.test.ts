import { expect, test } from 'vitest'
import { checkDocument } from '../../../../../electron/core/report/check-document.ts'
import type { ReportBlock, ReportDocument } from '../../../../../shared/domain/report/document.ts'

const document = (block: ReportBlock): ReportDocument => ({
  ...{ v: 1, kind: 'fleet', title: 'a', sentence: 'b', fleet: 'c', currency: 'EUR', isWhole: true, devices: [], models: [] },
  question: { kind: 'fleet', query: '', model: null, rollout: null, from: 0, through: 1, zone: 'UTC' },
  ...{ madeAt: 1, madeBy: '0.1.0', sections: [{ id: 's', title: 't', isOfThen: false, blocks: [block] }] },
})
const table = (rows: (string | number | null)[][]): ReportBlock => ({
  ...{ kind: 'table', id: 't', title: '', keys: 1, rows, note: '' },
  columns: [{ id: 'n', label: 'n', unit: 'count' }],
})
const chart = (times: number[]): ReportBlock => ({
  ...{ kind: 'chart', id: 'c', title: '', unit: 'count', form: 'bars', bucketMs: 1, times, series: [] },
})

test('what can be read again passes, however many rows it has', async () => {
  await expect(checkDocument(document(table(Array.from({ length: 5000 }, (_, i) => [i]))))).resolves.toBeUndefined()
})

test('a value that is none is found in the last row of many, and more intervals than a document holds are refused', async () => {
  const rows = [...Array.from({ length: 5000 }, (_, i) => [i]), [Number.NaN]]
  await expect(checkDocument(document(table(rows)))).rejects.toThrow('cannot be written')
  await expect(checkDocument(document(chart(Array.from({ length: 2001 }, (_, i) => i))))).rejects.toThrow('cannot be written')
})
