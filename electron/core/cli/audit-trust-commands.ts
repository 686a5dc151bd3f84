import type { Command } from 'commander'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { entryOf } from './audit-flags.ts'
import { printLine, printTable, timeText } from './output.ts'
import { withConsole } from './program.ts'
import { wholeOf } from './rollout-words.ts'

/** `muster audit status|checkpoint|checkpoints|witnesses|proof|accept` */
export function addAuditTrustCommands(audit: Command): void {
  audit
    .command('status')
    .description('Show how far the log is signed, with which key, and whether a device contradicts it.')
    .action((_: object, command: Command) => status(command))
  audit
    .command('checkpoint')
    .description('Sign the log now and send the checkpoint to the devices.')
    .action((_: object, command: Command) =>
      withConsole(command, async ({ rpc }) => {
        const done = await rpc.call('audit.checkpoint', {})
        return { json: done, text: () => printLine(`The log was signed over ${done.size} entries.`) }
      }),
    )
  audit
    .command('checkpoints')
    .description('List the signed checkpoints, the newest first, and the devices that keep them.')
    .option('--before <size>', 'only smaller ones')
    .option('--limit <n>', 'so many at most', '50')
    .action((flags: { before?: string; limit: string }, command: Command) => checkpoints(command, flags))
  audit
    .command('witnesses')
    .description('List what devices keep of the log, those that contradict it first.')
    .option('--limit <n>', 'so many at most', '50')
    .action((flags: { limit: string }, command: Command) => witnesses(command, flags))
  audit
    .command('proof <entry>')
    .description('Print the proof that an entry is part of what was signed (RFC 6962).')
    .action((entry: string, _: object, command: Command) => proof(command, entryOf(entry)))
  audit
    .command('accept')
    .description('Accept that devices know a log which this one does not extend, as after a restore.')
    .requiredOption('--note <text>', 'why; it is part of the record')
    .action((flags: { note: string }, command: Command) =>
      withConsole(command, async ({ rpc }) => {
        const done = await rpc.call('audit.accept', { note: flags.note })
        return {
          json: done,
          text: () => printLine(done.accepted === 0 ? 'There was nothing to accept.' : `${done.accepted} contradictions were accepted.`),
        }
      }),
    )
}

function status(command: Command): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('audit.status', {})
    return { json: shown, text: () => printStatus(shown) }
  })
}

function printStatus(shown: OutputOf<'audit.status'>): void {
  const { size, newest, uncovered, key, witnesses: held, contradictions, open, verdict } = shown
  printLine(
    `${size} entries; ${newest === null ? 'no checkpoint was signed yet' : `signed over ${newest.size} at ${timeText(newest.at)}`}, ${uncovered} after it.`,
  )
  printLine(`Checkpoints are signed with key ${key.keyId}: ${key.publicKey}`)
  printLine(`${held} devices keep a checkpoint${open === 0 ? '; none contradicts the log.' : `; ${open} contradictions are open:`}`)
  for (const one of contradictions.filter(({ acceptedAt }) => acceptedAt === null))
    printLine(
      `  ${one.device} keeps one over ${one.size} entries that this log (${one.logSize} entries then) does not extend, found ${timeText(one.foundAt)}`,
    )
  printLine(
    verdict === null
      ? 'It was not verified since the console started: muster audit verify'
      : `Verified ${timeText(verdict.at)}: ${verdict.sentence}`,
  )
}

function checkpoints(command: Command, flags: { before?: string; limit: string }): Promise<void> {
  const input = { limit: wholeOf('--limit', flags.limit), ...(flags.before === undefined ? {} : { before: entryOf(flags.before) }) }
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('audit.checkpoints', input)
    return {
      json: shown,
      text() {
        if (shown.checkpoints.length === 0) printLine('No checkpoint was signed yet.')
        else
          printTable(
            ['entries', 'signed', 'key', 'kept by', 'root'],
            shown.checkpoints.map((one) => [one.size, timeText(one.at), one.keyId, one.witnesses, one.root]),
          )
        if (shown.next !== null) printLine(`… and smaller ones: --before ${shown.next}`)
      },
    }
  })
}

function witnesses(command: Command, flags: { limit: string }): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('audit.witnesses', { limit: wholeOf('--limit', flags.limit) })
    return {
      json: shown,
      text() {
        if (shown.total === 0) printLine('No device keeps a checkpoint yet.')
        else
          printTable(
            ['device', 'entries', 'since', 'log', 'what it means'],
            shown.witnesses.map((one) => [one.device, one.size, timeText(one.at), one.standing, one.sentence]),
          )
        if (shown.total > shown.witnesses.length) printLine(`… and ${shown.total - shown.witnesses.length} more devices.`)
      },
    }
  })
}

function proof(command: Command, seq: number): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('audit.proof', { seq })
    return {
      json: shown,
      text() {
        printLine(`Entry ${seq} is leaf ${shown.index} of ${shown.size}.`)
        printLine(`  text   ${shown.canonical}`)
        printLine(`  leaf   ${shown.leaf}`)
        shown.proof.forEach((hash, i) => printLine(`  ${String(i + 1).padStart(2)}     ${hash}`))
        printLine(`  root   ${shown.root}, signed by ${shown.checkpoint.signatures.map(({ keyid }) => keyid).join(', ')}`)
      },
    }
  })
}
