import { expect, test } from 'vitest'
import { privacyGuard } from '../../../../../electron/core/privacy/privacy-guard.ts'
import { privacySalt } from '../../../../../electron/core/privacy/subject-ref.ts'
import { guard } from '../../../../../shared/rpc/contract/keys.ts'
import type { MarkMask } from '../../../../../shared/domain/privacy/mark.ts'
import { enrolled, fleetStore, T0 } from '../../../../harness/fleet.ts'

test('the row of personal data says what leaves devices, and what is still to be erased', () => {
  const store = fleetStore()
  enrolled(store, 'cam-1')
  const row = () => guard.parse(privacyGuard(store))
  const mark = (field: string, mask: MarkMask = 'drop') =>
    store.privacy.putMark({ field, kind: 'personal', mask, reason: 'r', setBy: 'anna', setAt: T0 })
  expect(row()).toMatchObject({
    ...{ state: 'off', sentence: 'No field is marked as personal. No device is asked to send samples; counts of values leave devices.' },
    action: { path: '/settings?tab=privacy' },
  })
  mark('age')
  expect(row()).toMatchObject({
    ...{ state: 'on', action: null },
    sentence: expect.stringContaining('1 field is marked as personal: nothing of it leaves a device.'),
  })
  mark('town', 'none')
  expect(row().sentence).toContain('2 fields are marked as personal: nothing of 1 leaves a device; of the others something does')
  store.configRules.put({ scope: 'fleet', name: '', query: null, priority: 0, settings: { samplesPerWindow: 5 }, setAt: T0, setBy: 'anna' })
  expect(row().sentence).toContain('Some devices are asked to send samples.')

  privacySalt(store)
  const id = store.privacy.addErasure({ subject: 'a'.repeat(32), reason: 'r', by: 'b', at: T0 })
  store.privacy.askDevices(id)
  store.privacy.noteErasure({ id, doneAt: null, found: {}, problem: 'A backup is being made.' })
  expect(row()).toMatchObject({
    ...{ state: 'attention', sentence: 'A person is not erased on the console yet: A backup is being made.' },
    action: { command: 'muster privacy pending' },
  })
  store.privacy.noteErasure({ id, doneAt: T0, found: {}, problem: null })
  expect(row()).toMatchObject({ state: 'on', sentence: expect.stringContaining('1 device is still to confirm an erasure.') })
  store.privacy.confirm('cam-1', 'a'.repeat(32), T0)
  expect(row()).toMatchObject({ state: 'on', action: null })
})
