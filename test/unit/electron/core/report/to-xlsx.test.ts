import { unzipSync } from 'fflate'
import { expect, test } from 'vitest'
import { reportXlsx } from '../../../../../electron/core/report/to-xlsx.ts'
import type { ReportDocument } from '../../../../../shared/domain/report/document.ts'

const FIRED = Date.parse('2026-01-01T00:00:00Z')
const document: ReportDocument = {
  ...{ v: 1, kind: 'incident', title: 'Incident report', sentence: 'One.', fleet: 'Plant', currency: 'EUR', isWhole: true, devices: [] },
  question: { kind: 'incident', query: '', model: null, rollout: null, from: FIRED, through: FIRED + 86_400_000, zone: 'Asia/Tokyo' },
  ...{ models: [], madeAt: FIRED, madeBy: '0.1.0' },
  sections: [
    {
      ...{ id: 'alerts', title: 'Alerts', isOfThen: false },
      blocks: [
        { kind: 'sentence', text: 'Other hours were read.' },
        {
          ...{ kind: 'figures', id: 'f' },
          figures: [{ id: 'newest', label: 'Newest', unit: 'time', value: FIRED, low: null, high: null, n: null, note: '' }],
        },
        {
          ...{ kind: 'table', id: 'alerts', title: '', keys: 1, note: '' },
          columns: [
            { id: 'alert', label: 'Alert', unit: 'count' },
            { id: 'fired', label: 'Fired', unit: 'time' },
          ],
          rows: [[1, FIRED]],
        },
      ],
    },
  ],
}
const seal = { statement: { report: 1, facts: 2, dataHash: 'a', documentHash: 'b' } as never, keyId: 'k', signature: 's' }

test('times are those of the zone of the report, and the head says which zone that is', async () => {
  const files = unzipSync(await reportXlsx(document, seal))
  const all = Object.values(files)
    .map((bytes) => Buffer.from(bytes).toString('utf8'))
    .join('')
  // Nine in the morning of the first of January 2026 in Tokyo; a spreadsheet counts days since 1900.
  expect(all).toContain('<v>46023.375</v>')
  expect(all).toContain('Fired (Asia/Tokyo)')
  // Where values of many units stand in one column a time is a text, and what stands between tables is under the first.
  expect(all).toContain('2026-01-01T00:00:00.000Z')
  expect(all).toContain('Other hours were read.')
})
