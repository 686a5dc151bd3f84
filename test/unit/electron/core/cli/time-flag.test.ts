import { expect, it } from 'vitest'
import { minutesOf, timeOf } from '../../../../../electron/core/cli/time-flag.ts'

it('reads minutes, and names the flag that holds none', () => {
  expect(minutesOf('15')).toBe(15)
  for (const wrong of ['', 'x', '0', '-5', '1.5', '15m'])
    expect(() => minutesOf(wrong)).toThrow(
      expect.objectContaining({ code: 'usage', message: `--minutes: '${wrong}' is no number of minutes.` }),
    )
})

it('reads an ISO time, and how long ago something was', () => {
  expect(timeOf('--from', '2026-01-31T12:00:00Z')).toBe(Date.UTC(2026, 0, 31, 12))
  expect(Math.abs(Date.now() - 900_000 - timeOf('--from', '15m'))).toBeLessThan(60_000)
  expect(() => timeOf('--from', 'soon')).toThrow(expect.objectContaining({ code: 'usage' }))
})
