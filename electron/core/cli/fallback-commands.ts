import type { Command } from 'commander'
import { deploymentName, type DeploymentName } from '../../../shared/domain/ids.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import { referenceOf } from './model-reference.ts'
import { printLine, printTable, timeText } from './output.ts'
import { withConsole } from './program.ts'

/** `muster deployments fallback …` */
export function addFallbackCommands(deployments: Command): void {
  const fallback = deployments
    .command('fallback')
    .description('Fallback versions: what a revert gives devices that have no last good version. They fetch it.')
  fallback
    .command('list')
    .description('List the fallback versions of deployments.')
    .action((_: unknown, command: Command) => list(command))
  fallback
    .command('set <deployment> <name@version>')
    .description('Set the fallback version of a deployment. Nothing changes on devices.')
    .action((deployment: string, reference: string, _: unknown, command: Command) => {
      const { model, version } = referenceOf(reference)
      return set(command, { deployment: nameOf(deployment), model, version })
    })
  fallback
    .command('remove <deployment>')
    .description('Take the fallback version of a deployment away.')
    .action((deployment: string, _: unknown, command: Command) =>
      set(command, { deployment: nameOf(deployment), model: null, version: null }),
    )
}

function nameOf(text: string): DeploymentName {
  const parsed = deploymentName.safeParse(text)
  if (!parsed.success) throw new Problem('usage', `'${text}' is no name of a deployment: ${parsed.error.issues[0]?.message ?? ''}`)
  return parsed.data
}

function set(command: Command, input: { deployment: DeploymentName; model: string | null; version: string | null }): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const done = await rpc.call('approvals.setFallback', input)
    const words =
      done.version === null
        ? `${done.deployment} has no fallback version.`
        : `Devices of ${done.deployment} that have no last good version fetch ${done.model}@${done.version} when it is reverted.`
    return { json: done, text: () => printLine(words) }
  })
}

function list(command: Command): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('approvals.fallbacks', {})
    return {
      json: shown,
      text() {
        if (shown.fallbacks.length === 0) printLine('No deployment has a fallback version.')
        else
          printTable(
            ['deployment', 'fallback', 'devices', 'set by', 'at'],
            shown.fallbacks.map((one) => [one.deployment, `${one.model}@${one.version}`, one.devices, one.by, timeText(one.at)]),
          )
      },
    }
  })
}
