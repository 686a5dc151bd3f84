import { describe, expect, test } from 'vitest'
import { periodOnGrid, readPeriod } from '../../../../../electron/core/report/borders.ts'
import type { ReportSources } from '../../../../../electron/core/report/sources.ts'
import type { ReportKind } from '../../../../../shared/domain/report/kinds.ts'

const at = (text: string): number => Date.parse(text)

describe('the period that is asked for', () => {
  test.each([
    // A day that ends within an hour: whole hours, which are kept for more than a year.
    ['2026-03-01T13:37:00Z', '2026-03-02T13:37:00Z', '2026-03-01T13:00:00Z', '2026-03-02T13:00:00Z'],
    ['2026-03-01T13:37:00Z', '2026-03-01T15:37:00Z', '2026-03-01T13:35:00Z', '2026-03-01T15:35:00Z'],
  ])('%s to %s', (from, through, first, last) => {
    const period = periodOnGrid({ from: at(from), through: at(through) }, at('2026-03-05T00:00:00Z'))
    expect(period).toEqual({ from: at(first), through: at(last) })
  })

  test('what has not begun yet is refused', () => {
    const period = { from: at('2026-03-01T00:00:00Z'), through: at('2026-03-02T00:00:00Z') }
    expect(() => periodOnGrid(period, at('2026-02-01T00:00:00Z'))).toThrow('has not begun yet')
  })
})

/** A store of which sums, or ledgers, are whole from a time on; what is not named is all there. */
function sources(since: Record<string, string>, now = '2026-12-01T00:00:00Z'): Pick<ReportSources, 'telemetry' | 'now'> {
  const wholeSince = (name: string): number => (since[name] === undefined ? Number.NEGATIVE_INFINITY : at(since[name]))
  return { telemetry: { wholeSince } as never, now: () => at(now) }
}

const ask = (kind: ReportKind, from: string, through: string, zone = 'UTC') => ({
  ...{ kind, query: '', model: null, rollout: null, zone, from: at(from), through: at(through) },
})

const minutesGone = { 'traffic 300000': '2026-06-01T00:00:00Z' }
const hoursGone = { ...minutesGone, 'traffic 3600000': '2026-06-01T00:00:00Z' }

describe('the period that can be read', () => {
  test('is the one that was asked for as long as its sums are there', () => {
    const question = ask('fleet', '2026-06-02T00:05:00Z', '2026-06-03T00:05:00Z')
    expect(readPeriod(sources(hoursGone), question)).toEqual({ from: question.from, through: question.through, note: null })
  })

  test('where five minutes are gone both ends move to whole hours, as the store reads them, and the report says so', () => {
    const read = readPeriod(sources(minutesGone), ask('fleet', '2026-03-01T18:30:00Z', '2026-03-31T18:30:00Z', 'Asia/Kolkata'))
    expect(read).toMatchObject({ from: at('2026-03-01T19:00:00Z'), through: at('2026-03-31T19:00:00Z') })
    expect(read.note).toContain('Asked for was 2026-03-02 00:00 to 2026-04-01 00:00 (Asia/Kolkata).')
  })

  test('where hours are gone a morning is its whole day, and an afternoon has no answer rather than zero', () => {
    const morning = readPeriod(sources(hoursGone), ask('fleet', '2026-03-01T00:00:00Z', '2026-03-01T12:00:00Z'))
    expect(morning).toMatchObject({ from: at('2026-03-01T00:00:00Z'), through: at('2026-03-02T00:00:00Z') })
    expect(() => readPeriod(sources(hoursGone), ask('fleet', '2026-03-01T12:00:00Z', '2026-03-02T00:00:00Z'))).toThrow('whole days')
  })

  test('where entries of ledgers are gone, uptime is known by whole days', () => {
    const gone = { 'ledger 0': '2026-06-01T00:00:00Z' }
    expect(readPeriod(sources(gone), ask('fleet', '2026-03-01T22:00:00Z', '2026-03-02T22:00:00Z'))).toMatchObject({
      ...{ from: at('2026-03-02T00:00:00Z'), through: at('2026-03-03T00:00:00Z') },
    })
    const model = ask('model', '2026-03-01T22:00:00Z', '2026-03-02T22:00:00Z')
    expect(readPeriod(sources(gone), model)).toMatchObject({ from: model.from, through: model.through })
  })

  test.each([
    // Days of Paris and of New York: the day that most of it lies in, and neighbours share none.
    ['2026-06-01T22:00:00Z', '2026-06-02T22:00:00Z', '2026-06-02T00:00:00Z', '2026-06-03T00:00:00Z'],
    ['2026-06-02T22:00:00Z', '2026-06-03T22:00:00Z', '2026-06-03T00:00:00Z', '2026-06-04T00:00:00Z'],
    ['2026-06-02T04:00:00Z', '2026-06-03T04:00:00Z', '2026-06-02T00:00:00Z', '2026-06-03T00:00:00Z'],
    ['2026-06-03T04:00:00Z', '2026-06-04T04:00:00Z', '2026-06-03T00:00:00Z', '2026-06-04T00:00:00Z'],
    // The day so far is not over: the one before is.
    ['2026-11-30T13:00:00Z', '2026-12-01T13:00:00Z', '2026-11-30T00:00:00Z', '2026-12-01T00:00:00Z'],
  ])('costs of %s to %s are those of whole days (UTC)', (from, through, first, last) => {
    const read = readPeriod(sources({}, '2026-12-01T13:10:00Z'), ask('cost', from, through))
    expect(read).toMatchObject({ from: at(first), through: at(last) })
    expect(read.note).toContain('whole days (UTC)')
  })

  test('costs of this day alone are told up to the moment, and said to be', () => {
    const read = readPeriod(sources({}, '2026-12-01T13:10:00Z'), ask('cost', '2026-12-01T01:00:00Z', '2026-12-01T13:00:00Z'))
    expect(read).toMatchObject({ from: at('2026-12-01T00:00:00Z'), through: at('2026-12-02T00:00:00Z') })
    expect(read.note).toContain('not over')
  })
})
