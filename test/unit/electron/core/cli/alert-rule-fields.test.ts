import { describe, expect, it } from 'vitest'
import { withFields } from '../../../../../electron/core/cli/alert-rule-fields.ts'

describe('fields of a rule as they are typed', () => {
  it('make a rule', () => {
    expect(
      withFields(null, [
        'name=Slow answers',
        'kind=threshold',
        'metric=latency-p95',
        'is=above',
        'value=50',
        'over=5m',
        'for=10m',
        'severity=critical',
      ]),
    ).toMatchObject({
      ...{ name: 'Slow answers', severity: 'critical', forMs: 600_000, per: 'version', channels: null },
      condition: { kind: 'threshold', metric: 'latency-p95', is: 'above', value: 50, overMs: 300_000 },
    })
  })

  it('change what they name and nothing else', () => {
    const before = withFields(null, ['name=a', 'kind=drift', 'window=2h', 'channels=ops,mail'])
    expect(withFields(before, ['level=warn', 'roles=feature'])).toEqual({
      ...before,
      condition: { ...before.condition, level: 'warn', roles: ['feature'] },
    })
    expect(withFields(before, ['channels=all', 'runbook=none', 'enabled=false'])).toMatchObject({
      channels: null,
      runbook: null,
      isEnabled: false,
    })
    // Another kind has nothing of the one before.
    expect(withFields(before, ['kind=absence', 'of=telemetry', 'absent=30m']).condition).toEqual({
      kind: 'absence',
      of: 'telemetry',
      forMs: 1_800_000,
    })
  })

  it.each([
    ['name'],
    ['size=3'],
    ['name=a', 'kind=threshold', 'value=much'],
    ['name=a', 'kind=nothing'],
    ['name=a', 'kind=drift', 'window=soon'],
    ['kind=detector'],
  ])('refuse %s', (...fields) => expect(() => withFields(null, fields)).toThrow(expect.objectContaining({ code: 'usage' }) as Error))
})
