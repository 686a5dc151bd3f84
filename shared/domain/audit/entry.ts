/** What an entry of the audit log is made of, as it is hashed. Texts stand as they are stored: what is personal is a reference. */
export interface ChainedEntry {
  seq: number
  at: number
  actor: string
  action: string
  /** JSON. */
  detail: string
  previousHash: string
}

/** The bytes of an entry, as text: what both its chain hash and its leaf are made of. */
export function canonicalEntry({ seq, at, actor, action, detail, previousHash }: ChainedEntry): string {
  return JSON.stringify([seq, at, actor, action, detail, previousHash])
}

/** The one key of an object that stands for a personal text; its value is the reference. */
export const PERSONAL_KEY = '$personal'
/** What stands where a personal text was erased. */
export const ERASED = '(erased)'

/** Names of fields that hold what people say of themselves and others, in their own words. */
const personalFields: ReadonlySet<string> = new Set([
  ...['note', 'text', 'reason', 'comment', 'person', 'username', 'account', 'displayName', 'email', 'subject'],
])

/** True if the texts of a field are personal. */
export function isPersonalField(name: string): boolean {
  return personalFields.has(name)
}

/** A value with each text of a personal field replaced by what `refer` makes of it. */
export function withoutPersonal(value: unknown, refer: (text: string) => string, isPersonal = false): unknown {
  if (typeof value === 'string') return isPersonal && value !== '' ? { [PERSONAL_KEY]: refer(value) } : value
  if (Array.isArray(value)) return value.map((one) => withoutPersonal(one, refer, isPersonal))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    // A field of that very name would pass for a reference when it is read.
    Object.entries(value).map(([key, one]) => [key === PERSONAL_KEY ? `$${key}` : key, withoutPersonal(one, refer, isPersonalField(key))]),
  )
}

/** The same with the texts back in their places; `textOf` answers null for what was erased. */
export function withPersonal(value: unknown, textOf: (ref: string) => string | null): unknown {
  if (Array.isArray(value)) return value.map((one) => withPersonal(one, textOf))
  if (typeof value !== 'object' || value === null) return value
  const ref = (value as Record<string, unknown>)[PERSONAL_KEY]
  if (typeof ref === 'string') return textOf(ref) ?? ERASED
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withPersonal(one, textOf)]))
}

/** References in a stored detail. */
export function personalRefs(value: unknown): string[] {
  const refs: string[] = []
  withPersonal(value, (ref) => {
    refs.push(ref)
    return null
  })
  return refs
}

/** An actor with the person in it replaced: `cli:anna` becomes `cli::<reference>`. No name holds a colon, so the two are never mistaken. */
export function actorWithoutPerson(actor: string, refer: (text: string) => string): string {
  const at = actor.indexOf(':')
  const via = at < 0 ? actor : actor.slice(0, at)
  return at < 0 || via === 'code' || at === actor.length - 1 ? actor : `${via}::${refer(actor.slice(at + 1))}`
}

/** The reference in an actor as it is stored; null: it names no person, or is of a time before there were references. */
export function personRefOf(actor: string): string | null {
  const at = actor.indexOf('::')
  return at < 0 ? null : actor.slice(at + 2)
}

/** The actor as people read it. */
export function actorWithPerson(actor: string, textOf: (ref: string) => string | null): string {
  const ref = personRefOf(actor)
  return ref === null ? actor : `${actor.slice(0, actor.indexOf('::'))}:${textOf(ref) ?? ERASED}`
}

/** The last field of a detail whose entry is about devices: what binds them to it, since they stand in a table of their own. */
const DEVICES_KEY = '$devices'
const boundDevices = /,?"\$devices":"([0-9a-f]{32})"\}$/

/** A detail with the digest of its devices. */
export function withDevices(detail: unknown, digest: string | null): unknown {
  return digest === null || typeof detail !== 'object' || detail === null ? detail : { ...detail, [DEVICES_KEY]: digest }
}

/** The digest of the devices of a stored detail; null: it is about none, or of a time before they were bound. */
export function devicesDigestOf(detail: string): string | null {
  return boundDevices.exec(detail)?.[1] ?? null
}

/** A stored detail as it was given. */
export function withoutDevices(detail: string): string {
  return detail.replace(boundDevices, '}')
}
