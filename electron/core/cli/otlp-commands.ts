import type { Command } from 'commander'
import { Problem } from '../../../shared/domain/problem.ts'
import type { InputOf } from '../../../shared/rpc/contract.ts'
import type { OtlpShown } from '../../../shared/rpc/contract/metrics.ts'
import { secretsFrom } from './ask-secret.ts'
import { printLine, timeText } from './output.ts'
import { withConsole } from './program.ts'

type Choice = NonNullable<InputOf<'metrics.setOtlp'>['export']>

interface SetFlags {
  header: string
  secretStdin?: boolean
  every: string
  metrics: boolean
  logs: string
  allowPrivate?: boolean
  check: boolean
}

const examples = `
A secret that is stored stays as long as address and header do; it is never shown.

Examples:
  muster metrics otlp set https://collector.example:4318 --logs warn
  echo "Bearer $KEY" | muster metrics otlp set https://otlp.example --secret-stdin
  muster metrics otlp set http://127.0.0.1:4318 --allow-private --every 15`

/** `muster metrics otlp …` */
export function addOtlpCommands(metrics: Command): void {
  const otlp = metrics.command('otlp').description('Export metrics and logs by OpenTelemetry (OTLP over HTTP, JSON). Off until it is set.')
  otlp
    .command('show', { isDefault: true })
    .description('Show where they go, and how that goes.')
    .action((_: unknown, command: Command) =>
      withConsole(command, async ({ rpc }) => {
        const shown = await rpc.call('metrics.otlp', {})
        return { json: shown, text: () => printExport(shown) }
      }),
    )
  otlp
    .command('set <url>')
    .description('Export to a receiver; it is asked first whether it takes metrics.')
    .option('--header <name>', 'header that the secret is sent in', 'authorization')
    .option('--secret-stdin', 'read the value of that header from standard input')
    .option('--every <seconds>', 'seconds between two exports of metrics, 5 to 3600', '60')
    .option('--no-metrics', 'no metrics')
    .option('--logs <level>', 'log entries of the console from this level on: off, error, warn, info', 'off')
    .option('--allow-private', 'the address may be in a private or loopback network')
    .option('--no-check', 'store it without asking the receiver')
    .addHelpText('after', examples)
    .action((url: string, flags: SetFlags, command: Command) => set(command, url, flags))
  otlp
    .command('off')
    .description('Export nothing any more; the stored secret is forgotten.')
    .action((_: unknown, command: Command) =>
      withConsole(command, async ({ rpc }) => {
        const shown = await rpc.call('metrics.setOtlp', { export: null })
        return { json: shown, text: () => printLine('Nothing is exported.') }
      }),
    )
}

function set(command: Command, url: string, flags: SetFlags): Promise<void> {
  const everySeconds = Number(flags.every)
  if (!Number.isInteger(everySeconds)) throw new Problem('usage', `--every: '${flags.every}' is no number of seconds.`)
  const level = (['off', 'error', 'warn', 'info'] as const).find((one) => one === flags.logs)
  if (level === undefined) throw new Problem('usage', `--logs: '${flags.logs}' is none of off, error, warn, info.`)
  return withConsole(command, async ({ rpc }) => {
    const secret = flags.secretStdin === true ? await secretsFrom({ passwordStdin: true }).ask('Secret') : null
    const receiver = { url, header: flags.header, secret, allowsPrivate: flags.allowPrivate === true }
    if (flags.check) {
      const checked = await rpc.call('metrics.checkOtlp', receiver)
      if (!checked.ok)
        throw new Problem('metrics.unreachable', checked.sentence, { hint: 'Nothing was stored. With --no-check it is stored as it is.' })
    }
    const choice: Choice = { ...receiver, everySeconds, metrics: flags.metrics, logs: level }
    const shown = await rpc.call('metrics.setOtlp', { export: choice })
    return { json: shown, text: () => printExport(shown) }
  })
}

function printExport({ export: to, state }: OtlpShown): void {
  if (to === null) {
    printLine('Nothing is exported.')
    return
  }
  const what = [...(to.metrics ? [`metrics every ${to.everySeconds} s`] : []), ...(to.logs === 'off' ? [] : [`logs from ${to.logs} on`])]
  printLine(`${to.url}: ${what.join(', ') || 'neither metrics nor logs'}`)
  printLine(`  secret     ${to.isShut ? 'sealed by a desktop whose key is not here' : to.hasSecret ? `set, in ${to.header}` : 'none'}`)
  printLine(`  sent       ${state.sent.metrics} data points, ${state.sent.logs} log records`)
  printLine(`  given up   ${state.dropped.metrics} data points, ${state.dropped.logs} log records; ${state.waitingLogs} log records wait`)
  printLine(`  last taken ${state.sentAt === null ? 'not since the console started' : timeText(state.sentAt)}`)
  if (state.problem !== null) printLine(`  problem    since ${timeText(state.problem.at)}: ${state.problem.message}`)
}
