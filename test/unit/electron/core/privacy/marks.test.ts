import { expect, test } from 'vitest'
import { effectiveConfig } from '../../../../../electron/core/config/effective.ts'
import { markDeclared } from '../../../../../electron/core/privacy/declared.ts'
import { privacySalt } from '../../../../../electron/core/privacy/subject-ref.ts'
import { openPrivacyView } from '../../../../../electron/core/privacy/view.ts'
import { enrolled, fleetStore, T0 } from '../../../../harness/fleet.ts'
import { sampleManifest, samples } from '../../../../harness/manifest.ts'

test('fields that a bundle declares are marked with its import; what a person decided about one stays', () => {
  const store = fleetStore()
  store.privacy.putMark({ field: 'site', kind: 'personal', mask: 'none', reason: 'a town is no person', setBy: 'web:anna', setAt: T0 })
  markDeclared(store, sampleManifest(samples.diabetes100, { personal: ['age', 'site'] }), T0)
  expect(store.privacy.marks()).toMatchObject([
    { field: 'age', mask: 'drop', setBy: 'muster' },
    { field: 'site', mask: 'none', setBy: 'web:anna' },
  ])
  expect(store.audit.after(0, 10)).toMatchObject([{ action: 'privacy.declared' }])
  markDeclared(store, sampleManifest(samples.diabetes100), T0)
  expect(store.audit.size()).toBe(1)
})

test('a device is told nothing until somebody marks or erases; then its masks, whom rows are about, and whom it is still to erase', () => {
  const store = fleetStore()
  enrolled(store, 'cam-1')
  enrolled(store, 'cam-2')
  expect(openPrivacyView(store)('cam-1')).toBeNull()
  const salt = privacySalt(store)
  store.privacy.putMark({ field: 'age', kind: 'personal', mask: 'drop', reason: '', setBy: 'anna', setAt: T0 })
  store.privacy.putMark({ field: 'patient', kind: 'subject', mask: 'hash', reason: 'to tell them apart', setBy: 'anna', setAt: T0 })
  const subjects = Array.from({ length: 6 }, (_, i) => String(i).repeat(32))
  for (const subject of subjects) store.privacy.askDevices(store.privacy.addErasure({ subject, reason: 'r', by: 'b', at: T0 }))
  expect(store.privacy.confirm('cam-1', subjects[0]!, T0)).toBe(true)
  expect(store.privacy.confirm('cam-1', subjects[0]!, T0)).toBe(false)
  const config = effectiveConfig([], openPrivacyView(store)('cam-1'))
  expect(config).toMatchObject({
    masks: { age: 'drop', patient: 'hash' },
    privacy: { salt, subjects: ['patient'], erase: subjects.slice(1) },
  })
  // Read one by one or all at once, the same is said.
  const view = openPrivacyView(store)
  const said = Array.from({ length: 6 }, () => JSON.stringify(view('cam-1')))
  expect(new Set(said).size).toBe(1)
  expect(view('cam-2')!.rules.erase).toEqual(subjects)
})
