import { describe, expect, it } from 'vitest'
import {
  formatAgo,
  formatBytes,
  formatDuration,
  formatMs,
  formatNumber,
  formatPercent,
  plural,
} from '../../../../renderer/components/format.ts'

describe('numbers with units', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1 kB'],
    [100_000, '100 kB'],
    [999_499, '999 kB'],
    [999_500, '1 MB'],
    [1_234_567, '1.23 MB'],
    [64_000_000_000, '64 GB'],
    [5e15, '5000 TB'],
  ])('%i bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text))

  it.each([
    [0, '0 %'],
    [0.0004, '<0.1 %'],
    [0.5, '50.0 %'],
    [0.99998, '99.99 %'],
    [1, '100 %'],
  ])('a share of %f is %s', (share, text) => expect(formatPercent(share)).toBe(text))

  it.each([
    [0.123, '0.12 ms'],
    [12.34, '12.3 ms'],
    [345.6, '346 ms'],
    [3100, '3.1 s'],
    [61_000, '61 s'],
  ])('%f ms are %s', (ms, text) => expect(formatMs(ms)).toBe(text))

  it('rounds to three digits and groups thousands', () => {
    expect([formatNumber(0), formatNumber(0.012345), formatNumber(12.345), formatNumber(12_345)]).toEqual(['0', '0.0123', '12.3', '12,345'])
    expect([plural(1, 'device'), plural(2, 'device'), plural(0, 'query', 'queries')]).toEqual(['1 device', '2 devices', '0 queries'])
  })
})

describe('times', () => {
  it.each([
    [0, 'just now'],
    [-5000, 'in 5 s'],
    [89_000, '89 s ago'],
    [300_000, '5 min ago'],
    [7_200_000, '2 h ago'],
    [259_200_000, '3 days ago'],
  ])('%i ms before now is %s', (ms, text) => expect(formatAgo(1_000_000_000_000 - ms, 1_000_000_000_000)).toBe(text))

  it('never shows a negative length', () => expect(formatDuration(-10)).toBe('0 s'))
})
