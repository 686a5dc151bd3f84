import { personName } from '../../shared/domain/actor.ts'

const STORED = 'muster.person'

/** The name that this person gave in this browser; null: none. */
export function keptPerson(): string | null {
  return personName(localStorage.getItem(STORED))
}

/** Keeps a name in this browser, or forgets it; connections made from now on say it. */
export function keepPerson(given: string): string | null {
  const person = personName(given)
  if (person === null) localStorage.removeItem(STORED)
  else localStorage.setItem(STORED, person)
  return person
}
