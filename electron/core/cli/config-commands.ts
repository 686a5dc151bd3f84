import type { Command } from 'commander'
import { Problem } from '../../../shared/domain/problem.ts'
import type { InputOf, OutputOf } from '../../../shared/rpc/contract.ts'
import { maskKinds, numberFields, type NumberField } from '../../../shared/rpc/contract/config.ts'
import { awaitJob } from './jobs.ts'
import { printLine, printTable, timeText } from './output.ts'
import { withConsole } from './program.ts'

type Target = InputOf<'config.set'>['target']
type Settings = NonNullable<InputOf<'config.set'>['settings']>

interface TargetFlags {
  fleet?: boolean
  group?: string
  device?: string
}

interface SetFlags extends TargetFlags {
  query?: string
  priority?: string
  dryRun?: boolean
}

const fieldsHelp = `
Fields:
  windowSeconds          length of a window of traffic
  samplesPerWindow       inputs and outputs kept per window, chosen at random
  lowConfidenceSamples   kept beside them of requests below lowConfidenceBelow (0.6)
  outlierSamples         kept beside them of requests with a value outside what training had
  distributionSeconds    length of a window of distributions; 0: values are not counted
  detectorSamples        inferences between two false alarms of a detector on the device; 0: no detectors
  logLevel               error, warn, info, debug, none
  flags.NAME             true, false, a number or a text, which applications on the device read
  masks.NAME             drop, hash or round: what leaves the device of a feature, input or output, in samples, labels and counts
Of each field, flag and mask, the most specific rule counts: device, then group (higher priority first, then by name), then fleet.`

/** `muster config …` */
export function addConfigCommands(program: Command): void {
  const config = program.command('config').description('Runtime configuration and feature flags of devices, by signed assignment.')
  config
    .command('list')
    .description('List the rules: of the fleet, of groups, of devices.')
    .action((_: unknown, command: Command) => list(command))
  config
    .command('show <device>')
    .description('Show what counts for a device, and which rule decides it.')
    .action((device: string, _: unknown, command: Command) => show(command, device))
  targeted(config.command('set <field=value...>'))
    .description('Set fields of a rule; what else it says stays.')
    .option('-q, --query <query>', 'of a group: which devices it is for')
    .option('--priority <n>', 'of a group: the higher wins')
    .option('--dry-run', 'say how many devices would change, and change nothing')
    .addHelpText('after', fieldsHelp)
    .action((fields: string[], flags: SetFlags, command: Command) => set(command, fields, flags))
  targeted(config.command('unset [fields...]'))
    .description('Take fields out of a rule; without fields the whole rule.')
    .option('--dry-run', 'say how many devices would change, and change nothing')
    .addHelpText('after', fieldsHelp)
    .action((fields: string[], flags: SetFlags, command: Command) => unset(command, fields, flags))
}

function targeted(command: Command): Command {
  return command
    .option('--fleet', 'the rule of the whole fleet')
    .option('--group <name>', 'the rule of a group')
    .option('--device <device>', 'the rule of one device')
}

function targetOf(flags: TargetFlags): Target {
  const given = [flags.fleet === true, flags.group !== undefined, flags.device !== undefined].filter(Boolean).length
  if (given !== 1) throw new Problem('usage', 'Say which rule: --fleet, --group NAME or --device ID.')
  if (flags.group !== undefined) return { scope: 'group', group: flags.group }
  return flags.device === undefined ? { scope: 'fleet' } : { scope: 'device', device: flags.device }
}

function settingsOf(fields: readonly string[]): Settings {
  const settings: Record<string, unknown> = {}
  const flags: NonNullable<Settings['flags']> = {}
  const masks: NonNullable<Settings['masks']> = {}
  for (const text of fields) {
    const at = text.indexOf('=')
    if (at < 1) throw new Problem('usage', `'${text}' is no field=value.`)
    const field = text.slice(0, at)
    const value = text.slice(at + 1)
    if (field.startsWith('flags.')) flags[field.slice('flags.'.length)] = flagOf(value)
    else if (field === 'logLevel') settings[field] = value === 'none' ? null : value
    else if (field.startsWith('masks.')) masks[field.slice('masks.'.length)] = maskOf(value)
    else if (numberFields.includes(field as NumberField)) settings[field] = Number(value)
    else throw new Problem('usage', `There is no field '${field}'.`, { hint: fieldsHelp.trim() })
  }
  return {
    ...settings,
    ...(Object.keys(flags).length === 0 ? {} : { flags }),
    ...(Object.keys(masks).length === 0 ? {} : { masks }),
  }
}

function maskOf(text: string): (typeof maskKinds)[number] {
  const kind = maskKinds.find((one) => one === text)
  if (kind === undefined) throw new Problem('usage', `'${text}' is no mask.`, { hint: 'A mask is drop, hash or round.' })
  return kind
}

/** A flag is what it looks like; quotes make a text of anything. */
function flagOf(text: string): boolean | number | string {
  if (text === 'true' || text === 'false') return text === 'true'
  const quoted = /^"(.*)"$/su.exec(text)
  if (quoted !== null) return quoted[1]!
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text
}

function set(command: Command, fields: readonly string[], flags: SetFlags): Promise<void> {
  const change = {
    target: targetOf(flags),
    settings: settingsOf(fields),
    ...(flags.query === undefined ? {} : { query: flags.query }),
    ...(flags.priority === undefined ? {} : { priority: Number(flags.priority) }),
  }
  return withConsole(command, async ({ rpc }) => {
    if (flags.dryRun === true) return would(await rpc.call('config.preview', { change: { do: 'set', ...change } }))
    return done(await rpc.call('config.set', change), rpc)
  })
}

function unset(command: Command, fields: readonly string[], flags: SetFlags): Promise<void> {
  const change = { target: targetOf(flags), ...(fields.length === 0 ? {} : { fields: [...fields] }) }
  return withConsole(command, async ({ rpc }) => {
    if (flags.dryRun === true) return would(await rpc.call('config.preview', { change: { do: 'unset', ...change } }))
    return done(await rpc.call('config.unset', change), rpc)
  })
}

function would(effect: OutputOf<'config.preview'>): { json: unknown; text(): void } {
  return { json: effect, text: () => printLine(`${effectWords(effect, 'would get')} Nothing was changed.`) }
}

async function done(effect: OutputOf<'config.set'>, rpc: Parameters<typeof awaitJob>[0]): Promise<{ json: unknown; text(): void }> {
  if (effect.job !== null) await awaitJob(rpc, effect.job, 'sign')
  return { json: effect, text: () => printLine(effectWords(effect, 'get')) }
}

function effectWords(effect: OutputOf<'config.preview'>, verb: string): string {
  const offline = effect.changingOffline === 0 ? '' : ` ${effect.changingOffline} of them are offline and get it when they connect.`
  return `The rule is for ${effect.devices} devices; ${effect.changing} ${verb} another configuration.${offline}`
}

type Rule = OutputOf<'config.list'>['groups'][number]

function list(command: Command): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('config.list', {})
    const rules = [...(shown.fleet === null ? [] : [shown.fleet]), ...shown.groups, ...shown.devices]
    return {
      json: shown,
      text() {
        if (rules.length === 0) printLine('There are no rules: every device has the defaults. Next: muster config set --fleet FIELD=VALUE')
        else {
          printTable(
            ['rule', 'name', 'for', 'priority', 'devices', 'sets', 'by', 'at'],
            rules.map((rule) => [
              ...[rule.scope, rule.name, rule.query, rule.scope === 'group' ? rule.priority : null, rule.devices],
              ...[settingsText(rule), rule.setBy, timeText(rule.setAt)],
            ]),
          )
        }
        if (shown.deviceRules > shown.devices.length) printLine(`… and ${shown.deviceRules - shown.devices.length} more rules of devices.`)
        if (shown.pending > 0) printLine(`${shown.pending} devices are still to be signed for.`)
      },
    }
  })
}

function settingsText({ settings }: Rule): string {
  const { flags = {}, masks = {}, ...rest } = settings
  const named = (group: string, of: object) => Object.entries(of).map(([name, value]) => [`${group}.${name}`, value as unknown] as const)
  const all = [...Object.entries(rest), ...named('flags', flags), ...named('masks', masks)]
  return all.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(' ')
}

function show(command: Command, device: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('config.show', { device })
    return {
      json: shown,
      text() {
        printTable(
          ['field', 'value', 'from'],
          shown.fields.map((one) => [one.field, JSON.stringify(one.value), one.rule === null ? one.from : `${one.from} ${one.rule}`]),
        )
        if (!shown.isSigned) printLine('It is not signed for the device yet.')
        else if (!shown.isTaken) printLine('It is signed; the device has not taken the order up yet.')
      },
    }
  })
}
