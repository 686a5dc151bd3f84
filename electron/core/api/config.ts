import { Problem } from '../../../shared/domain/problem.ts'
import { parseQuery, type Query } from '../../../shared/domain/query/query.ts'
import { runtimeConfig } from '../../../shared/protocol/assignment.ts'
import type { ParsedInputOf, ResultOf } from '../../../shared/rpc/contract.ts'
import { numberFields, type ConfigSettings, type ConfigTarget } from '../../../shared/rpc/contract/config.ts'
import type { CommandContext, Handlers } from '../../../shared/rpc/dispatch.ts'
import { effectiveConfig, parsedQuery, readCommonRules, rulesFor, type CommonRules } from '../config/effective.ts'
import { openPrivacyView } from '../privacy/view.ts'
import { isSigned, stale } from '../config/keeper.ts'
import { labelsInUse, requireEntry } from '../devices/summary.ts'
import { mergeSettings, type ConfigRule, type ConfigRuleTable } from '../store/fleet/config-rules.ts'
import type { RosterEntry } from '../store/fleet/roster-rows.ts'
import type { ReleaseParts } from './release-parts.ts'

type Names = Extract<keyof Handlers, `config.${string}`>
type Effect = ResultOf<'config.preview'>
type Change = ParsedInputOf<'config.preview'>['change']
type SetInput = Pick<Extract<Change, { do: 'set' }>, 'target' | 'query' | 'priority' | 'settings' | 'isWhole'>
type UnsetInput = Pick<Extract<Change, { do: 'unset' }>, 'target' | 'fields'>

/** Devices that an effect names. */
const EXAMPLES = 10

/** Handlers of `config.*`. */
export function configHandlers(parts: ReleaseParts): Pick<Handlers, Names> {
  const { store } = parts
  return {
    'config.list': ({ after, limit }) => {
      const common = readCommonRules(store.configRules)
      const fleet = common.fleet === null ? null : ruleOf(parts, common, common.fleet)
      return {
        fleet,
        groups: common.groups.map((rule) => ruleOf(parts, common, rule)),
        devices: store.configRules.devices(after, limit).map((rule) => ruleOf(parts, common, rule)),
        deviceRules: store.configRules.countDevices(),
        pending: stale(parts, null).length,
      }
    },
    'config.show': ({ device }) => show(parts, device),
    'config.preview': ({ change }) => preview(parts, change),
    'config.set': (input, context) => settle(parts, (actor) => set(parts, input, actor), context),
    'config.unset': (input, context) => settle(parts, () => unset(parts, input), context),
  }
}

function ruleOf({ store }: ReleaseParts, common: CommonRules, rule: ConfigRule): NonNullable<ResultOf<'config.list'>['fleet']> {
  const { scope, name, query, priority, settings, setAt, setBy } = rule
  return { scope, name, query, priority, settings, setAt, setBy, devices: devicesOf(store.roster.all(), common, rule) }
}

/** How many devices a rule is for. */
function devicesOf(entries: readonly RosterEntry[], common: CommonRules, { scope, name }: ConfigRule): number {
  if (scope === 'fleet') return entries.length
  if (scope === 'device') return entries.some(({ row }) => row.device === name) ? 1 : 0
  const only: CommonRules = { fleet: null, groups: common.groups.filter((group) => group.name === name) }
  return entries.filter((entry) => rulesFor(only, entry, null).length > 0).length
}

function show({ store }: ReleaseParts, device: string): ResultOf<'config.show'> {
  const entry = requireEntry(store, device)
  const rules = rulesFor(readCommonRules(store.configRules), entry, store.configRules.ofDevice(device))
  const config = effectiveConfig(rules, openPrivacyView(store)(device))
  const from = (says: (settings: ConfigRule['settings']) => boolean) => {
    const rule = rules.findLast(({ settings }) => says(settings))
    if (rule === undefined) return { from: 'default' as const, rule: null }
    return { from: rule.scope, rule: rule.name === '' ? null : rule.name }
  }
  const plain = ([...numberFields, 'logLevel'] as const).map((field) => ({
    ...{ field, value: config[field] },
    ...from((settings) => settings[field] !== undefined),
  }))
  const flags = Object.entries(config.flags).map(([name, value]) => ({
    ...{ field: `flags.${name}`, value },
    ...from((settings) => Object.hasOwn(settings.flags ?? {}, name)),
  }))
  const marked = new Set(store.privacy.marks().map(({ field }) => field))
  const masks = Object.entries(config.masks).map(([name, value]) => ({
    ...{ field: `masks.${name}`, value },
    ...(marked.has(name)
      ? { from: 'fleet' as const, rule: 'a field that is marked personal' }
      : from((settings) => Object.hasOwn(settings.masks ?? {}, name))),
  }))
  const applied = entry.row.reported?.assignmentCounter ?? 0
  return {
    ...{ device, fields: [...plain, ...flags, ...masks] },
    isSigned: isSigned(store.deployments.signedConfig(device), JSON.stringify(config)),
    isTaken: entry.orderCounter !== null && applied >= entry.orderCounter,
  }
}

class RollBack extends Error {}

/** Makes the change, looks at what it would do, and takes it back. */
function preview(parts: ReleaseParts, change: Change): Effect {
  let effect: Effect | null = null
  try {
    parts.store.db.transaction(() => {
      const rule = change.do === 'set' ? set(parts, change, '') : unset(parts, change)
      effect = effectOf(parts, rule, stale(parts, null))
      throw new RollBack()
    })()
  } catch (error) {
    if (!(error instanceof RollBack)) throw error
  }
  return effect!
}

function effectOf({ store }: ReleaseParts, rule: ConfigRule, changing: readonly string[]): Effect {
  const offline = changing.filter((device) => store.devices.find(device)?.status !== 'online')
  return {
    devices: devicesOf(store.roster.all(), commonWith(store.configRules, rule), rule),
    ...{ changing: changing.length, changingOffline: offline.length, examples: changing.slice(0, EXAMPLES) },
  }
}

/** The common rules, with one that was just taken away, so that it can be said for how many devices it was. */
function commonWith(table: ConfigRuleTable, rule: ConfigRule): CommonRules {
  const common = readCommonRules(table)
  if (rule.scope !== 'group' || common.groups.some(({ name }) => name === rule.name)) return common
  return { ...common, groups: [...common.groups, { ...rule, parsed: parsedQuery(rule.query ?? '') }] }
}

function settle(parts: ReleaseParts, change: (actor: string) => ConfigRule, context: CommandContext): ResultOf<'config.set'> {
  const rule = change(context.caller.actor)
  const changing = stale(parts, null)
  const effect = effectOf(parts, rule, changing)
  const job = parts.config.settle(changing)
  context.afterCommit(() => {
    if (job === null) parts.onOutbox()
    else parts.config.start(job)
    parts.changed('config', 'devices')
  })
  return { ...effect, job }
}

function set(parts: ReleaseParts, input: SetInput, actor: string): ConfigRule {
  const { store } = parts
  const { scope, name } = keyOf(parts, input.target)
  const before = store.configRules.find(scope, name)
  const query = scope === 'group' ? (input.query ?? before?.query ?? null) : null
  if (scope === 'group' && query === null)
    throw new Problem('input.invalid', `The group '${name}' is new: say which devices it is for.`, {
      hint: 'Give a query; "" is all devices.',
    })
  if (scope !== 'group' && (input.query !== undefined || input.priority !== undefined))
    throw new Problem('input.invalid', 'Query and priority belong to a group.')
  if (query !== null) checkQuery(parts, query)
  const settings = mergeSettings(input.isWhole ? {} : (before?.settings ?? {}), defined(input.settings))
  runtimeConfig.parse(settings)
  const rule: ConfigRule = {
    ...{ scope, name, query, settings, priority: input.priority ?? before?.priority ?? 0 },
    ...{ setAt: parts.now(), setBy: actor },
  }
  store.configRules.put(rule)
  return rule
}

/** @throws Problem `config.not-found` */
function unset(parts: ReleaseParts, { target, fields }: UnsetInput): ConfigRule {
  const { store } = parts
  const { scope, name } = keyOf(parts, target)
  const rule = store.configRules.find(scope, name)
  if (rule === null) throw new Problem('config.not-found', `There is no configuration rule of ${wordsOf(target)}.`)
  if (fields === undefined) {
    store.configRules.remove(scope, name)
    return rule
  }
  const left = without(rule.settings, fields)
  if ('missing' in left) throw new Problem('config.not-found', `The rule of ${wordsOf(target)} does not set '${left.missing}'.`)
  // A rule of a group is kept for its query; one of the fleet or a device that says nothing is none.
  if (Object.keys(left.settings).length === 0 && scope !== 'group') store.configRules.remove(scope, name)
  else store.configRules.put({ ...rule, settings: left.settings })
  return rule
}

/** Settings without some fields, or the first of them that they do not have. */
function without(settings: ConfigRule['settings'], fields: readonly string[]): { settings: ConfigRule['settings'] } | { missing: string } {
  const { flags = {}, masks = {}, ...plain } = settings
  const left = { plain: { ...plain }, flags: { ...flags }, masks: { ...masks } }
  for (const field of fields) {
    const [, group = '', name = field] = /^(flags|masks)\.(.*)$/su.exec(field) ?? []
    const from: Record<string, unknown> = group === 'flags' ? left.flags : group === 'masks' ? left.masks : left.plain
    if (!Object.hasOwn(from, name)) return { missing: field }
    delete from[name]
  }
  return {
    settings: {
      ...left.plain,
      ...(Object.keys(left.flags).length === 0 ? {} : { flags: left.flags }),
      ...(Object.keys(left.masks).length === 0 ? {} : { masks: left.masks }),
    },
  }
}

function keyOf({ store }: ReleaseParts, target: ConfigTarget): { scope: ConfigRule['scope']; name: string } {
  switch (target.scope) {
    case 'fleet':
      return { scope: 'fleet', name: '' }
    case 'group':
      return { scope: 'group', name: target.group }
    case 'device':
      return { scope: 'device', name: requireEntry(store, target.device).row.device }
  }
}

function wordsOf(target: ConfigTarget): string {
  if (target.scope === 'fleet') return 'the fleet'
  return target.scope === 'group' ? `the group '${target.group}'` : target.device
}

function defined(settings: ConfigSettings): ConfigRule['settings'] {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
}

/** Attributes that change by themselves all the time: a device that goes offline would be signed another configuration for it. */
const fleeting = new Set(['status', 'health'])

/** @throws QueryProblem; Problem `input.invalid` for a query by what a device is at a moment */
function checkQuery({ store }: ReleaseParts, text: string): void {
  const found = attributesOf(parseQuery(text, labelsInUse(store.roster.all()))).find((name) => fleeting.has(name))
  if (found !== undefined)
    throw new Problem('input.invalid', `A group is not chosen by '${found}', which changes all the time.`, {
      hint: 'Choose devices by labels or facts, such as site = "lyon" or mem >= 2GB.',
    })
}

function attributesOf(query: Query): string[] {
  switch (query.op) {
    case 'all':
      return []
    case 'and':
    case 'or':
      return query.terms.flatMap(attributesOf)
    case 'not':
      return attributesOf(query.term)
    case 'compare':
    case 'in':
    case 'has':
      return [query.attribute]
  }
}
