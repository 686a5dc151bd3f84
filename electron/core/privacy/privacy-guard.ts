import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { Guard } from '../trust/guards.ts'
import { isSamplesOn } from './show.ts'

const page = { label: 'Open the settings of privacy', path: '/settings?tab=privacy' } as const

/** The row of personal data in the list of guards. */
export function privacyGuard({ privacy, configRules }: Pick<FleetStore, 'privacy' | 'configRules'>): Guard {
  const head = { id: 'privacy', title: 'Personal data stay on devices' } as const
  const open = privacy.erasures().filter(({ doneAt }) => doneAt === null)
  const stuck = open.find(({ problem }) => problem !== null)
  if (stuck !== undefined)
    return {
      ...{ ...head, state: 'attention', sentence: `A person is not erased on the console yet: ${stuck.problem}`.slice(0, 1000) },
      action: { ...page, label: 'See the erasure', command: 'muster privacy pending' },
    }
  const marks = privacy.marks()
  const samples = isSamplesOn({ configRules })
    ? 'Some devices are asked to send samples.'
    : 'No device is asked to send samples; counts of values leave devices.'
  if (marks.length === 0)
    return {
      ...{ ...head, state: 'off', sentence: `No field is marked as personal. ${samples}` },
      action: { ...page, label: 'Mark personal fields', command: 'muster privacy mark FIELD' },
    }
  const waiting = new Set(privacy.pending().map(({ device }) => device)).size
  return {
    ...{ ...head, state: 'on', sentence: `${marked(marks.map(({ mask }) => mask === 'drop'))} ${samples}${stillToErase(waiting)}` },
    action: waiting === 0 ? null : { ...page, label: 'See the erasures', command: 'muster privacy pending' },
  }
}

/** @param kept of each marked field, whether nothing of it leaves a device */
function marked(kept: readonly boolean[]): string {
  const stays = kept.filter(Boolean).length
  const fields = kept.length === 1 ? '1 field is marked as personal' : `${kept.length} fields are marked as personal`
  if (stays === kept.length) return `${fields}: nothing of ${kept.length === 1 ? 'it' : 'them'} leaves a device.`
  if (stays === 0) return `${fields}; by choice of a person something of ${kept.length === 1 ? 'it' : 'each'} leaves devices.`
  return `${fields}: nothing of ${stays} leaves a device; of the others something does, by choice of a person.`
}

function stillToErase(devices: number): string {
  if (devices === 0) return ''
  return ` ${devices === 1 ? '1 device is' : `${devices} devices are`} still to confirm an erasure.`
}
