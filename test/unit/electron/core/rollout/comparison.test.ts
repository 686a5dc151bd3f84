import { describe, expect, test } from 'vitest'
import { comparisonOf } from '../../../../../electron/core/rollout/comparison.ts'
import { CANDIDATE, canaryStore, INCUMBENT, labelsGiven, shadowGiven, windowGiven } from '../../../../harness/canary-store.ts'
import { rolloutsMethods } from '../../../../../shared/rpc/contract/rollouts.ts'

const version = 'wine 1.1.0'
const minutes = <Given>(count: number, make: (minute: number) => Given): Given[] => Array.from({ length: count }, (_, i) => make(i))

function checked(answer: ReturnType<typeof comparisonOf>) {
  return rolloutsMethods['rollouts.comparison'].output.parse(answer)
}

describe('a comparison', () => {
  test('without a device, and without a request, it waits', () => {
    const { evidence, question } = canaryStore()
    expect(checked(comparisonOf(evidence, { question: null, version, decided: null }))).toMatchObject({
      ...{ evidence: null, isEnough: false, advice: 'Wait: wine 1.1.0 is on no device yet.', series: [], pairs: [] },
    })
    const none = checked(comparisonOf(evidence, { question: question(), version, decided: null }))
    expect(none).toMatchObject({ isEnough: false, latency: { candidate: null, incumbent: null }, series: [] })
    expect(none.advice).toBe('Wait: there is not enough evidence yet of errors, latency.')
  })

  test('one that is no worse is to be promoted, with both sides over time', () => {
    const desk = canaryStore()
    desk.give(
      'c1',
      minutes(90, (i) => windowGiven(CANDIDATE, i, { requests: 100, errors: i === 3 ? 1 : 0 })),
    )
    for (const device of ['b1', 'b2', 'b3'])
      desk.give(
        device,
        minutes(90, (i) => windowGiven(INCUMBENT, i, { requests: 100 })),
      )
    const answer = checked(comparisonOf(desk.evidence, { question: desk.question(), version, decided: null }))
    expect(answer).toMatchObject({
      isEnough: true,
      advice: 'Promote wine 1.1.0: it is not worse in errors, latency by more than is accepted.',
    })
    const errors = answer.series.find(({ metric }) => metric === 'errors')!
    expect(errors.points).toHaveLength(90)
    expect(errors.points[3]).toMatchObject({ candidate: 0.01, incumbent: 0 })
    expect(answer.latency.candidate!.p50).toBeCloseTo(10, 0)
    expect(answer.evidence!.verdict).toBe('pass')
    expect(checked(comparisonOf(desk.evidence, { question: desk.question(), version, decided: 'promote' })).advice).toBe(
      'Decided: wine 1.1.0 was promoted.',
    )
  })

  test('a shadow that differs is to be discarded, and the classes in which it differs are named', () => {
    const desk = canaryStore()
    desk.give(
      'c1',
      minutes(10, (i) => windowGiven(INCUMBENT, i, { requests: 20 })),
    )
    desk.give(
      'c1',
      minutes(10, (i) =>
        shadowGiven({
          minute: i,
          offered: 20,
          agreed: 8,
          pairs: [
            ['barolo', 'barbera', 9],
            ['barbera', 'barolo', 3],
          ],
        }),
      ),
    )
    const answer = checked(comparisonOf(desk.evidence, { question: desk.question({ method: 'shadow' }), version, decided: null }))
    expect(answer).toMatchObject({ isEnough: true, advice: 'Discard wine 1.1.0: it is worse in agreement, beyond chance.' })
    expect(answer.pairs).toEqual([
      { incumbent: 'barolo', candidate: 'barbera', rows: 90 },
      { incumbent: 'barbera', candidate: 'barolo', rows: 30 },
    ])
  })

  test('while it is open, it says how much is missing', () => {
    const desk = canaryStore()
    desk.give(
      'c1',
      minutes(5, (i) => windowGiven(CANDIDATE, i, { requests: 100 })),
    )
    desk.give(
      'b1',
      minutes(5, (i) => windowGiven(INCUMBENT, i, { requests: 100 })),
    )
    desk.give('c1', [labelsGiven(CANDIDATE, 1, { right: 9, wrong: 1 })])
    const answer = checked(comparisonOf(desk.evidence, { question: desk.question(), version, decided: null }))
    expect(answer.isEnough).toBe(false)
    expect(answer.advice).toMatch(/^Wait: there is not enough evidence yet of errors \(about [\d,]+ more\)/)
    expect(answer.series.find(({ metric }) => metric === 'accuracy')!.points).toEqual([
      expect.objectContaining({ candidate: 0.9, incumbent: null }),
    ])
  })
})
