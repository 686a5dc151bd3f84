import { resolve } from 'node:path'
import type { Command } from 'commander'
import { Problem } from '../../../shared/domain/problem.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { passphraseOf } from './ask-passphrase.ts'
import { bundleDigest, type BundleDigest } from '../../../shared/domain/ids.ts'
import { printKeys, printWaiting, printWritten } from './keys-print.ts'
import { repair } from './keys-repair-command.ts'
import { printLine, timeText } from './output.ts'
import { withConsole } from './program.ts'
import { minutesOf } from './time-flag.ts'
import { muster } from '../command-names.ts'

interface PassphraseFlag {
  passphraseFile?: string
}
interface RootFlags extends PassphraseFlag {
  rootKey?: string[]
  leaveDevices?: boolean
}

/** `muster keys …` */
export function addKeysCommands(program: Command): void {
  const keys = program.command('keys').description('The keys of the fleet: who may say which models devices run, and who gives orders.')
  keys
    .command('status', { isDefault: true })
    .description('Show the keys, what they signed, and how devices follow.')
    .action((_: unknown, command: Command) =>
      withConsole(command, async ({ rpc }) => {
        const shown = await rpc.call('keys.show', {})
        return { json: shown, text: () => printKeys(shown) }
      }),
    )
  addCreate(keys)
  addLockCommands(keys)
  addRotate(keys)
  addRecover(keys)
  addRepair(keys)
  addCare(keys)
}

function addCreate(keys: Command): void {
  withPassphrase(
    keys
      .command('create')
      .description(
        'The ceremony: makes three root keys and a targets key, seals each into a file, and destroys those that the console held. From then on new models need a person.',
      )
      .requiredOption('--root-to <folder...>', 'folders of the root keys, in turn: three sticks are best')
      .requiredOption('--targets-to <folder>', 'folder of the targets key')
      .option('--targets-passphrase-file <file>', 'passphrase of the targets key, where it is another one')
      .option('--leave-devices', 'go on although some devices have agents that cannot follow'),
  ).action(
    async (
      flags: PassphraseFlag & { rootTo: string[]; targetsTo: string; targetsPassphraseFile?: string; leaveDevices?: boolean },
      command: Command,
    ) => {
      const root = await passphraseOf(flags.passphraseFile, 'the root keys', { isNew: true })
      const targets =
        flags.targetsPassphraseFile === undefined && flags.passphraseFile !== undefined
          ? root
          : await passphraseOf(flags.targetsPassphraseFile, 'the targets key', { isNew: true, flag: '--targets-passphrase-file' })
      await withConsole(command, async ({ rpc }) => {
        const made = await rpc.call('keys.create', {
          ...{ rootTo: flags.rootTo.map(whole), rootPassphrases: [root], leaveDevices: flags.leaveDevices === true },
          ...{ targetsTo: whole(flags.targetsTo), targetsPassphrase: targets },
        })
        return {
          json: made,
          text() {
            printWritten(made.written)
            printLine('Keep the three root keys in different places; two of them renew and replace everything else.')
            printLine(`next: ${muster} keys drill --key FILE`)
          },
        }
      })
    },
  )
}

function addLockCommands(keys: Command): void {
  withPassphrase(
    keys
      .command('unlock')
      .description('Keep the targets key in memory for a while, so that new models can be signed.')
      .option('--key <file>', 'its file; default: where it was written')
      .option('--minutes <n>', 'for how long', '15')
      .option('--sign <digest...>', 'sign these too, of those that wait: `keys status` names them; nothing else is signed')
      .option('--mend', 'the list of models in the store is damaged: go back to the one that the key signed last'),
  ).action(async (flags: PassphraseFlag & { key?: string; minutes: string; sign?: string[]; mend?: boolean }, command: Command) => {
    const sign = (flags.sign ?? []).map(digestOf)
    const passphrase = await passphraseOf(flags.passphraseFile, 'the targets key')
    await withConsole(command, async ({ rpc }) => {
      const path = flags.key === undefined ? {} : { path: whole(flags.key) }
      const minutes = minutesOf(flags.minutes)
      const shown = await rpc.call('keys.unlock', { key: { ...path, passphrase }, minutes, sign, mend: flags.mend === true })
      return {
        json: shown,
        text() {
          printLine(`New models can be signed until ${timeText(shown.unlockedUntil ?? 0)}.`)
          if (sign.length > 0) printLine(`Signed: ${sign.join(', ')}`)
          printWaiting(shown)
        },
      }
    })
  })
  keys
    .command('lock')
    .description('Forget the targets key now.')
    .action((_: unknown, command: Command) =>
      withConsole(command, async ({ rpc }) => {
        const shown = await rpc.call('keys.lock', {})
        return { json: shown, text: () => printLine('The targets key is locked.') }
      }),
    )
}

function addRotate(keys: Command): void {
  withRootKeys(
    keys
      .command('rotate')
      .description('Replace keys: online (those that the console holds), targets, or root (all three). The old ones count no more.')
      .argument('<what>', 'online, targets or root')
      .option('--to <folder...>', 'folders of new keys of people')
      .option('--new-passphrase-file <file>', 'passphrase of the new keys')
      .option('--revoke', 'the old keys were lost or stolen: say so in the record'),
  ).action(async (what: string, flags: RootFlags & { to?: string[]; newPassphraseFile?: string; revoke?: boolean }, command: Command) => {
    if (what !== 'online' && what !== 'targets' && what !== 'root')
      throw new Problem('usage', `'${what}' is none of online, targets, root.`)
    const rootKeys = await rootKeysOf(flags)
    const passphrases =
      what === 'online' ? [] : [await passphraseOf(flags.newPassphraseFile, 'the new keys', { isNew: true, flag: '--new-passphrase-file' })]
    await withConsole(command, async ({ rpc }) => {
      const made = await rpc.call('keys.rotate', {
        ...{ what, rootKeys, passphrases, to: (flags.to ?? []).map(whole), leaveDevices: flags.leaveDevices === true },
        reason: flags.revoke === true ? 'revoked' : 'retired',
      })
      return { json: made, text: () => done(made) }
    })
  })
}

function done({ written, keys }: OutputOf<'keys.rotate'>): void {
  printWritten(written)
  printLine(`Root ${keys.root.version} counts now; devices follow when they hear it.`)
}

function addRecover(keys: Command): void {
  withRootKeys(
    keys
      .command('recover')
      .description(
        'After a theft of what the console holds: new online keys, a new epoch, every order signed again. What the thief signed counts no more, however high its numbers.',
      ),
  ).action(async (flags: RootFlags, command: Command) => {
    const rootKeys = await rootKeysOf(flags)
    await withConsole(command, async ({ rpc }) => {
      const shown = await rpc.call('keys.recover', { rootKeys, leaveDevices: flags.leaveDevices === true })
      return {
        json: shown,
        text: () => printLine(`Root ${shown.root.version} and epoch ${shown.epoch} count now; every order was signed again.`),
      }
    })
  })
}

function addRepair(keys: Command): void {
  withPassphrase(
    keys
      .command('repair')
      .description(
        'For a console that does not start, as keys of it are gone (trust.key-missing): puts new ones in their place. With root keys devices follow by themselves. Works on the data directory; the console must not run.',
      )
      .option('--root-key <file...>', 'files of root keys, where people hold them')
      .option('--anew', 'give the old keys up and begin with new ones: every device must be enrolled anew'),
  ).action(async (flags: RootFlags & { anew?: boolean }, command: Command) =>
    repair(command, { rootKeys: await rootKeysOf(flags), isAnew: flags.anew === true }),
  )
}

function addCare(keys: Command): void {
  withPassphrase(
    keys
      .command('drill')
      .description('A rehearsal: open a key, sign a test document, verify it as a device would, and forget the key. It is on record.')
      .requiredOption('--key <file>', 'the file of the key'),
  ).action(async (flags: PassphraseFlag & { key: string }, command: Command) => {
    const passphrase = await passphraseOf(flags.passphraseFile, flags.key)
    await withConsole(command, async ({ rpc }) => {
      const drill = await rpc.call('keys.drill', { key: { path: whole(flags.key), passphrase } })
      if (!drill.ok) process.exitCode = 1
      return { json: drill, text: () => printLine(drill.ok ? `${drill.label} opens and signs.` : `${drill.label}: ${drill.problem ?? ''}`) }
    })
  })
  keys
    .command('backup')
    .description('Copy the sealed file of a key to another folder, and read it back.')
    .requiredOption('--key <file>', 'the file of the key')
    .requiredOption('--to <folder>', 'where the copy goes')
    .action((flags: { key: string; to: string }, command: Command) =>
      withConsole(command, async ({ rpc }) => {
        const made = await rpc.call('keys.backup', { key: { path: whole(flags.key) }, to: whole(flags.to) })
        return { json: made, text: () => printWritten(made.written) }
      }),
    )
}

function withPassphrase(command: Command): Command {
  return command.option('--passphrase-file <file>', 'file whose first line is the passphrase; else it is asked for')
}

function withRootKeys(command: Command): Command {
  return withPassphrase(command)
    .option('--root-key <file...>', 'files of root keys, as many as the root asks for')
    .option('--leave-devices', 'go on although some devices have agents that cannot follow')
}

async function rootKeysOf(flags: RootFlags): Promise<{ path: string; passphrase: string }[]> {
  const keys: { path: string; passphrase: string }[] = []
  for (const file of flags.rootKey ?? []) keys.push({ path: whole(file), passphrase: await passphraseOf(flags.passphraseFile, file) })
  return keys
}

function digestOf(text: string): BundleDigest {
  const parsed = bundleDigest.safeParse(text)
  if (!parsed.success)
    throw new Problem('usage', `--sign: '${text}' is no digest of a bundle; \`muster keys status\` shows those that wait.`)
  return parsed.data
}

/** The console may run in another folder. */
function whole(path: string): string {
  return resolve(path)
}
