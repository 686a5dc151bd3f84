import { attributeNames, findAttribute, type Attribute } from '../../../../shared/domain/query/attributes.ts'
import { matches } from '../../../../shared/domain/query/match.ts'
import { nearestName } from '../../../../shared/domain/query/nearest.ts'
import { parseQuery, type Query } from '../../../../shared/domain/query/query.ts'
import { Problem } from '../../../../shared/domain/problem.ts'
import type { RolloutPlan } from '../../../../shared/domain/rollout/plan.ts'
import type { RosterEntry } from '../../store/fleet/roster-rows.ts'

/** Reads devices as a plan sees them. */
export interface TargetReader {
  matches(entry: RosterEntry): boolean
  /** The first wave with a query that the device matches; null: none does. */
  queryWave(entry: RosterEntry): number | null
  /** Values of the attributes that waves are spread over, joined. */
  stratum(entry: RosterEntry): string
  /** Value of the attribute of the disruption budget; null: the device has none, or the plan has no such budget. */
  group(entry: RosterEntry): string | null
}

/**
 * Prepares the queries and attributes of a plan.
 * @param labels names of labels in use
 * @throws QueryProblem for a query, Problem `query.unknown-attribute` for an attribute that waves are spread over
 */
export function targetReader(plan: RolloutPlan, labels: ReadonlySet<string>): TargetReader {
  const target = parseQuery(plan.query, labels)
  const ofWaves = plan.waves.flatMap(({ size }, wave) => (size.kind === 'query' ? [{ wave, query: parseQuery(size.query, labels) }] : []))
  const strata = [...new Set(plan.waves.flatMap(({ stratify }) => stratify))].map((name) => attributeOf(name, labels))
  const { perGroup } = plan.pacing
  const group = perGroup === null ? null : attributeOf(perGroup.attribute, labels)
  return {
    matches: (entry) => isAll(target) || matches(target, entry.subject),
    queryWave: (entry) => ofWaves.find(({ query }) => matches(query, entry.subject))?.wave ?? null,
    stratum: (entry) => strata.map((one) => valueOf(one, entry) ?? '').join('\u0000'),
    group: (entry) => (group === null ? null : valueOf(group, entry)),
  }
}

/** An attribute by the name that a plan gives it. @throws Problem `query.unknown-attribute` with the nearest name */
export function attributeOf(name: string, labels: ReadonlySet<string>): Attribute {
  const found = findAttribute(name, labels)
  if (found !== null && found.type !== 'set') return found
  const near = nearestName(name, attributeNames(labels))
  const hint = found !== null ? 'it has many values' : near === null || near === name ? 'no device has it' : `is '${near}' meant?`
  throw new Problem('query.unknown-attribute', `Devices cannot be told apart by '${name}': ${hint}.`)
}

/** What a device has of an attribute, as text; null: it has not told it. */
export function valueOf(attribute: Attribute, { subject }: RosterEntry): string | null {
  const value = attribute.read?.(subject) ?? null
  return value === null ? null : String(value)
}

function isAll(query: Query): boolean {
  return query.op === 'all'
}
