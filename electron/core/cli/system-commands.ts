import type { Command } from 'commander'
import { parseBytes } from '../../../shared/domain/query/values.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import { printJson, printLine, printTable, timeText } from './output.ts'
import { withConsole } from './program.ts'
import { muster } from '../command-names.ts'

/** `muster status`, `muster jobs`, `muster transfers`, `muster call` */
export function addSystemCommands(program: Command): void {
  program
    .command('status')
    .description('State of the running console.')
    .action((_: unknown, command: Command) => status(command))
  program
    .command('jobs')
    .description('Long pieces of work of this run: those that run, then the ended ones.')
    .option('--cancel <job>', 'stop one')
    .action((flags: { cancel?: string }, command: Command) => jobs(command, flags.cancel))
  program
    .command('transfers')
    .description('Model transfers of this run, and the cap on their bandwidth.')
    .option('--limit <bytes>', 'cap per second, such as 2MB; "none" lifts it')
    .action((flags: { limit?: string }, command: Command) => transfers(command, flags.limit))
  program
    .command('call [method] [json]')
    .description('Call any method of the interface with its input as JSON; prints the output as JSON.')
    .option('--list', 'list the methods')
    .action((method: string | undefined, json: string | undefined, flags: { list?: boolean }, command: Command) =>
      call(command, { method, json, isList: flags.list === true }),
    )
}

function status(command: Command): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('system.status', {})
    return {
      json: shown,
      text() {
        printLine(`Fleet ${shown.fleetName}: ${shown.devices.online} of ${shown.devices.enrolled} devices online`)
        printLine(
          `  broker    ${shown.broker.kind} ${shown.broker.url} ${shown.broker.state}${shown.broker.problem === null ? '' : `: ${shown.broker.problem.message}`}`,
        )
        printLine(
          `  ingest    ${shown.ingest.records} records, ${shown.ingest.duplicates} duplicates, ${shown.ingest.quarantined} quarantined, ${shown.ingest.refused} batches refused, ${shown.ingest.pending} batches wait`,
        )
        if (shown.ingest.problem !== null) printLine(`  attention ${shown.ingest.problem.message}`)
        printLine(`  outbox    ${shown.outbox.waiting} messages wait`)
        if (shown.disk !== null) printLine(`  disk      ${gib(shown.disk.freeBytes)} of ${gib(shown.disk.totalBytes)} GiB free`)
        if (!shown.setupDone) printLine(`  setup     not done; next: ${muster} setup complete --name NAME`)
        printLine(`  data      ${shown.dataDirectory}`)
      },
    }
  })
}

function jobs(command: Command, cancelled: string | undefined): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    if (cancelled !== undefined) await rpc.call('jobs.cancel', { job: cancelled })
    const shown = await rpc.call('jobs.list', {})
    return {
      json: shown,
      text() {
        if (shown.jobs.length === 0) printLine('Nothing runs, and nothing ran since the console started.')
        else {
          printTable(
            ['job', 'what', 'state', '%', 'note', 'began'],
            shown.jobs.map((one) => [
              one.job,
              one.title,
              one.state,
              one.progress === null ? null : Math.round(one.progress * 100),
              one.problem?.message ?? one.note,
              timeText(one.startedAt),
            ]),
          )
        }
      },
    }
  })
}

function gib(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(1)
}

function transfers(command: Command, limit: string | undefined): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    if (limit !== undefined) {
      const bytes = limit === 'none' ? null : parseBytes(limit)
      if (bytes !== null && bytes < 1024) throw new Problem('usage', `--limit: '${limit}' is less than 1 kB.`)
      if (limit !== 'none' && bytes === null) throw new Problem('usage', `--limit: '${limit}' is no size.`)
      await rpc.call('transfers.setLimit', { bytesPerSecond: bytes === null ? null : Math.round(bytes) })
    }
    const shown = await rpc.call('transfers.list', {})
    return {
      json: shown,
      text() {
        printLine(shown.limitBytesPerSecond === null ? 'No cap on bandwidth.' : `Cap: ${shown.limitBytesPerSecond} bytes/s.`)
        printTable(
          ['artifact', 'bytes', 'published', 'ratio', 'devices', 'done', 'state'],
          shown.transfers.map((one) => [
            one.artifact.slice(0, 12),
            one.sizeBytes,
            one.publishedBytes,
            Number((one.publishedBytes / one.sizeBytes).toFixed(3)),
            one.devices.length,
            one.devices.filter((device) => device.done).length,
            one.endedAt === null ? 'running' : 'ended',
          ]),
        )
      },
    }
  })
}

function call(
  command: Command,
  { method, json, isList }: { method: string | undefined; json: string | undefined; isList: boolean },
): Promise<void> {
  if (!isList && method === undefined) throw new Problem('usage', 'Which method? `muster call --list` shows them.')
  let input: unknown = {}
  try {
    if (json !== undefined) input = JSON.parse(json)
  } catch (error) {
    throw new Problem('usage', `The input is no JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
  return withConsole(command, async ({ rpc }) => {
    if (!isList) {
      const output = await rpc.callAny(method!, input)
      return { json: output, text: () => printJson(output) }
    }
    const methods = await rpc.call('system.methods', {})
    return {
      json: methods,
      text: () =>
        printTable(
          ['method', 'kind', 'role', 'what it does'],
          methods.map((one) => [one.method, one.kind, one.role, one.summary]),
        ),
    }
  })
}
