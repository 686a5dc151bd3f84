import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { errorCodeOf, messageOf, Problem } from '../../../shared/domain/problem.ts'
import { exitCodeOf, printJson, printLine, printTable, timeText } from './output.ts'
import type { RpcClient } from '../../../shared/rpc/client.ts'
import type { InputOf, OutputOf } from '../../../shared/rpc/contract.ts'
import { flagsOf, withConsole } from './program.ts'
import { planOfFile, printFindings, readPlanText } from './rollout-file.ts'
import { rolloutTemplate } from './rollout-template.ts'
import { percentText, rolloutOf, wholeOf } from './rollout-words.ts'

/** `muster rollouts init|check|plan|create|edit|export|remove` */
export function addRolloutFileCommands(rollouts: Command): void {
  rollouts
    .command('init [file]')
    .description('Write a rollout file to begin with, every part explained; without a file, to standard output.')
    .option('--force', 'although there is such a file')
    .action((file: string | undefined, flags: { force?: boolean }, command: Command) => init(command, file, flags.force === true))
  rollouts
    .command('check <file>')
    .description('Check a rollout file (YAML or JSON; - is standard input) and do nothing; exit 3 if it has errors.')
    .option('--strict', 'warnings count as errors')
    .action((file: string, flags: { strict?: boolean }, command: Command) => check(command, file, flags.strict === true))
  rollouts
    .command('plan <file>')
    .description('Dry run of a file, or of a rollout by its number: which devices would get it, when, and what it costs.')
    .option('--limit <n>', 'name so many devices of each wave', '5')
    .action((file: string, flags: { limit: string }, command: Command) => plan(command, file, wholeOf('--limit', flags.limit)))
  rollouts
    .command('create <file>')
    .description('Write a rollout down as a draft. Nothing is sent.')
    .action((file: string, _: unknown, command: Command) => create(command, file))
  rollouts
    .command('edit <rollout> <file>')
    .description('Replace the plan of a draft.')
    .action((rollout: string, file: string, _: unknown, command: Command) => edit(command, rolloutOf(rollout), file))
  rollouts
    .command('export <rollout>')
    .description('Print the plan of a rollout as a file; with --json as JSON.')
    .option('-o, --out <file>', 'write it there')
    .action((rollout: string, flags: { out?: string }, command: Command) => exportPlan(command, rolloutOf(rollout), flags.out))
  rollouts
    .command('remove <rollout>')
    .description('Remove a draft.')
    .action((rollout: string, _: unknown, command: Command) => remove(command, rolloutOf(rollout)))
}

function init(command: Command, file: string | undefined, isForced: boolean): void {
  if (file === undefined || file === '-') {
    process.stdout.write(rolloutTemplate)
    return
  }
  writeText(file, rolloutTemplate, isForced)
  if (flagsOf(command).json === true) printJson({ file })
  else printLine(`${file} is written. Next: muster rollouts check ${file}`)
}

function writeText(file: string, text: string, isForced: boolean): void {
  try {
    writeFileSync(file, text, { flag: isForced ? 'w' : 'wx' })
  } catch (error) {
    const isThere = errorCodeOf(error) === 'EEXIST'
    throw new Problem('usage', isThere ? `${file} is there already.` : `${file} cannot be written: ${messageOf(error)}`, {
      hint: isThere ? 'Choose another name, or add --force.' : 'Check the path.',
      cause: error,
    })
  }
}

function check(command: Command, file: string, isStrict: boolean): Promise<void> {
  const text = readPlanText(file)
  return withConsole(command, async ({ rpc }) => {
    const checked = await rpc.call('rollouts.check', { text })
    const isGood = checked.isValid && !(isStrict && checked.findings.some(({ severity }) => severity === 'warning'))
    if (!isGood) process.exitCode = exitCodeOf('rollout.invalid')
    return {
      json: checked,
      text() {
        printFindings(checked.findings)
        printLine(isGood ? 'The plan can be started.' : 'The plan cannot be started as it is.')
      },
    }
  })
}

function plan(command: Command, file: string, limit: number): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const planned = await rpc.call('rollouts.plan', { ...(await whatToPlan(rpc, file)), limit })
    if (planned.findings.some(({ severity }) => severity === 'error')) process.exitCode = exitCodeOf('rollout.invalid')
    return { json: planned, text: () => printPlan(planned) }
  })
}

/** A rollout by its number, else a file. One that can be read is tried, errors and all: they are told beside what it would do. */
async function whatToPlan(rpc: RpcClient, file: string): Promise<Pick<InputOf<'rollouts.plan'>, 'plan' | 'rollout'>> {
  if (/^\d+$/.test(file)) {
    const { plan: of } = await rpc.call('rollouts.show', { rollout: rolloutOf(file) })
    return { rollout: rolloutOf(file), plan: of }
  }
  return { plan: (await planOfFile(rpc, file)).plan }
}

function printPlan(planned: OutputOf<'rollouts.plan'>): void {
  const { version, alias, targeted, waves, forecast } = planned
  printFindings(planned.findings)
  if (version === null) return
  printLine(`${version.model}@${version.version}${alias === null ? '' : ` (${alias})`} to ${targeted} devices`)
  for (const one of planned.skipped) printLine(`  ${one.devices.length} are left out: ${one.message}`)
  for (const one of planned.overlaps) printLine(`  ${one.devices} are in rollout ${one.rollout} (${one.name}) too; it wins: ${one.wins}`)
  printTable(
    ['wave', 'size', 'devices', 'bytes', forecast.currency, 'not before', 'done by', 'no failure shows', 'devices are'],
    waves.map((one) => [
      ...[`${one.wave + 1}${one.name === '' ? '' : ` ${one.name}`}`, one.size, one.devices, one.bytes, one.money],
      ...[one.earliestStart === null ? 'never' : timeText(one.earliestStart), one.earliestEnd === null ? null : timeText(one.earliestEnd)],
      ...[`at most ${percentText(one.sizeBound)} fail`, examplesText(one)],
    ]),
  )
  for (const one of waves) printLine(`  wave ${one.wave + 1}: ${one.gate}`)
  printLine(
    `${forecast.bytes} bytes on the wire to ${forecast.devices} devices, ${forecast.published} sent where they fetch together; ${forecast.money} ${forecast.currency}${timeWords(forecast.seconds)}`,
  )
  for (const one of forecast.byLink)
    printLine(`  ${one.link}: ${one.devices} devices, ${one.bytes} bytes, ${one.money}${one.isQuietNow ? ', quiet hours now' : ''}`)
  if (!forecast.budget.isWithin) printLine('This is more than the budget: offers hold when it is spent.')
  if (planned.needsApproval !== null) printLine(planned.needsApproval)
  if (planned.heldBy !== null) printLine(planned.heldBy)
}

function examplesText({ examples, devices }: OutputOf<'rollouts.plan'>['waves'][number]): string {
  const more = devices - examples.length
  return `${examples.join(' ')}${more > 0 ? ` … ${more} more` : ''}`
}

function timeWords(seconds: number | null): string {
  return seconds === null ? '; how long is for a verdict or a person to say' : `; at the earliest done in ${seconds} s`
}

function create(command: Command, file: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const { plan: of, findings } = await planOfFile(rpc, file)
    const made = await rpc.call('rollouts.create', { plan: of })
    return {
      json: made,
      text() {
        printFindings(findings)
        printLine(`Rollout ${made.rollout} is a draft. Next: muster rollouts start ${made.rollout}`)
      },
    }
  })
}

function edit(command: Command, rollout: number, file: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const done = await rpc.call('rollouts.edit', { rollout, plan: (await planOfFile(rpc, file)).plan })
    return { json: done, text: () => printLine(done.sentence) }
  })
}

function exportPlan(command: Command, rollout: number, out: string | undefined): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const { plan: of } = await rpc.call('rollouts.show', { rollout })
    const { text } = await rpc.call('rollouts.check', { plan: of })
    if (out !== undefined) writeText(out, text ?? '', false)
    return {
      json: of,
      text: () => (out === undefined ? void process.stdout.write(text ?? '') : printLine(`The plan of rollout ${rollout} is in ${out}.`)),
    }
  })
}

function remove(command: Command, rollout: number): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const done = await rpc.call('rollouts.remove', { rollout })
    return { json: done, text: () => printLine(`Rollout ${rollout} is removed.`) }
  })
}
