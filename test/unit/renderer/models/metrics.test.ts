import { describe, expect, test } from 'vitest'
import {
  formatDifference,
  formatDifferenceInterval,
  formatInterval,
  formatMetric,
  keyMetricOf,
  metricName,
  orderMetrics,
} from '../../../../renderer/screens/models/metrics.ts'

describe('metrics in words', () => {
  test('a share is read as percent, a score as a number, what is unknown keeps its key', () => {
    expect(formatMetric('accuracy', 0.9647)).toBe('96.5 %')
    expect(formatMetric('accuracy', 1)).toBe('100 %')
    expect(formatMetric('mcc', -0.25)).toBe('−0.25')
    expect(formatMetric('logLoss', 0.12826)).toBe('0.1283')
    expect(formatMetric('accuracy', null)).toBe('undefined')
    expect(metricName('macroF1')).toBe('macro F1')
    expect(metricName('constructor')).toBe('constructor')
  })

  test('a difference has a sign, of shares in percentage points; nothing is told of the sign of zero', () => {
    expect(formatDifference('accuracy', 0.0652)).toBe('+6.5 pp')
    expect(formatDifference('accuracy', -0.002)).toBe('−0.2 pp')
    expect(formatDifference('accuracy', 0)).toBe('±0.0 pp')
    expect(formatDifference('accuracy', -0.0001)).toBe('±0.0 pp')
    expect(formatDifference('logLoss', -0.34782)).toBe('−0.348')
    expect(formatDifference('mae', null)).toBe('')
  })

  test('the unit of an interval is written once', () => {
    expect(formatInterval({ metric: 'accuracy', low: 0.9417, high: 0.979 })).toBe('94.2–97.9 %')
    expect(formatInterval({ metric: 'mae', low: -1, high: 2.5 })).toBe('−1 to 2.5')
    expect(formatDifferenceInterval('accuracy', { low: -0.02, high: 0.058 })).toBe('−2.0 to +5.8 pp')
  })

  test('known metrics come first in a fixed order, the others by name', () => {
    expect(orderMetrics(['zeta', 'logLoss', 'alpha', 'accuracy'])).toEqual(['accuracy', 'logLoss', 'alpha', 'zeta'])
  })
})

describe('the key metric of a version', () => {
  const interval = { metric: 'accuracy', low: 0.9, high: 0.98, level: 0.95 }

  test('follows the task and skips what is undefined', () => {
    expect(keyMetricOf({ task: 'classification', metrics: { macroF1: 0.9, accuracy: 0.95 }, interval })).toEqual({
      metric: 'accuracy',
      value: 0.95,
      interval,
    })
    expect(keyMetricOf({ task: 'classification', metrics: { accuracy: null, macroF1: 0.9 }, interval })).toEqual({
      metric: 'macroF1',
      value: 0.9,
      interval: null,
    })
    expect(keyMetricOf({ task: 'regression', metrics: { mae: 3, rmse: 4 } })?.metric).toBe('rmse')
    expect(keyMetricOf({ task: 'other', metrics: { own: 7 } })?.metric).toBe('own')
  })

  test('is absent where nothing was evaluated', () => {
    expect(keyMetricOf({ task: 'classification', metrics: {} })).toBeNull()
  })
})
