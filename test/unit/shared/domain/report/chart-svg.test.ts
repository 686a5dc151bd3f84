import { expect, test } from 'vitest'
import { chartSvg } from '../../../../../shared/domain/report/chart-svg.ts'
import type { ReportChart } from '../../../../../shared/domain/report/document.ts'

const DAY = 86_400_000
const at = (text: string): number => Date.parse(text)
const style = { zone: 'America/New_York', currency: 'EUR' }
const days = (first: string): number[] => [0, 1, 2, 3].map((day) => at(first) + day * DAY)
const series = (name: string, id = 'a') => ({ id, name, values: [1, 2, 3, 4], low: null, high: null })

function chart(change: Partial<ReportChart>): ReportChart {
  return {
    ...{ kind: 'chart', id: 'x', title: 'Requests', unit: 'count', form: 'bars', bucketMs: DAY, times: days('2026-06-02T00:00:00Z') },
    series: [series('answered')],
    ...change,
  }
}

const datesOf = (svg: string): string[] => [...svg.matchAll(/>(\d\d-\d\d)</g)].map(([, date]) => date!)

test('days of UTC are written as those, whatever the zone of the report, and said to be', () => {
  const svg = chartSvg(chart({ zone: 'UTC' }), style)
  expect(datesOf(svg)).toEqual(['06-02', '06-03', '06-04', '06-05'])
  expect(svg).toContain('Days of UTC')
})

test('days of the zone of the report are written in it', () => {
  const svg = chartSvg(chart({ times: days('2026-06-02T04:00:00Z') }), style)
  expect(datesOf(svg)).toEqual(['06-02', '06-03', '06-04', '06-05'])
  expect(svg).not.toContain('Days of')
})

test('versions of a model with a long name can be told apart in the legend, which stays within the picture', () => {
  const names = Array.from({ length: 6 }, (_, i) => `quality-inspection-of-the-second-line@1.${i}.0`)
  const svg = chartSvg(chart({ form: 'line', series: names.map((name, i) => series(name, `v${i}`)) }), style)
  const shown = [...svg.matchAll(/<text x="(\d+)" y="\d+">([^<]*@[^<]*)</g)]
  expect(shown.map(([, , name]) => name!.slice(name!.lastIndexOf('@')))).toEqual(names.map((name) => name.slice(name.lastIndexOf('@'))))
  const width = Number(/viewBox="0 0 (\d+)/.exec(svg)![1])
  for (const [, x, name] of shown) expect([name, Number(x) + name!.length * 5 <= width]).toEqual([name, true])
})

test('a picture says what it is of to those who do not see it, as a text', () => {
  const svg = chartSvg(chart({ title: 'A <b>', series: [series('x'), series('y', 'b')] }), style)
  expect(svg).toContain('role="img" aria-label="A &lt;b&gt;: x, y"')
  expect(svg).toContain('<title>A &lt;b&gt;: x, y</title>')
})
