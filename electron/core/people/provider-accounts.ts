import { Problem } from '../../../shared/domain/problem.ts'
import type { AccountRow } from '../store/fleet/accounts.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import { newHandle, shownName } from './accounts.ts'
import type { VouchedFor } from './oidc.ts'

/** Most accounts with one name and a number behind it. */
const MOST_ALIKE = 100

/**
 * The account of somebody whom the provider vouches for: made at the first time, with the role that the claims say at each time. It is never a
 * local account of the same name: whoever chooses names at the provider would choose whom to be here.
 * @throws Problem `access.oidc-refused`
 */
export function accountOfProvider({ accounts, audit }: FleetStore, person: VouchedFor, now: number): AccountRow {
  const known = accounts.bySubject(person.subject)
  if (known !== null) {
    if (known.isDisabled) throw new Problem('access.oidc-refused', 'The account is disabled here.')
    const after = { ...known, role: person.role, displayName: shownName(person.displayName, known.name) }
    if (after.role !== known.role)
      audit.append({
        at: now,
        actor: 'muster',
        action: 'people.set',
        detail: { name: known.name, role: after.role, why: 'claims of the provider' },
      })
    accounts.set(after)
    return after
  }
  const name = freeName(accounts, person.name)
  accounts.add({
    ...{ name, displayName: shownName(person.displayName, name), role: person.role, handle: newHandle() },
    ...{ password: null, subject: person.subject, addedAt: now, addedBy: 'muster' },
  })
  audit.append({ at: now, actor: 'muster', action: 'people.add', detail: { name, role: person.role, why: 'came in through the provider' } })
  return accounts.find(name)!
}

const taken = new Set(['owner', 'muster', 'guest', 'local'])

function freeName(accounts: FleetStore['accounts'], wanted: string): string {
  for (let n = 1; n <= MOST_ALIKE; n += 1) {
    const name = n === 1 ? wanted : `${wanted.slice(0, 36)}-${n}`
    if (!taken.has(name) && accounts.find(name) === null) return name
  }
  throw new Problem('access.oidc-refused', `There are ${MOST_ALIKE} accounts called '${wanted}' already.`)
}
