import { resolve } from 'node:path'
import type { Command } from 'commander'
import { z } from 'zod'
import { Problem } from '../../../shared/domain/problem.ts'
import type { InputOf, OutputOf } from '../../../shared/rpc/contract.ts'
import { shownBackup } from '../api/backups.ts'
import { listBackups } from '../backup/places.ts'
import { folderOf } from '../backup/pointer.ts'
import { trustedKeysOf } from '../backup/trusted-keys.ts'
import { addBeginTelemetryCommand, addRestoreCommand } from './backup-restore-command.ts'
import { readPassphrase } from './read-passphrase.ts'
import { awaitJob } from './jobs.ts'
import { printJson, printLine, printTable, timeText } from './output.ts'
import { flagsOf, withConsole } from './program.ts'

type Shown = OutputOf<'backups.show'>

/** `muster backup` */
export function addBackupCommands(program: Command): void {
  const backup = program.command('backup').description('Backups of the fleet: make, check, restore; when they are made by themselves.')
  backup
    .command('show', { isDefault: true })
    .description('How it stands; what `muster backup` does without another word.')
    .action((_flags: unknown, command: Command) => show(command))
  backup
    .command('list')
    .description('The backups, the newest first. Also while no console runs.')
    .action((_flags: unknown, command: Command) => list(command))
  backup
    .command('now')
    .description('Make a backup now. Work goes on meanwhile; Ctrl-C cancels it.')
    .action((_flags: unknown, command: Command) => now(command))
  backup
    .command('verify')
    .description('Compare every byte of a backup with its signed manifest.')
    .argument('<name>', 'name of the backup, or latest')
    .action((name: string, _flags: unknown, command: Command) => verify(command, name))
  backup
    .command('remove')
    .description('Remove a backup.')
    .argument('<name>', 'name of the backup')
    .action((name: string, _flags: unknown, command: Command) => remove(command, name))
  addRestoreCommand(backup)
  addBeginTelemetryCommand(backup)
  addScheduleCommand(backup)
}

function show(command: Command): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('backups.show', {})
    return { json: shown, text: () => printShown(shown) }
  })
}

function printShown(shown: Shown): void {
  const { schedule, backups, planned, restored } = shown
  const { daily, weekly, monthly } = schedule.keep
  printLine(shown.sentence)
  printLine(
    `  schedule  ${schedule.isOn ? `each day at ${schedule.at}; ${daily} daily, ${weekly} weekly, ${monthly} monthly are kept` : 'off'}`,
  )
  printLine(`  next      ${shown.nextAt === null ? '–' : timeText(shown.nextAt)}`)
  printLine(`  folder    ${shown.folder}${shown.isSameDisk ? ' (on the disk of the data)' : ''}`)
  printLine(`  keys      ${shown.keys === 'sealed' ? 'sealed under the passphrase' : 'left out: muster backup schedule --keys sealed'}`)
  printLine(`  backups   ${backups.length}`)
  if (planned !== null)
    printLine(
      planned.problem === null
        ? `  planned   ${planned.backup} is restored at the next start of the console`
        : `  planned   ${planned.backup} could not be restored: ${planned.problem.message}`,
    )
  if (restored !== null) printLine(`  restored  from ${restored.backup} on ${timeText(restored.at)} by ${restored.actor}`)
}

async function list(command: Command): Promise<void> {
  const { json, data, url } = flagsOf(command)
  try {
    await withConsole(command, async ({ rpc }) => {
      const { backups } = await rpc.call('backups.show', {})
      return { json: { backups }, text: () => printBackups(backups) }
    })
  } catch (error) {
    // Whoever needs a backup may have no console that starts; the folder tells as much.
    if (!(error instanceof Problem) || error.code !== 'console.unreachable' || url !== undefined) throw error
    const backups = listBackups(folderOf(data), trustedKeysOf(data)).map(shownBackup)
    if (json === true) printJson({ backups })
    else printBackups(backups)
  }
}

function printBackups(backups: Shown['backups']): void {
  if (backups.length === 0) {
    printLine('There are no backups. Make one: muster backup now')
    return
  }
  printTable(
    ['name', 'made by', 'MB', 'devices', 'keys', 'signed by', 'checked', 'state'],
    backups.map((one) => [
      ...[one.name, one.reason, Number((one.bytes / 1e6).toFixed(1)), one.devices, one.keys],
      ...[one.isOurs ? 'this console' : one.keyId, timeText(one.verifiedAt), one.fault ?? 'good'],
    ]),
  )
}

function now(command: Command): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const { job } = await rpc.call('backups.make', {})
    const { name } = z.object({ name: z.string() }).parse(await awaitJob(rpc, job, 'backup'))
    const { backups, folder } = await rpc.call('backups.show', {})
    const made = backups.find((one) => one.name === name)
    const size = made === undefined ? '' : `, ${(made.bytes / 1e6).toFixed(1)} MB`
    return { json: made ?? { name }, text: () => printLine(`Backed up as ${name}${size}, in ${folder}`) }
  })
}

function verify(command: Command, named: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const { job, name } = await rpc.call('backups.verify', { name: named })
    await awaitJob(rpc, job, `check ${name}`)
    return { json: { name, isGood: true }, text: () => printLine(`${name} is as it was made, byte for byte.`) }
  })
}

function remove(command: Command, named: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const removed = await rpc.call('backups.remove', { name: named })
    return { json: removed, text: () => printLine(`${removed.name} was removed.`) }
  })
}

interface ScheduleFlags {
  on?: boolean
  off?: boolean
  at?: string
  keep?: string
  folder?: string
  forget?: string
  sameDisk?: string
  keys?: string
  passphraseFile?: string
}

function addScheduleCommand(backup: Command): void {
  backup
    .command('schedule')
    .description('When backups are made by themselves, how many are kept, where, and whether keys go with them.')
    .option('--on', 'make one each day')
    .option('--off', 'only a person makes backups')
    .option('--at <time>', 'time of the day, such as 03:00')
    .option('--keep <daily,weekly,monthly>', 'how many are kept, such as 7,4,6')
    .option('--folder <folder>', 'where they lie, or usual; best on another disk')
    .option('--forget <folder>', 'a former folder whose backups are gone for good; erasures wait for it no more')
    .option('--same-disk <fine|warn>', 'whether they may lie on the disk of the data without a warning')
    .option('--keys <sealed|left-out>', 'sealed: under a passphrase, which is asked for, or read from --passphrase-file')
    .option('--passphrase-file <file>', 'file with the passphrase; else MUSTER_BACKUP_PASSPHRASE, else it is asked for')
    .action((flags: ScheduleFlags, command: Command) => schedule(command, flags))
}

function schedule(command: Command, flags: ScheduleFlags): Promise<void> {
  const change = changeOf(flags)
  return withConsole(command, async ({ rpc }) => {
    if (flags.keys === 'sealed')
      change.seal = await rpc.call('backups.seal', { passphrase: await readPassphrase(flags.passphraseFile, { isNew: true }) })
    const shown = Object.keys(change).length === 0 ? await rpc.call('backups.show', {}) : await rpc.call('backups.setSchedule', change)
    return { json: shown, text: () => printShown(shown) }
  })
}

function changeOf({ on, off, at, keep, folder, forget, sameDisk, keys }: ScheduleFlags): InputOf<'backups.setSchedule'> {
  if (on === true && off === true) throw new Problem('usage', '--on and --off exclude each other.')
  const change: InputOf<'backups.setSchedule'> = {}
  if (on === true || off === true) change.isOn = on === true
  if (at !== undefined) change.at = at
  if (keep !== undefined) change.keep = keptOf(keep)
  if (folder !== undefined) change.folder = folder === 'usual' ? null : resolve(folder)
  if (forget !== undefined) change.forget = resolve(forget)
  if (sameDisk !== undefined) change.isSameDiskFine = oneOf('--same-disk', sameDisk, ['fine', 'warn']) === 'fine'
  if (keys !== undefined && oneOf('--keys', keys, ['sealed', 'left-out']) === 'left-out') change.seal = null
  return change
}

function keptOf(text: string): { daily: number; weekly: number; monthly: number } {
  const found = /^(\d{1,3}),(\d{1,3}),(\d{1,3})$/.exec(text)
  if (found === null) throw new Problem('usage', `--keep: '${text}' is not three numbers such as 7,4,6.`)
  return { daily: Number(found[1]), weekly: Number(found[2]), monthly: Number(found[3]) }
}

function oneOf<Word extends string>(flag: string, given: string, words: readonly Word[]): Word {
  const known = words.find((word) => word === given)
  if (known === undefined) throw new Problem('usage', `${flag}: '${given}' is neither ${words.join(' nor ')}.`)
  return known
}
