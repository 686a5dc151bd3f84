import type { Command } from 'commander'
import type { RpcClient } from '../../../shared/rpc/client.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import type { AuditFilterInput } from '../../../shared/domain/audit/export.ts'
import { addAuditExportCommand } from './audit-export-command.ts'
import { entryOf, filterOf, withFilterFlags, type FilterFlags } from './audit-flags.ts'
import { addAuditTrustCommands } from './audit-trust-commands.ts'
import { addAuditVerifyCommand } from './audit-verify-command.ts'
import { printLine, printTable, timeText } from './output.ts'
import { withConsole } from './program.ts'
import { wholeOf } from './rollout-words.ts'

type Listed = OutputOf<'audit.list'>['entries'][number]

/** `muster audit …` */
export function addAuditCommands(program: Command): void {
  const audit = program
    .command('audit')
    .description('The audit log: what people, programs and devices did; signed, and kept by the devices.')
  withFilterFlags(audit.command('list').description('List entries, the newest first.'))
    .option('--before <entry>', 'only older ones than this')
    .option('--limit <n>', 'so many at most', '50')
    .action((flags: ListFlags, command: Command) => list(command, flags))
  withFilterFlags(audit.command('search <text>').description('Find entries that say a text, the newest first, through the whole log.'))
    .option('--before <entry>', 'only older ones than this')
    .option('--limit <n>', 'so many at most', '50')
    .action((text: string, flags: ListFlags, command: Command) => list(command, { ...flags, text }))
  audit
    .command('show <entry>')
    .description('Show an entry: what was asked for beside the time before, its hashes and its checkpoint.')
    .action((entry: string, _: object, command: Command) => show(command, entryOf(entry)))
  addAuditVerifyCommand(audit)
  addAuditExportCommand(audit)
  addAuditTrustCommands(audit)
}

interface ListFlags extends FilterFlags {
  before?: string
  limit: string
}

function list(command: Command, flags: ListFlags): Promise<void> {
  const filter = filterOf(flags)
  const limit = wholeOf('--limit', flags.limit)
  const before = flags.before === undefined ? undefined : String(entryOf(flags.before))
  return withConsole(command, async ({ rpc }) => {
    const { entries, next, size } = await found(rpc, filter, { before, limit })
    return {
      json: { entries, next, size },
      text() {
        if (entries.length === 0) printLine('No entry matches.')
        else
          printTable(
            ['entry', 'at', 'by', 'action', 'devices', 'what'],
            entries.map((one) => [
              one.seq,
              timeText(one.at),
              one.actor,
              one.action,
              devicesOf(one),
              one.isRedacted ? '(erased)' : one.summary,
            ]),
          )
        if (next !== null) printLine(`… and older ones: --before ${next}`)
      },
    }
  })
}

/** One call looks at a part of the log; what is rare is asked for until there is enough, or the log ends. */
async function found(rpc: RpcClient, filter: AuditFilterInput, { before, limit }: { before: string | undefined; limit: number }) {
  const entries: Listed[] = []
  let from = before
  for (;;) {
    const page = await rpc.call('audit.list', {
      filter,
      limit: Math.min(500, limit - entries.length),
      ...(from === undefined ? {} : { before: from }),
    })
    entries.push(...page.entries)
    if (page.next === null || entries.length >= limit) return { entries, next: page.next, size: page.size }
    from = page.next
  }
}

function devicesOf({ devices, device }: Listed): string | null {
  if (device === null) return null
  return devices === 1 ? device : `${device} and ${devices - 1} more`
}

function show(command: Command, seq: number): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('audit.show', { seq })
    return {
      json: shown,
      text() {
        printLine(`Entry ${shown.seq}: ${shown.action} by ${shown.actor}, ${timeText(shown.at)}`)
        if (shown.redactedBy !== null) printLine(`  made unreadable by entry ${shown.redactedBy}; its hashes stand`)
        if (shown.devices > 0)
          printLine(
            `  devices     ${shown.deviceList.slice(0, 10).join(' ')}${shown.devices > 10 ? ` and ${shown.devices - 10} more` : ''}`,
          )
        printLine(shown.comparedWith === null ? '  what was asked for' : `  what was asked for, beside entry ${shown.comparedWith}`)
        for (const line of shown.changes) {
          if (line.kind === 'changed' || line.kind === 'removed') printLine(`    - ${line.path}  ${line.before}`)
          if (line.kind !== 'removed') printLine(`    ${line.kind === 'same' ? ' ' : '+'} ${line.path}  ${line.now}`)
        }
        printLine(`  hash        ${shown.hash}`)
        printLine(`  before it   ${shown.previousHash === '' ? '(the first entry)' : shown.previousHash}`)
        printLine(`  leaf        ${shown.leaf}`)
        const { checkpoint } = shown
        printLine(
          checkpoint === null
            ? '  checkpoint  none yet'
            : `  checkpoint  over ${checkpoint.size} entries, ${timeText(checkpoint.at)}, kept by ${checkpoint.witnesses} devices`,
        )
      },
    }
  })
}
