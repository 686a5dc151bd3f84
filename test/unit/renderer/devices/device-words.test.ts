import { withClocks } from '../../../../renderer/components/format.ts'
import { describe, expect, test } from 'vitest'
import {
  labelsText,
  nearestIn,
  placeState,
  placeText,
  severityState,
  shortSentence,
} from '../../../../renderer/screens/devices/device-words.ts'
import { sortFrom, sortText } from '../../../../renderer/screens/devices/devices-view.ts'

const v = (version: string, model = 'digits') => ({ model, version })
const place = { deployment: 'digits', state: null, shareOfBlocks: null }

describe('words of a device', () => {
  test.each([
    { sentence: 'cam-1 runs digits 1.1.0, as ordered.', short: 'runs digits 1.1.0, as ordered' },
    { sentence: 'cam-1 is offline for 3 min; digits 1.1.0 waits for it.', short: 'for 3 min; digits 1.1.0 waits for it' },
    { sentence: 'cam-1 is offline; digits 1.1.0 waits for it.', short: 'digits 1.1.0 waits for it' },
    { sentence: 'cam-12 runs digits 1.1.0.', short: 'cam-12 runs digits 1.1.0' },
  ])('$sentence', ({ sentence, short }) => {
    expect(shortSentence('cam-1', sentence)).toBe(short)
  })

  test.each([
    { desired: v('1.0.0'), active: v('1.0.0'), says: 'digits 1.0.0' },
    { desired: v('1.1.0'), active: v('1.0.0'), says: 'digits 1.0.0 → 1.1.0' },
    { desired: v('1.1.0'), active: v('1.0.0'), shareOfBlocks: 0.42, says: 'digits 1.0.0 → 1.1.0 42 %' },
    { desired: v('2.0.0', 'letters'), active: v('1.0.0'), says: 'digits 1.0.0 → letters 2.0.0' },
    { desired: v('1.1.0'), active: null, says: '→ digits 1.1.0' },
    { desired: null, active: v('1.0.0'), says: 'digits 1.0.0 → off' },
    { desired: null, active: null, says: 'digits: nothing' },
    { deployment: 'line-3', desired: v('1.0.0'), active: v('1.0.0'), says: 'line-3: digits 1.0.0' },
  ])('$says', ({ says, ...row }) => {
    expect(placeText({ ...place, ...row })).toBe(says)
  })

  test('labels, the site left to its own column', () => {
    expect(labelsText({ site: 'lyon', line: '3', camera: '' }, ['site'])).toBe('line=3 camera')
  })

  test('states of steps and severities', () => {
    expect([null, 'idle', 'fetching', 'probing', 'active', 'rejected', 'reverted'].map((state) => placeState(state, false))).toEqual([
      'offline',
      'offline',
      'working',
      'working',
      'ok',
      'failed',
      'failed',
    ])
    expect(placeState('active', true)).toBe('attention')
    expect(['info', 'warning', 'error', 'strange'].map(severityState)).toEqual([null, 'attention', 'failed', null])
  })

  test('exact moments are said as a clock', () => {
    const said = withClocks('runs digits 1.0.0 since 2026-01-02T03:04:05.678Z', Date.parse('2026-01-02T04:00:00Z'))
    expect(said).toMatch(/^runs digits 1\.0\.0 since (\d\d [A-Z][a-z]{2} )?\d\d:04:05$/)
  })

  test('the nearest name of a problem, and nothing that is no name', () => {
    expect(nearestIn("There is no device 'cam-01'. Did you mean 'cam-1'?")).toBe('cam-1')
    expect(nearestIn("There is no device 'x'.")).toBeNull()
    expect(nearestIn("Did you mean '<img>'?")).toBeNull()
  })
})

describe('the order in the address', () => {
  test('there and back', () => {
    for (const text of ['device', '-lastSeenAt', 'label.line', '-label.line']) expect(sortText(sortFrom(text)!)).toBe(text)
  })
  test('what the core cannot sort by is none', () => {
    for (const text of ['', '-', 'password', 'label.', 'label.A b']) expect(sortFrom(text)).toBeNull()
  })
})
