import { expect, test } from 'vitest'
import { withoutOne } from '../../../../../electron/core/monitor/leave-one-out.ts'
import { merged } from '../../../../../electron/core/monitor/references.ts'
import { baselineOf, countRows, DIGEST, monitorParts, type Row } from '../../../../harness/counted-slices.ts'
import { normals, seeded } from '../../../shared/stats/oracle.ts'

const normal = normals(seeded(9))
const rows = (n: number): Row[] =>
  Array.from({ length: n }, () => ({
    a: Math.abs(normal()) < 0.1 ? null : 5 * normal(),
    colour: normal() > 0.5 ? 'red' : 'blue',
    step: normal() > 1 ? 2 : 1,
  }))
const { references } = monitorParts(baselineOf(rows(400).map((row) => ({ ...row, colour: 1 }))), () => 0).bundle(DIGEST)!
const [one, two, three] = [300, 200, 77].map((n) => countRows(references, rows(n)))

test('the fleet without a device is the merge of the others', () => {
  const rest = withoutOne(merged([one!, two!, three!]), one!)!
  const others = merged([two!, three!])
  expect(rest.rows).toBe(277)
  for (const [name, counts] of others.features) {
    const left = rest.features.get(name)!
    expect({ ...left, lag: null, min: null, max: null }).toEqual({ ...counts, lag: null, min: null, max: null })
    if (counts.kind !== 'numeric' || left.kind !== 'numeric') continue
    for (const [sum, value] of Object.entries(counts.lag)) expect(left.lag[sum as keyof typeof left.lag]).toBeCloseTo(value, 6)
  }
})

test('sums that do not hold the device are told, not made up', () => {
  expect(withoutOne(two!, one!)).toBeNull()
  expect(withoutOne(merged([]), one!)).toBeNull()
  expect(withoutOne(one!, one!)!.rows).toBe(0)
})
