/** The longest name of a person. */
export const MAX_PERSON = 64

/** What never belongs into a name that stands in logs and on terminals: control characters, separators, turns of the writing direction, the colon of an actor. */
const unwanted = /[\p{C}\p{Zl}\p{Zp}:]+/gu

/** A name as a person gave it, cleaned and bounded; null: nothing is left of it. */
export function personName(given: string | null | undefined): string | null {
  const cleaned = (given ?? '').normalize('NFC').replace(unwanted, ' ').replace(/\s+/gu, ' ').trim()
  const bounded = Array.from(cleaned).slice(0, MAX_PERSON).join('').trim()
  return bounded === '' ? null : bounded
}

/** Who acts, as logs and the audit say it: the way in and, where it is known, the person, such as `cli:anna`. */
export function actorOf(client: string, person: string | null): string {
  return person === null ? client : `${client}:${person}`
}

/** The person of an actor, in one spelling for comparison; null: only the way in is known. */
export function personOf(actor: string): string | null {
  const at = actor.indexOf(':')
  return at < 0 ? null : (personName(actor.slice(at + 1))?.toLowerCase() ?? null)
}

/**
 * True if the two are known to be different people. A person is the same one at the command line and in the browser. Somebody without a name
 * is different from nobody; what was made by nobody that is known may be approved by everybody who has a name.
 */
export function isOtherPerson(maker: string | null, approver: string): boolean {
  const person = personOf(approver)
  if (person === null) return false
  return maker === null || personOf(maker) !== person
}
