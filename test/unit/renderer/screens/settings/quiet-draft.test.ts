import { expect, test } from 'vitest'
import { plainQuiet, quietWindow } from '../../../../../renderer/screens/settings/quiet-draft.ts'

test.each([
  { cron: '0 7 * * 1-5', minutes: 720, plain: { from: '07:00', to: '19:00', days: '1-5' } },
  { cron: '30 22 * * *', minutes: 390, plain: { from: '22:30', to: '05:00', days: '*' } },
  { cron: '0 0 * * 0,6', minutes: 1440, plain: { from: '00:00', to: '00:00', days: '0,6' } },
])('$cron for $minutes min is from $plain.from to $plain.to, and back', ({ cron, minutes, plain }) => {
  const window = { cron, minutes, timeZone: 'site' }
  expect(plainQuiet(window)).toEqual({ ...plain, timeZone: 'site' })
  expect(quietWindow(plainQuiet(window)!)).toEqual(window)
})

test.each([
  { cron: '*/5 7 * * *', minutes: 10 },
  { cron: '0 7 1 * *', minutes: 10 },
  { cron: '0 25 * * *', minutes: 10 },
  { cron: '75 1 * * *', minutes: 10 },
  { cron: '0 7 * * *', minutes: 1441 },
])('$cron for $minutes min is more than times of a day, and stays as it is', (window) => {
  expect(plainQuiet({ ...window, timeZone: 'UTC' })).toBeNull()
})
