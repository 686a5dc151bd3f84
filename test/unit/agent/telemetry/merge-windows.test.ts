import { describe, expect, it } from 'vitest'
import { mergeWindows } from '../../../../agent/telemetry/merge-windows.ts'
import { windowBody } from '../../../../shared/protocol/telemetry.ts'
import { windowRecord } from '../../../harness/spool.ts'

const window = (minute: number, more: object = {}) => windowBody.parse({ ...Object(windowRecord(minute, [1, 2]).body), ...more })

describe('windows of one subject merge', () => {
  it('with every count that one of them has', () => {
    const a = window(0, { validation: { 'input.type.reject': 2, 'feature.out-of-range.flag': 1 }, cacheHits: 3 })
    const b = window(1, { validation: { 'feature.out-of-range.flag': 4 }, notFinite: 1, cpuMs: 2.5, samplesTooLarge: 2 })
    expect(mergeWindows(a, b)).toMatchObject({
      requests: 6,
      validation: { 'input.type.reject': 2, 'feature.out-of-range.flag': 5 },
      cacheHits: 3,
      notFinite: 1,
      cpuMs: 2.5,
      samplesTooLarge: 2,
    })
  })

  it('without a count that neither has', () => {
    const merged = mergeWindows(window(0), window(1))!
    expect(['validation', 'cacheHits', 'notFinite', 'cpuMs', 'samplesTooLarge'].filter((key) => key in merged)).toEqual([])
  })
})
