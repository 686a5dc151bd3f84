import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { Problem } from '../../../shared/domain/problem.ts'
import type { RpcClient } from '../../../shared/rpc/client.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { referenceOf } from './models-commands.ts'
import { printLine, printTable } from './output.ts'
import { withConsole } from './program.ts'

interface DeployFlags {
  query: string
  deployment?: string
  window?: string
  samples?: string
  dryRun?: boolean
  wait?: string
}

/** `muster deploy`, `muster undeploy` */
export function addDeployCommands(program: Command): void {
  program
    .command('deploy <name@version>')
    .description('Order a version on every device that a query selects, at once.')
    .requiredOption('-q, --query <query>', 'which devices; "" is all of them')
    .option('--deployment <name>', 'the place on the device that the version fills; default: the name of the model')
    .option('--window <seconds>', 'length of telemetry windows')
    .option('--samples <n>', 'inputs and outputs kept per window (default 0: none leave the device)')
    .option('--dry-run', 'show the devices and change nothing')
    .option('--wait <seconds>', 'wait until every device runs it; exit 1 if one refuses or time is up')
    .action((reference: string, flags: DeployFlags, command: Command) => deploy(command, reference, flags))
  program
    .command('undeploy <deployment>')
    .description('Take a deployment off every device that a query selects; they stop serving it. Telemetry stays.')
    .requiredOption('-q, --query <query>', 'which devices; "" is all of them')
    .option('--yes', 'without asking')
    .action((deployment: string, flags: { query: string; yes?: boolean }, command: Command) => undeploy(command, deployment, flags))
}

function deploy(command: Command, reference: string, flags: DeployFlags): Promise<void> {
  const target = {
    query: flags.query,
    ...referenceOf(reference),
    ...(flags.deployment === undefined ? {} : { deployment: flags.deployment }),
  }
  return withConsole(command, async ({ rpc }) => {
    if (flags.dryRun === true) return preview(await rpc.call('deployments.preview', target))
    const applied = await rpc.call('deployments.apply', {
      ...target,
      ...(flags.window === undefined ? {} : { windowSeconds: Number(flags.window) }),
      ...(flags.samples === undefined ? {} : { samplesPerWindow: Number(flags.samples) }),
    })
    const progress =
      flags.wait === undefined
        ? null
        : await awaitActive(rpc, {
            deployment: applied.deployment,
            devices: applied.devices,
            ...referenceOf(reference),
            seconds: Number(flags.wait),
          })
    return {
      json: { ...applied, progress },
      text() {
        printLine(
          `Ordered ${reference} for ${applied.deployment} on ${applied.devices.length} devices; ${applied.changed.length} of them change.`,
        )
        for (const one of progress ?? []) printLine(`  ${one.why}`)
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
      text: () => printLine(`${deployment} was taken off ${removed.devices.length} devices: ${removed.devices.join(', ')}`),
    }
  })
}

function preview(shown: OutputOf<'deployments.preview'>): { json: unknown; text(): void } {
  return {
    json: shown,
    text() {
      printLine(
        `${shown.devices.length} devices, ${shown.devices.filter((one) => one.change).length} change; the bundle has ${shown.bundleBytes} bytes. Nothing was ordered.`,
      )
      printTable(
        ['device', 'status', 'now', 'changes'],
        shown.devices.map((one) => [
          one.device,
          one.status,
          one.current === null ? null : `${one.current.model}@${one.current.version}`,
          one.change ? 'yes' : 'no',
        ]),
      )
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
      throw new Problem('internal', refused.why, { hint: 'The device serves the model it had. `muster devices show` tells more.' })
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
