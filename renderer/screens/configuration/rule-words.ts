import type { OutputOf } from '../../../shared/rpc/contract.ts'
import {
  numberFields,
  type ConfigScope,
  type ConfigSettings,
  type ConfigTarget,
  type maskKinds,
  type NumberField,
} from '../../../shared/rpc/contract/config.ts'

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
export function pairsOf({ flags = {}, masks = {}, ...settings }: ConfigSettings): { name: string; value: string }[] {
  const plain = Object.entries(settings).flatMap(([name, value]) =>
    value === undefined ? [] : [{ name: settingWords[name] ?? name, value: valueText(name, value) }],
  )
  return [
    ...plain,
    ...Object.entries(flags).map(([name, value]) => ({ name, value: JSON.stringify(value) })),
    ...Object.entries(masks).map(([name, value]) => ({ name: `mask of ${name}`, value })),
  ]
}

const settingWords: Record<string, string> = {
  windowSeconds: 'window',
  samplesPerWindow: 'samples per window',
  lowConfidenceSamples: 'unsure samples per window',
  lowConfidenceBelow: 'unsure below',
  outlierSamples: 'outlier samples per window',
  distributionSeconds: 'distributions',
  detectorSamples: 'inferences per false alarm',
  logLevel: 'log level',
}

function valueText(name: string, value: string | number | null): string {
  if (name === 'windowSeconds' || (name === 'distributionSeconds' && value !== 0)) return `${value} s`
  if (name === 'distributionSeconds') return 'not counted'
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

/** One mask while it is written. */
export interface MaskDraft {
  name: string
  kind: (typeof maskKinds)[number]
}

/** Settings as the editor has them: empty texts are not said. */
export interface SettingsDraft {
  numbers: Record<NumberField, string>
  /** '': not said; 'device': as the device is set. */
  logLevel: string
  flags: readonly FlagDraft[]
  masks: readonly MaskDraft[]
}

/** What the editor begins with. */
export function draftOf({ logLevel, flags = {}, masks = {}, ...numbers }: ConfigSettings): SettingsDraft {
  return {
    numbers: Object.fromEntries(numberFields.map((field) => [field, numbers[field] === undefined ? '' : String(numbers[field])])) as Record<
      NumberField,
      string
    >,
    logLevel: logLevel === undefined ? '' : (logLevel ?? 'device'),
    flags: Object.entries(flags).map(([name, value]) => ({ name, value: flagText(value) })),
    masks: Object.entries(masks).map(([name, kind]) => ({ name, kind })),
  }
}

/** The whole of what the draft says. */
export function settingsOf({ numbers, logLevel, flags, masks }: SettingsDraft): ConfigSettings {
  const named = flags.filter(({ name }) => name !== '')
  const masked = masks.filter(({ name }) => name !== '')
  const level = levels.find((one) => one === logLevel)
  return {
    ...Object.fromEntries(numberFields.flatMap((field) => (numbers[field] === '' ? [] : [[field, Number(numbers[field])]]))),
    ...(logLevel === 'device' ? { logLevel: null } : level === undefined ? {} : { logLevel: level }),
    ...(named.length === 0 ? {} : { flags: Object.fromEntries(named.map(({ name, value }) => [name, flagValueOf(value)])) }),
    ...(masked.length === 0 ? {} : { masks: Object.fromEntries(masked.map(({ name, kind }) => [name, kind])) }),
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
