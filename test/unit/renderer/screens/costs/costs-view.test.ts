import { expect, test } from 'vitest'
import { costsLine, costsView, keyText, spanOf } from '../../../../../renderer/screens/costs/costs-view.ts'

const now = Date.UTC(2026, 2, 1, 15, 30)
const day = (text: string): number => Date.parse(`${text}T00:00:00Z`)

test.each([
  { period: '7d', from: '2026-02-23', through: '2026-03-02' },
  { period: '30d', from: '2026-01-31', through: '2026-03-02' },
  { period: 'month', from: '2026-03-01', through: '2026-03-02' },
  { period: 'last-month', from: '2026-02-01', through: '2026-03-01' },
] as const)('$period is from $from to before $through', ({ period, from, through }) => {
  expect(spanOf(period, now)).toEqual({ from: day(from), through: day(through) })
})

test('the page as a line of a shell says what differs from the usual', () => {
  const line = (view: object): string => costsLine(costsView.parse(view), now).replace('npm run -s muster -- costs report ', '')
  expect(line({ period: '30d', by: 'link', query: 'site = lyon' })).toBe("--since 30d --by link --query 'site = lyon'")
  expect(line({})).toBe('--since 2026-03-01T00:00:00.000Z')
  expect(line({ period: 'last-month' })).toBe('--since 2026-02-01T00:00:00.000Z --until 2026-03-01T00:00:00.000Z')
})

test('keys are words for people, whatever devices call a cause', () => {
  expect([keyText('site', ''), keyText('rollout', ''), keyText('rollout', '12'), keyText('day', '2026-03-01')]).toEqual([
    ...['No site', 'No rollout', 'Rollout 12', 'Sun 01 Mar'],
  ])
  expect([keyText('cause', 'model'), keyText('cause', 'toString'), keyText('device', 'model')]).toEqual(['Models', 'toString', 'model'])
})
