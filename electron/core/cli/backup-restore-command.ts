import Database from 'better-sqlite3'
import * as fs from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { actorOf } from '../../../shared/domain/actor.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import { lockDirectory } from '../../../shared/store/directory-lock.ts'
import { accountName } from '../account-name.ts'
import { chooseBackup } from '../backup/places.ts'
import { folderOf } from '../backup/pointer.ts'
import { beginTelemetry } from '../backup/recovery/begin-telemetry.ts'
import { restoreBackup, restoreScopes, type RestoreReport, type RestoreScope } from '../backup/restore/restore.ts'
import { restoreWords } from '../backup/restore/words.ts'
import { trustedKeysOf } from '../backup/trusted-keys.ts'
import { prepareDirectory } from '../setup/first-start.ts'
import { printJson, printLine, timeText } from './output.ts'
import { flagsOf, withConsole } from './program.ts'
import { readPassphrase } from './read-passphrase.ts'

interface RestoreFlags {
  into?: string
  from?: string
  only: string
  passphrase?: boolean
  passphraseFile?: string
  acceptKey?: string
  atNextStart?: boolean
  cancel?: boolean
}

/** `muster backup restore` */
export function addRestoreCommand(backup: Command): void {
  backup
    .command('restore')
    .description(
      'Put a backup in the place of the data, or into a new data directory. The console must not run; what stood there is moved aside and kept.',
    )
    .argument('[backup]', 'name, latest, or the path of a backup')
    .option('--into <directory>', 'a new data directory in place of the one of --data')
    .option('--from <folder>', 'folder of the backups (default: the one of the data directory)')
    .option('--only <what>', `${restoreScopes.join(', ')}; damaged: only stores that are damaged or missing`, 'everything')
    .option(
      '--passphrase',
      'bring back the keys, sealed in the backup: the passphrase is asked for; keys that enrolled devices trust are never replaced',
    )
    .option('--passphrase-file <file>', 'the same, with the passphrase in a file')
    .option('--accept-key <key>', 'take a backup that this key signed, which is none of this console')
    .option('--at-next-start', 'while the console runs: restore when it starts next')
    .option('--cancel', 'take back a restore that was planned for the next start')
    .addHelpText(
      'after',
      '\nWho may come in stays as it is: accounts, passkeys, tokens, and devices that were shut out. If the store that is replaced cannot be read, accounts are those of the backup, and every token ends. Everybody signs in anew.',
    )
    .action((named: string | undefined, flags: RestoreFlags, command: Command) => restore(command, named, flags))
}

/** `muster backup begin-telemetry` */
export function addBeginTelemetryCommand(backup: Command): void {
  backup
    .command('begin-telemetry')
    .description(
      'Move a damaged telemetry.db aside, and begin an empty one at the next start. Devices, models and orders stay as they are.',
    )
    .action((_flags: unknown, command: Command) => {
      const { data, person, json } = flagsOf(command)
      const release = hold(data)
      try {
        const aside = beginTelemetry(data, { actor: actorOf('cli', person ?? accountName() ?? null), now: Date.now() })
        if (json === true) printJson({ aside })
        else
          printLine(
            aside === null
              ? 'Telemetry begins anew at the next start.'
              : `Telemetry begins anew at the next start. The damaged file is kept in ${aside}`,
          )
      } finally {
        release()
      }
    })
}

async function restore(command: Command, named: string | undefined, flags: RestoreFlags): Promise<void> {
  const scope = restoreScopes.find((one) => one === flags.only)
  if (scope === undefined) throw new Problem('usage', `--only: '${flags.only}' is none of ${restoreScopes.join(', ')}.`)
  if (flags.cancel === true) return plan(command, null, 'everything')
  if (named === undefined) throw new Problem('usage', 'Say which backup: a name, latest, or a path.')
  if (flags.atNextStart === true) return plan(command, named, scope)
  const needsPassphrase = flags.passphrase === true || flags.passphraseFile !== undefined
  const passphrase = needsPassphrase ? await readPassphrase(flags.passphraseFile, { isNew: false }) : null
  const report = restoreHere(command, named, { ...flags, scope, passphrase })
  if (flagsOf(command).json === true) printJson(report)
  else printReport(report)
}

/** Restores in this process, which holds the data directory meanwhile. */
function restoreHere(
  command: Command,
  named: string,
  flags: Omit<RestoreFlags, 'passphrase'> & { scope: RestoreScope; passphrase: string | null },
): RestoreReport {
  const { data, person } = flagsOf(command)
  process.umask(0o077)
  const target = flags.into === undefined ? data : resolve(flags.into)
  if (flags.into !== undefined && fs.existsSync(target) && fs.readdirSync(target).length > 0)
    throw new Problem('backup.target-in-use', `${target} is not empty.`)
  const folder = flags.from === undefined ? folderOf(data) : resolve(flags.from)
  const backup = chooseBackup(named, folder, trustedKeysOf(target))
  prepareDirectory(target)
  const release = hold(target)
  try {
    const actor = actorOf('cli', person ?? accountName() ?? null)
    const { scope, passphrase, acceptKey } = flags
    return restoreBackup({ backup, dataDirectory: target, scope, passphrase, acceptedKey: acceptKey ?? null, actor, now: Date.now() })
  } finally {
    release()
  }
}

function hold(directory: string): () => void {
  try {
    return lockDirectory((file) => new Database(file), join(directory, 'console.lock'), directory)
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'data-directory.in-use') throw error
    throw new Problem('data-directory.in-use', `A console works in ${directory}, and holds the stores open.`, {
      cause: error,
      hint: 'Stop it first, or let it restore when it starts next: --at-next-start',
    })
  }
}

function plan(command: Command, name: string | null, scope: RestoreScope): Promise<void> {
  if (scope === 'damaged') throw new Problem('usage', '--only damaged: a console that runs has no damaged store.')
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('backups.planRestore', { name, scope })
    return {
      json: shown.planned,
      text: () =>
        printLine(
          shown.planned === null
            ? 'Nothing is restored at the next start.'
            : `${shown.planned.backup} is restored when the console starts next. To take that back: muster backup restore --cancel`,
        ),
    }
  })
}

function printReport(report: RestoreReport): void {
  const { backup, madeAt, stores } = report
  printLine(`Restored ${stores.join(' and ')} from ${backup}, as of ${timeText(madeAt)}.`)
  for (const line of restoreWords(report)) printLine(`  ${line}`)
  printLine('  next      muster console')
}
