import { matches } from '../../../shared/domain/query/match.ts'
import { parseQuery, type Query } from '../../../shared/domain/query/query.ts'
import { QueryProblem } from '../../../shared/domain/query/query-problem.ts'
import { runtimeConfig, type RuntimeConfig } from '../../../shared/protocol/assignment.ts'
import { masksWithMarks } from '../../../shared/domain/privacy/mark.ts'
import type { PrivacyView } from '../privacy/view.ts'
import { mergeSettings, type ConfigRule, type ConfigRuleTable, type ConfigSettings } from '../store/fleet/config-rules.ts'
import type { RosterEntry } from '../store/fleet/roster-rows.ts'

/** All rules that are not of one device. */
export interface CommonRules {
  fleet: ConfigRule | null
  /** The one that wins comes first. */
  groups: readonly (ConfigRule & { parsed: Query | null })[]
}

/** Reads the rules of the fleet and of groups, ready to be asked for many devices. */
export function readCommonRules(table: ConfigRuleTable): CommonRules {
  return { fleet: table.fleet(), groups: table.groups().map((rule) => ({ ...rule, parsed: parsedQuery(rule.query ?? '') })) }
}

const parsedQueries = new Map<string, Query | null>()
const MOST_PARSED = 200

/**
 * The query of a group. It was checked when it was set; a label that no device has any more is a label that nobody has, and no error.
 * null: it cannot be read, and matches nobody.
 */
export function parsedQuery(text: string): Query | null {
  const known = parsedQueries.get(text)
  if (known !== undefined) return known
  let parsed: Query | null = null
  try {
    parsed = parseQuery(text, new Set(text.match(/[\w.-]+/gu) ?? []))
  } catch (error) {
    if (!(error instanceof QueryProblem)) throw error
  }
  if (parsedQueries.size >= MOST_PARSED) parsedQueries.clear()
  parsedQueries.set(text, parsed)
  return parsed
}

/** The rules that are for a device, the weakest first: the fleet's, those of groups by rising priority, its own. */
export function rulesFor(common: CommonRules, entry: RosterEntry | null, own: ConfigRule | null): ConfigRule[] {
  const groups = entry === null ? [] : common.groups.filter(({ parsed }) => parsed !== null && matches(parsed, entry.subject))
  return [common.fleet, ...groups.toReversed(), own].filter((rule) => rule !== null)
}

/** The configuration that a device is to have: of each field, of each flag and of each mask, the value of the most specific rule. */
export function effectiveConfig(rules: readonly ConfigRule[], privacy: PrivacyView | null = null): RuntimeConfig {
  const merged = rules.reduce<ConfigSettings>((settings, rule) => mergeSettings(settings, rule.settings), {})
  const { flags, masks, ...config } = runtimeConfig.parse(merged)
  const plain = { ...config, flags: byName(flags), masks: byName(masksWithMarks(masks, privacy?.marks ?? [])) }
  return privacy === null ? plain : { ...plain, privacy: privacy.rules }
}

/** Equal configurations are equal texts. */
function byName<Value>(values: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)))
}
