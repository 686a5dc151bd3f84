import { expect, test } from 'vitest'
import { makeGoldenSet } from '../../../../../electron/core/registry/golden-set.ts'
import type { RowRunner } from '../../../../../electron/core/registry/row-runner.ts'
import type { FeatureRow } from '../../../../../electron/core/registry/feature-rows.ts'

const rows: FeatureRow[] = Array.from({ length: 8 }, (_, row) => ({ row, values: [row] }) as unknown as FeatureRow)

test('a golden set has at most 4 MiB: cases that do not fit are left out, smaller ones after them are not', async () => {
  const length = (row: number): number => (row === 1 ? 3_000_000 : 400_000)
  const runner = {
    run: (some: readonly FeatureRow[]) => {
      const values = length(some[0]!.row)
      const tensor = { name: 'x', datatype: 'FP32' as const, shape: [1, values], data: new Float32Array(values).fill(0.5) }
      return Promise.resolve({ inputs: [tensor], outputs: [] })
    },
  } as unknown as RowRunner
  const set = await makeGoldenSet(runner, rows, { absolute: 0, relative: 0 })
  expect(set!.cases.map(({ inputs }) => inputs[0]!.shape[1])).toEqual([400_000, 400_000])
  expect(Buffer.byteLength(JSON.stringify(set))).toBeLessThan(4.1 * 1024 * 1024)
})
