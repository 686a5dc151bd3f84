import type { Command } from 'commander'
import { Problem } from '../../../shared/domain/problem.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { addFallbackCommands } from './fallback-commands.ts'
import { followOrder } from './orders-commands.ts'
import { printLine, printTable, timeText } from './output.ts'
import { withConsole } from './program.ts'
import { rulesFlags, type RulesFlags } from './rules-flags.ts'

interface Flags extends RulesFlags {
  query: string
  yes?: boolean
  wait?: string
  despiteAlerts?: boolean
}

type Done = OutputOf<'deployments.endBeside'>

/** `muster deployments compare`, `promote`, `end-beside`, `revert` */
export function addBesideCommands(deployments: Command): void {
  deployments
    .command('compare <deployment>')
    .description('Compare shadows of a deployment with what is active: agreement, latency, pairs of classes in which they differ.')
    .option('-q, --query <query>', 'only these devices', '')
    .action((deployment: string, flags: { query: string }, command: Command) => compare(command, deployment, flags.query))
  verb(deployments, 'promote', 'Make the version beside the active one (shadow, split, staged) the active version.')
    .option('--probation <rules>', 'how it proves itself, such as inferences=200,maxErrorShare=0.01')
    .option('--serving <rules>', 'how it is served, such as deadlineMs=500,cacheEntries=1000')
    .option('--despite-alerts', 'although an alert holds releases to the deployment')
    .action((deployment: string, flags: Flags, command: Command) =>
      act(command, { verb: 'promote', deployment, flags, does: 'makes the version beside' }),
    )
  verb(deployments, 'end-beside', 'End what stands beside the active version.').action(
    (deployment: string, flags: Flags, command: Command) =>
      act(command, { verb: 'end-beside', deployment, flags, does: 'ends what stands beside' }),
  )
  verb(
    deployments,
    'revert',
    'Go back to the last good version that each device has, without a download; a device that has none fetches the fallback version, if one is set.',
  )
    .option('--dry-run', 'show what each device would get and change nothing')
    .action((deployment: string, flags: Flags & { dryRun?: boolean }, command: Command) =>
      flags.dryRun === true
        ? previewRevert(command, deployment, flags.query)
        : act(command, { verb: 'revert', deployment, flags, does: 'takes back the active version of' }),
    )
  addFallbackCommands(deployments)
}

function verb(deployments: Command, name: string, what: string): Command {
  return deployments
    .command(`${name} <deployment>`)
    .description(what)
    .requiredOption('-q, --query <query>', 'which devices; "" is all of them')
    .option('--yes', 'without asking')
    .option('--wait <seconds>', 'wait until the order ends; exit 1 if a device refuses or time is up')
}

function act(
  command: Command,
  of: { verb: 'promote' | 'end-beside' | 'revert'; deployment: string; flags: Flags; does: string },
): Promise<void> {
  const { deployment, flags } = of
  if (flags.yes !== true)
    throw new Problem('usage', `This ${of.does} ${deployment} on every device that matches '${flags.query}'.`, {
      hint: 'Add --yes to do it.',
    })
  const input = { query: flags.query, deployment }
  return withConsole(command, async ({ rpc }) => {
    const done =
      of.verb === 'promote'
        ? await rpc.call('deployments.promote', { ...input, ...rulesFlags(flags), despiteAlerts: flags.despiteAlerts === true })
        : await rpc.call(of.verb === 'revert' ? 'deployments.revert' : 'deployments.endBeside', input)
    if (flags.wait !== undefined) await followOrder(rpc, done.order, { seconds: Number(flags.wait) })
    return { json: done, text: () => printDone(done) }
  })
}

function previewRevert(command: Command, deployment: string, query: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('deployments.previewRevert', { query, deployment })
    return {
      json: shown,
      text() {
        printLine(`${shown.devices} devices would change. Nothing was ordered.`)
        for (const one of shown.versions) printLine(`  ${one.model}@${one.version} on ${one.devices}`)
        printFetching(shown.fetching)
        printSkipped(shown.skipped)
      },
    }
  })
}

/** Devices that a revert makes fetch the fallback version. */
function printFetching(fetching: readonly string[]): void {
  if (fetching.length === 0) return
  const names = fetching.slice(0, 5).join(', ')
  printLine(
    `Without a last good version that may come back, they fetch the fallback version: ${fetching.length} (${names}${fetching.length > 5 ? ', …' : ''}).`,
  )
}

function printDone(done: Done & { fetching?: string[] }): void {
  printLine(`Order ${done.order}: ${done.deployment} changes on ${done.devices.length} devices.`)
  printFetching(done.fetching ?? [])
  printSkipped(done.skipped)
}

/** Devices that were passed over, with the reason. */
export function printSkipped(skipped: Done['skipped']): void {
  for (const one of skipped) {
    const names = one.devices.slice(0, 5).join(', ')
    printLine(`Passed over: ${one.devices.length} (${names}${one.devices.length > 5 ? ', …' : ''}). ${one.message}`)
  }
}

function compare(command: Command, deployment: string, query: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('telemetry.shadow', { deployment, query })
    return {
      json: shown,
      text() {
        if (shown.comparisons.length === 0)
          printLine(`Nothing was compared for ${deployment} yet: devices report once per window, 60 s where no rule says otherwise.`)
        for (const one of shown.comparisons) printComparison(one)
      },
    }
  })
}

function printComparison(one: OutputOf<'telemetry.shadow'>['comparisons'][number]): void {
  const { sums } = one
  printLine(`${one.model} ${one.version} as shadow of ${one.againstVersion}, ${timeText(one.firstAt)} to ${timeText(one.lastAt)}`)
  printLine(`  requests   ${sums.offered} offered, ${sums.skipped} skipped, ${sums.failed} failed, ${sums.notFinite} with NaN or infinity`)
  const agreement =
    sums.agreement === null
      ? 'nothing was compared yet'
      : `${percent(sums.agreement)} of ${sums.compared} rows (95 %: ${percent(sums.agreementLow!)} to ${percent(sums.agreementHigh!)})`
  printLine(`  agreement  ${agreement}${one.isEnough ? '' : `; not enough data: ${one.enoughRows} rows say something`}`)
  const p = (latency: { p50: number; p99: number } | null | undefined): string =>
    latency == null ? 'unknown' : `p50 ${latency.p50.toFixed(3)} ms, p99 ${latency.p99.toFixed(3)} ms`
  printLine(`  latency    shadow ${p(sums.latencyMs)}; active ${p(one.againstLatencyMs)}`)
  if (one.difference !== null)
    printLine(`  difference mean ${one.difference.mean}, rms ${one.difference.rms}, at most ${one.difference.max}`)
  if (one.pairs.length > 0)
    printTable(
      ['active says', 'shadow says', 'rows'],
      one.pairs.map((pair) => [pair.active, pair.shadow, pair.rows]),
    )
  printTable(
    ['device', 'compared', 'agreement', 'skipped', 'failed', 'NaN', 'p50 ms'],
    one.devices
      .slice(0, 20)
      .map((row) => [
        ...[row.device, row.compared, row.agreement === null ? null : percent(row.agreement), row.skipped, row.failed, row.notFinite],
        row.latencyMs === null ? null : Number(row.latencyMs.p50.toFixed(3)),
      ]),
  )
  if (one.totalDevices > 20) printLine(`… and ${one.totalDevices - 20} more devices.`)
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`
}
