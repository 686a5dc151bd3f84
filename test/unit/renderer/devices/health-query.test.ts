import { describe, expect, test } from 'vitest'
import { healthOf, withHealth } from '../../../../renderer/screens/devices/health-query.ts'

describe('the state in a query', () => {
  test.each([
    { query: '', health: null },
    { query: 'health = failed', health: 'failed' },
    { query: 'site = lyon and HEALTH = ok', health: null },
    { query: 'site = lyon and health = "ok" and tag:camera', health: 'ok' },
    { query: 'not health = ok', health: null },
    { query: 'health != ok', health: null },
    { query: 'health = ok or site = lyon', health: null },
    { query: '(health = ok or site = lyon)', health: null },
    { query: 'health = ok and health = failed', health: null },
    { query: 'health = nonsense', health: null },
  ])('$query asks for $health', ({ query, health }) => {
    expect(healthOf(query)).toBe(health)
  })

  test.each([
    { query: '', to: 'failed', becomes: 'health = failed' },
    { query: 'health = ok', to: 'failed', becomes: 'health = failed' },
    { query: 'health = ok', to: null, becomes: '' },
    { query: 'site = lyon', to: 'ok', becomes: 'site = lyon and health = ok' },
    { query: 'health = ok and site = "a and b"', to: 'failed', becomes: 'site = "a and b" and health = failed' },
    { query: 'site = lyon or site = oslo', to: 'ok', becomes: '(site = lyon or site = oslo) and health = ok' },
    { query: '(site = lyon or site = oslo) and health = ok', to: null, becomes: 'site = lyon or site = oslo' },
    { query: '(a = 1) and (b = 2) and health = ok', to: null, becomes: '(a = 1) and (b = 2)' },
    { query: '(a = 1 or b = 2) and not (c = 3) and health = ok', to: null, becomes: '(a = 1 or b = 2) and not (c = 3)' },
    { query: 'health = ok or site = lyon', to: null, becomes: 'health = ok or site = lyon' },
  ] as const)('$query with $to', ({ query, to, becomes }) => {
    expect(withHealth(query, to)).toBe(becomes)
  })

  test('setting and clearing gives back what stood there', () => {
    for (const query of ['', 'site = lyon', 'site = lyon or tag:camera', 'not (a = 1 or b = 2)', 'id in (a, b)'])
      expect(withHealth(withHealth(query, 'working'), null)).toBe(query)
  })
})
