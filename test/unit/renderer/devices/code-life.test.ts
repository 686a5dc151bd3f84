import { describe, expect, test } from 'vitest'
import { hasJoined, joinedDevice, timeLeft } from '../../../../renderer/screens/devices/code-life.ts'
import type { DeviceTableRow } from '../../../../shared/rpc/contract/device-views.ts'
import type { HistoryEntry } from '../../../../shared/rpc/contract/devices.ts'

const row = (device: string, enrolledAt: number, labels: Record<string, string> = {}) =>
  ({ device, enrolledAt, labels }) as unknown as DeviceTableRow
const entry = (kind: HistoryEntry['kind'], at: number): HistoryEntry => ({
  kind,
  at,
  name: '',
  severity: 'info',
  message: '',
  code: null,
  actor: null,
})

describe('the life of a code', () => {
  test.each([
    { left: 600_000, says: '10:00' },
    { left: 599_001, says: '10:00' },
    { left: 65_000, says: '1:05' },
    { left: 1, says: '0:01' },
    { left: 3_600_000, says: '1:00:00' },
    { left: 86_400_000, says: '24:00:00' },
    { left: 0, says: null },
    { left: -5000, says: null },
  ])('$left ms left: $says', ({ left, says }) => {
    expect(timeLeft(1_000_000 + left, 1_000_000)).toBe(says)
  })

  test('the first device after the code was made, with its labels', () => {
    const code = { madeAt: 100, device: null, labels: { site: 'lyon' } }
    const newestFirst = [
      row('late', 300, { site: 'lyon' }),
      row('cam', 200, { site: 'lyon', line: '3' }),
      row('other', 150, { site: 'oslo' }),
      row('old', 50, { site: 'lyon' }),
    ]
    expect(joinedDevice(newestFirst, code)).toBe('cam')
    expect(joinedDevice([row('old', 50, { site: 'lyon' })], code)).toBeNull()
  })

  test('a device that is bound to the code joined when its timeline says so, also when it was known before', () => {
    const code = { madeAt: 100, device: 'cam', labels: {} }
    expect(hasJoined([entry('event', 150), entry('enrolment', 50)], code)).toBe(false)
    expect(hasJoined([entry('enrolment', 120), entry('enrolment', 50)], code)).toBe(true)
  })
})
