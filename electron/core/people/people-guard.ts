import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { Guard } from '../trust/guards.ts'

/** The guard that accounts are: who acts is proven, and nobody does more than a role allows. */
export function peopleGuard({ accounts }: Pick<FleetStore, 'accounts'>): Guard {
  const row = { id: 'people', title: 'People sign in' }
  const enabled = accounts.all().filter(({ isDisabled }) => !isDisabled)
  if (!accounts.any())
    return {
      ...{ ...row, state: 'off' },
      sentence:
        'Whoever has the token of the console, or sits at its window, does everything and gives any name. The first account makes people sign in.',
      action: { label: 'Make the first account', path: '/settings?tab=people', command: 'muster people add NAME --role admin' },
    }
  const admins = enabled.filter(({ role }) => role === 'admin').length
  const people = `${enabled.length} ${enabled.length === 1 ? 'person signs' : 'people sign'} in, ${admins} as ${admins === 1 ? 'an admin' : 'admins'}.`
  if (enabled.length === 1)
    return {
      ...{ ...row, state: 'attention' },
      sentence: `${people} Nobody can approve what that person makes, and nobody else can help when the password is lost but the owner of the machine.`,
      action: { label: 'Add a person', path: '/settings?tab=people', command: 'muster people add NAME --role approver' },
    }
  return {
    ...row,
    state: 'on',
    sentence: `${people} The owner of the machine comes in beside them at the command line, and the audit log says so.`,
    action: null,
  }
}
