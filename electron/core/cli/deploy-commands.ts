import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { Problem } from '../../../shared/domain/problem.ts'
import type { RpcClient } from '../../../shared/rpc/client.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { orderRoles, type OrderRole } from '../../../shared/rpc/contract/orders.ts'
import { addBesideCommands, printSkipped } from './beside-commands.ts'
import { referenceOf } from './model-reference.ts'
import { followOrder } from './orders-commands.ts'
import { printLine, printTable } from './output.ts'
import { withConsole } from './program.ts'
import { rulesFlags, type RulesFlags } from './rules-flags.ts'

interface DeployFlags extends RulesFlags {
  as: string
  percent?: string
  cpuShare?: string
  disagreements?: string
  query: string
  deployment?: string
  window?: string
  samples?: string
  dryRun?: boolean
  wait?: string
  despiteAlerts?: boolean
}

/** `muster deploy`, `muster undeploy`, `muster deployments` */
export function addDeployCommands(program: Command): void {
  program
    .command('deploy <name@version>')
    .description('Order a version, or what an alias stands for, on every device that a query selects, at once.')
    .requiredOption('-q, --query <query>', 'which devices; "" is all of them')
    .option('--deployment <name>', 'the place on the device that the version fills; default: the name of the model')
    .option('--window <seconds>', 'length of telemetry windows')
    .option('--samples <n>', 'inputs and outputs kept per window (default 0: none leave the device)')
    .option('--as <role>', 'active: replace what runs; shadow: compare beside it; split: answer a share; staged: only download', 'active')
    .option('--percent <n>', 'split: share of the keys that it answers, percent (default 10)')
    .option('--cpu-share <n>', 'shadow: share of one core that it may use (default 0.2)')
    .option('--disagreements <n>', 'shadow: disagreements kept as samples per window (default 0: none leave the device)')
    .option('--probation <rules>', 'how it proves itself, such as inferences=200,maxErrorShare=0.01; what is not named stays')
    .option('--serving <rules>', 'how it is served, such as deadlineMs=500,cacheEntries=1000; what is not named stays')
    .option('--despite-alerts', 'although an alert holds releases to the deployment')
    .option('--dry-run', 'show the devices and change nothing')
    .option('--wait <seconds>', 'wait until every device runs it; exit 1 if one refuses or time is up')
    .action((reference: string, flags: DeployFlags, command: Command) => deploy(command, reference, flags))
  const deployments = program.command('deployments').description('Deployments in use, and what stands beside them.')
  deployments
    .command('list')
    .description('List deployments: versions, where devices stand, the last order.')
    .action((_: unknown, command: Command) => listDeployments(command))
  addBesideCommands(deployments)
  program
    .command('undeploy <deployment>')
    .description('Take a deployment off every device that a query selects; they stop serving it. Telemetry stays.')
    .requiredOption('-q, --query <query>', 'which devices; "" is all of them')
    .option('--yes', 'without asking')
    .action((deployment: string, flags: { query: string; yes?: boolean }, command: Command) => undeploy(command, deployment, flags))
}

function deploy(command: Command, reference: string, flags: DeployFlags): Promise<void> {
  const as = orderRoles.find((role) => role === flags.as)
  if (as === undefined) throw new Problem('usage', `--as: '${flags.as}' is none of ${orderRoles.join(', ')}.`)
  const target = {
    as,
    query: flags.query,
    ...referenceOf(reference),
    ...(flags.deployment === undefined ? {} : { deployment: flags.deployment }),
  }
  return withConsole(command, async ({ rpc }) => {
    if (flags.dryRun === true) return preview(await rpc.call('deployments.preview', { ...target, limit: 1000 }))
    const applied = await rpc.call('deployments.apply', {
      ...target,
      ...(flags.window === undefined ? {} : { windowSeconds: Number(flags.window) }),
      ...(flags.samples === undefined ? {} : { samplesPerWindow: Number(flags.samples) }),
      ...(flags.percent === undefined ? {} : { percent: Number(flags.percent) }),
      ...(flags.cpuShare === undefined ? {} : { cpuShare: Number(flags.cpuShare) }),
      ...(flags.disagreements === undefined ? {} : { disagreementsPerWindow: Number(flags.disagreements) }),
      ...rulesFlags(flags),
      despiteAlerts: flags.despiteAlerts === true,
    })
    const progress = flags.wait === undefined ? null : await awaitOrder(rpc, { applied, as, seconds: Number(flags.wait) })
    const sentences = progress === null ? [] : await sentencesOf(rpc, { applied, as, progress })
    return {
      json: { ...applied, progress },
      text() {
        const order = applied.isNew
          ? `Order ${applied.order}: `
          : applied.order === null
            ? ''
            : `Nothing changes; order ${applied.order} stands: `
        printLine(
          `${order}${applied.model}@${applied.version} for ${applied.deployment} on ${applied.devices.length} devices; ${applied.changed.length} of them change.`,
        )
        printSkipped(applied.skipped)
        for (const sentence of sentences) printLine(`  ${sentence}`)
      },
    }
  })
}

/** Follows a new order to its end; of one that stood already, waits until every selected device runs the version. */
async function awaitOrder(
  rpc: RpcClient,
  { applied, as, seconds }: { applied: OutputOf<'deployments.apply'>; as: OrderRole; seconds: number },
): Promise<DeviceProgress> {
  const { deployment, model, version, devices } = applied
  if (as === 'active' && (!applied.isNew || applied.order === null))
    return awaitActive(rpc, { deployment, devices, model, version, seconds })
  if (applied.order === null) return []
  await followOrder(rpc, applied.order, { seconds })
  const shown = await rpc.call('deployments.progress', { deployment })
  return shown.devices.filter((one) => devices.includes(one.device))
}

/** A sentence for each device: of what it runs, or where the order was for a version beside that, of that version. */
async function sentencesOf(
  rpc: RpcClient,
  { applied, as, progress }: { applied: OutputOf<'deployments.apply'>; as: OrderRole; progress: DeviceProgress },
): Promise<string[]> {
  if (as === 'active' || applied.order === null) return progress.map((one) => one.why)
  const shown = await rpc.call('orders.devices', { order: applied.order, limit: 1000 })
  return shown.devices.map((one) => one.why)
}

function listDeployments(command: Command): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('deployments.list', {})
    return {
      json: shown,
      text() {
        if (shown.deployments.length === 0) printLine('Nothing is deployed. Next: muster deploy NAME@VERSION --query ""')
        else {
          printTable(
            ['deployment', 'versions', 'beside', 'devices', 'as ordered', 'working', 'offline', 'refused', 'last order'],
            shown.deployments.map((one) => [
              one.deployment,
              one.versions.map((used) => `${used.model}@${used.version}`).join(', '),
              one.beside.map((used) => `${used.role} ${used.version} on ${used.working} of ${used.desired}`).join(', ') || null,
              ...[one.devices, one.converged, one.working, one.waiting, one.failed],
              one.lastOrder === null ? null : `${one.lastOrder.order} ${one.lastOrder.kind} ${one.lastOrder.state}`,
            ]),
          )
        }
      },
    }
  })
}

function undeploy(command: Command, deployment: string, flags: { query: string; yes?: boolean }): Promise<void> {
  if (flags.yes !== true)
    throw new Problem('usage', `This stops ${deployment} on every device that matches '${flags.query}'.`, { hint: 'Add --yes to do it.' })
  return withConsole(command, async ({ rpc }) => {
    const removed = await rpc.call('deployments.remove', { query: flags.query, deployment })
    return {
      json: removed,
      text: () =>
        printLine(`Order ${removed.order}: ${deployment} was taken off ${removed.devices.length} devices: ${removed.devices.join(', ')}`),
    }
  })
}

function preview(shown: OutputOf<'deployments.preview'>): { json: unknown; text(): void } {
  return {
    json: shown,
    text() {
      printLine(
        `${shown.counts.selected} devices, ${shown.counts.changing} change to ${shown.model}@${shown.version}; ${shown.counts.changingOffline} of these are offline. Nothing was ordered.`,
      )
      printLine(
        `The bundle has ${shown.bundleBytes} bytes on the disk; the devices fetch ${shown.bytes.toFetch} bytes on the wire in all, ${shown.bytes.published} are sent where they fetch together.`,
      )
      if (shown.missing !== null) printLine(`Approval: ${shown.missing}`)
      if (shown.heldBy !== null) printLine(`Alert ${shown.heldBy.alert} holds releases to ${shown.deployment}: ${shown.heldBy.sentence}`)
      for (const one of shown.warnings) printLine(`Attention on ${one.devices} devices (${one.examples.join(', ')}): ${one.message}`)
      printTable(
        ['device', 'status', 'now', 'changes'],
        shown.devices.map((one) => [
          one.device,
          one.status,
          one.current === null ? null : `${one.current.model}@${one.current.version}`,
          one.change ? 'yes' : 'no',
        ]),
      )
      if (shown.total > shown.devices.length) printLine(`… and ${shown.total - shown.devices.length} more devices.`)
    },
  }
}

type DeviceProgress = OutputOf<'deployments.progress'>['devices']

/** Waits until all devices run a version. @throws Problem with the first refusal, or `cancelled` when time is up */
export async function awaitActive(
  rpc: RpcClient,
  wanted: {
    deployment: string
    devices: readonly string[]
    model: string
    version: string
    seconds: number
    onProgress?: (devices: DeviceProgress) => void
  },
): Promise<DeviceProgress> {
  const deadline = performance.now() + wanted.seconds * 1000
  for (;;) {
    const { devices } = await rpc.call('deployments.progress', { deployment: wanted.deployment })
    const mine = devices.filter((one) => wanted.devices.includes(one.device))
    wanted.onProgress?.(mine)
    if (
      mine.length === wanted.devices.length &&
      mine.every((one) => one.active?.version === wanted.version && one.active.model === wanted.model)
    )
      return mine
    const refused = mine.find((one) => one.isOnNewestOrder && (one.state === 'rejected' || one.state === 'reverted'))
    if (refused !== undefined)
      throw new Problem('internal', refused.problem?.message ?? refused.why, {
        hint: 'The device serves the model it had. `muster devices show` tells more.',
      })
    if (performance.now() > deadline) {
      const late = mine.filter((one) => one.active?.version !== wanted.version)
      throw new Problem(
        'cancelled',
        `Time is up; ${late.length} of ${wanted.devices.length} devices do not run it yet. ${late[0]?.why ?? ''}`,
        { hint: 'The order stands; devices go on with it.' },
      )
    }
    await sleep(200)
  }
}
