import type { RuntimeConfig } from '../../../../shared/protocol/assignment.ts'
import type { WriteDb } from '../open.ts'

export type ConfigScope = 'fleet' | 'group' | 'device'

/** Fields of the runtime configuration that a rule sets. */
export type ConfigSettings = Partial<RuntimeConfig>

/** One rule. The name of the fleet's rule is empty, that of a device's is its id. */
export interface ConfigRule {
  scope: ConfigScope
  name: string
  /** Of a group: which devices it is for. */
  query: string | null
  /** Of a group: the higher wins. */
  priority: number
  settings: ConfigSettings
  setAt: number
  setBy: string
}

type RawRule = Omit<ConfigRule, 'settings'> & { settings: string }

const columns = 'scope, name, query, priority, settings, set_at AS setAt, set_by AS setBy'

export type ConfigRuleTable = ReturnType<typeof openConfigRuleTable>

/** Rules of the runtime configuration, of the fleet, of groups and of single devices. */
export function openConfigRuleTable(db: WriteDb) {
  const find = db.prepare<[string, string], RawRule>(`SELECT ${columns} FROM config_rule WHERE scope = ? AND name = ?`)
  const groups = db.prepare<[], RawRule>(`SELECT ${columns} FROM config_rule WHERE scope = 'group' ORDER BY priority DESC, name`)
  const devices = db.prepare<[string, number], RawRule>(
    `SELECT ${columns} FROM config_rule WHERE scope = 'device' AND name > ? ORDER BY name LIMIT ?`,
  )
  const countDevices = db.prepare<[], number>(`SELECT count(*) FROM config_rule WHERE scope = 'device'`).pluck()
  const put = db.prepare(`INSERT OR REPLACE INTO config_rule (scope, name, query, priority, settings, set_at, set_by)
    VALUES (@scope, @name, @query, @priority, @settings, @setAt, @setBy)`)
  const remove = db.prepare('DELETE FROM config_rule WHERE scope = ? AND name = ?')
  const table = {
    find: (scope: ConfigScope, name: string): ConfigRule | null => fromRaw(find.get(scope, name)),
    fleet: (): ConfigRule | null => table.find('fleet', ''),
    /** The one that wins comes first. */
    groups: (): ConfigRule[] => groups.all().map((raw) => fromRaw(raw)!),
    ofDevice: (device: string): ConfigRule | null => table.find('device', device),
    /** Rules of devices by id, after one. */
    devices: (after: string, limit: number): ConfigRule[] => devices.all(after, limit).map((raw) => fromRaw(raw)!),
    countDevices: (): number => countDevices.get() ?? 0,
    put: (rule: ConfigRule): void => void put.run({ ...rule, settings: JSON.stringify(rule.settings) }),
    remove: (scope: ConfigScope, name: string): boolean => remove.run(scope, name).changes > 0,
    /** Adds settings to the rule of a device. */
    mergeDevice(device: string, settings: ConfigSettings, by: { at: number; by: string }): void {
      const before = table.ofDevice(device)
      const merged = mergeSettings(before?.settings ?? {}, settings)
      table.put({ scope: 'device', name: device, query: null, priority: 0, settings: merged, setAt: by.at, setBy: by.by })
    },
  }
  return table
}

/** Settings with others over them; flags and masks are told apart by name. */
export function mergeSettings(before: ConfigSettings, more: ConfigSettings): ConfigSettings {
  const flags = before.flags === undefined && more.flags === undefined ? {} : { flags: { ...before.flags, ...more.flags } }
  const masks = before.masks === undefined && more.masks === undefined ? {} : { masks: { ...before.masks, ...more.masks } }
  return { ...before, ...more, ...flags, ...masks }
}

function fromRaw(raw: RawRule | undefined): ConfigRule | null {
  return raw === undefined ? null : { ...raw, settings: JSON.parse(raw.settings) as ConfigSettings }
}
