import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { carryExported, carryImported, type CarryImported, type CarryPlan } from '../../../shared/rpc/contract/carry.ts'
import { awaitJob } from './jobs.ts'
import { printLine, printTable, timeText } from './output.ts'
import { withConsole } from './program.ts'

interface ExportFlags {
  query: string
  out: string
  everything?: boolean
  preview?: boolean
}

/** `muster carry` */
export function addCarryCommands(program: Command): void {
  const carry = program
    .command('carry')
    .description('Models to devices without a network, and their records back, in a folder such as one on a USB stick.')
  carry
    .command('export')
    .description('Write models, signed orders, trust metadata and acknowledgements to a folder.')
    .option('--query <query>', 'which devices; empty: all', '')
    .requiredOption('--out <folder>', 'a folder that exists; what an earlier export wrote there is kept where it is whole')
    .option('--everything', 'also what the devices reported to have, as for one whose disk was replaced')
    .option('--preview', 'say what would be written, and write nothing')
    .addHelpText(
      'after',
      '\nOn the device: muster-agent carry apply FOLDER. Then bring the folder back: muster carry import FOLDER. Ctrl-C cancels; run it again to go on.',
    )
    .action((flags: ExportFlags, command: Command) => (flags.preview === true ? preview(command, flags) : exportTo(command, flags)))
  carry
    .command('import')
    .description('Take in what devices wrote into the folder: signed receipts and records. Nothing counts twice.')
    .argument('<folder>', 'the folder that came back')
    .action((folder: string, _flags: unknown, command: Command) => importFrom(command, resolve(folder)))
  carry
    .command('list')
    .description('What was exported, and what devices answered.')
    .action((_flags: unknown, command: Command) => list(command))
}

function choiceOf({ query, out, everything }: ExportFlags) {
  return { query, everything: everything === true, folder: resolve(out) }
}

function preview(command: Command, flags: ExportFlags): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const plan = await rpc.call('carry.preview', choiceOf(flags))
    return { json: plan, text: () => printPlan(plan) }
  })
}

function printPlan(plan: CarryPlan): void {
  printTable(
    ['device', 'deployments', 'MB', 'receipt'],
    plan.devices.map(({ device, deployments, bytes, hasKey }) => [
      device,
      deployments,
      Number((bytes / 1e6).toFixed(1)),
      hasKey ? 'signed' : 'no key',
    ]),
  )
  for (const { device, why } of plan.skipped) printLine(`  left out: ${device}. ${why}`)
  const free = plan.freeBytes === null ? '' : `, ${(plan.freeBytes / 1e6).toFixed(1)} MB are free`
  printLine(`${plan.files} files, ${(plan.bytes / 1e6).toFixed(1)} MB${free}; good until ${timeText(plan.expiresAt)}`)
}

function exportTo(command: Command, flags: ExportFlags): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const { job } = await rpc.call('carry.export', choiceOf(flags))
    const done = carryExported.parse(await awaitJob(rpc, job, 'export'))
    return {
      json: done,
      text() {
        printLine(
          `Export ${done.number} for ${done.devices} devices: ${done.files} files, ${(done.bytes / 1e6).toFixed(1)} MB (${(done.copied / 1e6).toFixed(1)} MB new) in ${done.folder}`,
        )
        printLine(`Good until ${timeText(done.expiresAt)}. On each device: muster-agent carry apply FOLDER`)
      },
    }
  })
}

async function importFrom(command: Command, folder: string): Promise<void> {
  let isRefused = false
  await withConsole(command, async ({ rpc }) => {
    const { job } = await rpc.call('carry.import', { folder })
    const done = carryImported.parse(await awaitJob(rpc, job, 'import'))
    isRefused = done.devices.some(({ state }) => state === 'refused')
    return { json: done, text: () => printImported(done) }
  })
  // The result is printed; a program learns from the exit code that something was refused.
  if (isRefused) process.exitCode = 3
}

function printImported({ devices }: CarryImported): void {
  for (const one of devices) {
    if (one.problem !== null) {
      printLine(`${one.device}: refused. ${one.problem.code}: ${one.problem.message}`)
      continue
    }
    const again = one.state === 'known' ? ' (imported before)' : ''
    printLine(`${one.device}: ${one.records} new records, ${one.duplicates} known${again}`)
    if (one.applied !== null) printLine(`  nothing was applied. ${one.applied.code}: ${one.applied.message}`)
    for (const [name, { state, model, version, problem }] of Object.entries(one.deployments))
      printLine(`  ${name}: ${state}, ${model} ${version}${problem === null ? '' : `. ${problem.code}: ${problem.message}`}`)
  }
}

function list(command: Command): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const listed = await rpc.call('carry.list', {})
    return { json: listed, text: () => printListed(listed) }
  })
}

function printListed({ exports, receipts }: OutputOf<'carry.list'>): void {
  if (exports.length === 0) printLine('Nothing was exported yet: muster carry export --out FOLDER')
  else
    printTable(
      ['export', 'made', 'by', 'state', 'devices', 'answered', 'MB', 'good until', 'folder'],
      exports.map((one) => [
        ...[one.number, timeText(one.createdAt), one.actor, one.state, one.devices.length, one.answered],
        ...[Number((one.bytes / 1e6).toFixed(1)), timeText(one.expiresAt), one.folder],
      ]),
    )
  if (receipts.length === 0) return
  printTable(
    ['device', 'export', 'imported', 'records', 'result'],
    receipts.map(({ device, number, importedAt, records, applied, deployments }) => {
      const states = Object.entries(deployments).map(([name, { state, version }]) => `${name} ${version} ${state}`)
      return [
        device,
        number,
        timeText(importedAt),
        records,
        applied === null ? states.join('; ') || 'no model ordered' : `nothing applied: ${applied.code}`,
      ]
    }),
  )
}
