import { attributes, labelAttribute, type Attribute, type FactName, type QuerySubject } from './attributes.ts'
import type { Query, Relation } from './query.ts'
import { compareVersions, isVersion, parseBytes, parseDecimal } from './values.ts'

/** True if a device is selected. What the device has not told equals nothing: only `!=` and `not` select it. */
export function matches(query: Query, subject: QuerySubject): boolean {
  switch (query.op) {
    case 'all':
      return true
    case 'and':
      return query.terms.every((term) => matches(term, subject))
    case 'or':
      return query.terms.some((term) => matches(term, subject))
    case 'not':
      return !matches(query.term, subject)
    case 'has':
      return (attributeOf(query.attribute).members?.(subject) ?? []).some((member) => isTextEqual(member, query.value))
    case 'in':
      return query.values.some((value) => compare(query.attribute, '=', value, subject))
    case 'compare':
      return compare(query.attribute, query.relation, query.value, subject)
  }
}

function attributeOf(name: string): Attribute {
  // A label that a device does not carry reads as untold, like a fact that it has not reported.
  return Object.hasOwn(attributes, name) ? attributes[name as FactName] : labelAttribute(name)
}

function compare(name: string, relation: Relation, value: string, subject: QuerySubject): boolean {
  const attribute = attributeOf(name)
  const actual = attribute.read?.(subject) ?? null
  if (relation === '!=') return !compare(name, '=', value, subject)
  if (actual === null) return false
  if (relation === '=' && value.endsWith('*')) return isTextEqual(String(actual), value)
  if (attribute.type === 'text') return isTextEqual(String(actual), value)
  const order = orderOf(attribute.type, actual, value)
  if (order === null) return false
  switch (relation) {
    case '=':
      return order === 0
    case '<':
      return order < 0
    case '<=':
      return order <= 0
    case '>':
      return order > 0
    case '>=':
      return order >= 0
  }
}

function orderOf(type: string, actual: string | number, value: string): number | null {
  if (type === 'version') return isVersion(String(actual)) ? compareVersions(String(actual), value) : null
  const wanted = type === 'bytes' ? parseBytes(value) : parseDecimal(value)
  return wanted === null ? null : Number(actual) - wanted
}

/** Text equality without regard to case; a `*` at the end of the wanted text matches any rest. */
function isTextEqual(actual: string, wanted: string): boolean {
  const left = actual.toLowerCase()
  const right = wanted.toLowerCase()
  return right.endsWith('*') ? left.startsWith(right.slice(0, -1)) : left === right
}
