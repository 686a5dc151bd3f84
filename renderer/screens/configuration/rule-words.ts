import type { OutputOf } from '../../../shared/rpc/contract.ts'
import type { ConfigScope, ConfigSettings, ConfigTarget } from '../../../shared/rpc/contract/config.ts'

/** A rule as the core tells it. */
export type Rule = OutputOf<'config.list'>['groups'][number]

/** A rule as it is being written. */
export interface RuleDraft {
  scope: ConfigScope
  name: string
  query: string
  priority: number
  settings: ConfigSettings
  isNew: boolean
}

/** What a rule says, as pairs of a name and a value. */
export function pairsOf({ flags = {}, ...settings }: ConfigSettings): { name: string; value: string }[] {
  const plain = Object.entries(settings).flatMap(([name, value]) =>
    value === undefined ? [] : [{ name: settingWords[name] ?? name, value: valueText(name, value) }],
  )
  return [...plain, ...Object.entries(flags).map(([name, value]) => ({ name, value: JSON.stringify(value) }))]
}

const settingWords: Record<string, string> = { windowSeconds: 'window', samplesPerWindow: 'samples per window', logLevel: 'log level' }

function valueText(name: string, value: string | number | null): string {
  if (name === 'windowSeconds') return `${value} s`
  return value === null ? 'as the device is set' : String(value)
}

/** Which rule is meant. */
export function targetOf(scope: ConfigScope, name: string): ConfigTarget {
  if (scope === 'fleet') return { scope }
  return scope === 'group' ? { scope, group: name } : { scope, device: name }
}

/** One flag while it is written: its value is text until it is sent. */
export interface FlagDraft {
  name: string
  value: string
}

/** A flag's value from what a person wrote: true, false, a number, or else a text; quotes make a text of anything. */
export function flagValueOf(text: string): boolean | number | string {
  const word = text.trim()
  if (word === 'true' || word === 'false') return word === 'true'
  const quoted = /^"(.*)"$/su.exec(word)
  if (quoted !== null) return quoted[1]!
  return word !== '' && Number.isFinite(Number(word)) ? Number(word) : text
}

/** A flag's value as a person would write it to get the same value. */
export function flagText(value: boolean | number | string): string {
  return typeof value === 'string' && typeof flagValueOf(value) === 'string' && !value.startsWith('"') ? value : JSON.stringify(value)
}

/** Settings as the editor has them: empty texts are not said. */
export interface SettingsDraft {
  windowSeconds: string
  samplesPerWindow: string
  /** '': not said; 'device': as the device is set. */
  logLevel: string
  flags: readonly FlagDraft[]
}

/** What the editor begins with. */
export function draftOf({ windowSeconds, samplesPerWindow, logLevel, flags = {} }: ConfigSettings): SettingsDraft {
  return {
    windowSeconds: windowSeconds === undefined ? '' : String(windowSeconds),
    samplesPerWindow: samplesPerWindow === undefined ? '' : String(samplesPerWindow),
    logLevel: logLevel === undefined ? '' : (logLevel ?? 'device'),
    flags: Object.entries(flags).map(([name, value]) => ({ name, value: flagText(value) })),
  }
}

/** The whole of what the draft says. */
export function settingsOf({ windowSeconds, samplesPerWindow, logLevel, flags }: SettingsDraft): ConfigSettings {
  const named = flags.filter(({ name }) => name !== '')
  const level = levels.find((one) => one === logLevel)
  return {
    ...(windowSeconds === '' ? {} : { windowSeconds: Number(windowSeconds) }),
    ...(samplesPerWindow === '' ? {} : { samplesPerWindow: Number(samplesPerWindow) }),
    ...(logLevel === 'device' ? { logLevel: null } : level === undefined ? {} : { logLevel: level }),
    ...(named.length === 0 ? {} : { flags: Object.fromEntries(named.map(({ name, value }) => [name, flagValueOf(value)])) }),
  }
}

/** Log levels that a rule can set. */
export const levels = ['error', 'warn', 'info', 'debug'] as const

/** How far a change goes, before it is made. */
export function effectWords({ devices, changing, changingOffline }: OutputOf<'config.preview'>): string {
  const devicesText = (count: number): string => `${count} ${count === 1 ? 'device' : 'devices'}`
  const offline =
    changingOffline === 0 ? '' : ` ${changingOffline} of them ${changingOffline === 1 ? 'is' : 'are'} offline and get it on connecting.`
  return `The rule is for ${devicesText(devices)}; ${devicesText(changing)} ${changing === 1 ? 'gets' : 'get'} another configuration.${offline}`
}
