import type { Command } from 'commander'
import { Problem } from '../../../shared/domain/problem.ts'
import type { RpcClient } from '../../../shared/rpc/client.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { printLine } from './output.ts'
import { withConsole } from './program.ts'
import { planOfFile } from './rollout-file.ts'
import { watchFrom } from './rollout-watch-command.ts'
import { rolloutOf, waveOf, wholeOf } from './rollout-words.ts'

type Acted = OutputOf<'rollouts.pause'>

/** `muster rollouts start|pause|resume|stop|revert|approve|refuse|let-through|promote|discard|set-priority|note` */
export function addRolloutActCommands(rollouts: Command): void {
  rollouts
    .command('start [rollout]')
    .description('Start a draft, or write a file down and start it.')
    .option('--file <file>', 'the rollout file, YAML or JSON; - is standard input')
    .option('--despite-alerts', 'although an alert holds releases to the deployment')
    .option('--watch', 'follow it to its end; exit 1 unless it completes')
    .option('--timeout <seconds>', 'with --watch: at most so long', '86400')
    .action((rollout: string | undefined, flags: StartFlags, command: Command) => start(command, rollout, flags))
  withReason(rollouts, 'pause <rollout>', 'Offer nothing more; devices finish what they began.')
    .option('--halt', 'devices that have not activated the version keep from it until the rollout goes on')
    .action((rollout: string, flags: ActFlags & { halt?: boolean }, command: Command) =>
      act(command, (rpc) => rpc.call('rollouts.pause', { rollout: rolloutOf(rollout), why: flags.reason, halt: flags.halt === true })),
    )
  withReason(rollouts, 'resume <rollout>', 'Go on. Failures that were seen until now do not stop it again.').action(
    plainAct((rpc, input) => rpc.call('rollouts.resume', input)),
  )
  sureAct(rollouts, 'stop', 'End the rollout; devices that have the version keep it, the others do not get it.')
  sureAct(rollouts, 'revert', 'End the rollout and give each device back what it had.')
  withReason(rollouts, 'approve <rollout>', 'Approve a rollout that waits for it.').action(
    plainAct((rpc, input) => rpc.call('rollouts.approve', input)),
  )
  withReason(rollouts, 'refuse <rollout>', 'Refuse a rollout that waits for approval: it is a draft again.').action(
    plainAct((rpc, input) => rpc.call('rollouts.refuse', input)),
  )
  withReason(
    rollouts,
    'let-through <rollout> <wave>',
    'Let the next wave begin, whatever the gate of this one says; the first is 1.',
  ).action((rollout: string, wave: string, flags: ActFlags, command: Command) =>
    act(command, (rpc) => rpc.call('rollouts.letThrough', { rollout: rolloutOf(rollout), wave: waveOf(wave), why: flags.reason })),
  )
  withReason(rollouts, 'promote <rollout>', 'A comparison has shown enough: make the version the active one.').action(
    plainAct((rpc, input) => rpc.call('rollouts.promote', input)),
  )
  withReason(rollouts, 'discard <rollout>', 'A comparison has shown enough: take the version away again.').action(
    plainAct((rpc, input) => rpc.call('rollouts.discard', input)),
  )
  rollouts
    .command('set-priority <rollout> <priority>')
    .description('Change which rollout wins on devices of both; 0 to 1000.')
    .action((rollout: string, priority: string, _: unknown, command: Command) =>
      act(command, (rpc) => rpc.call('rollouts.setPriority', { rollout: rolloutOf(rollout), priority: wholeOf('the priority', priority) })),
    )
  rollouts
    .command('note <rollout> <text>')
    .description('Add a note to the log of a rollout.')
    .action((rollout: string, text: string, _: unknown, command: Command) =>
      act(command, (rpc) => rpc.call('rollouts.annotate', { rollout: rolloutOf(rollout), text })),
    )
}

interface ActFlags {
  reason: string
}

interface StartFlags {
  file?: string
  despiteAlerts?: boolean
  watch?: boolean
  timeout: string
}

function withReason(rollouts: Command, name: string, what: string): Command {
  return rollouts.command(name).description(what).option('--reason <text>', 'why; kept in the log', '')
}

function plainAct(call: (rpc: RpcClient, input: { rollout: number; why: string }) => Promise<Acted>) {
  return (rollout: string, flags: ActFlags, command: Command) =>
    act(command, (rpc) => call(rpc, { rollout: rolloutOf(rollout), why: flags.reason }))
}

/** Does something once. Of two people who do the same, one is told that it was done: that is no failure. */
function act(command: Command, call: (rpc: RpcClient) => Promise<Acted>): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const done = await call(rpc)
    return { json: done, text: () => printLine(`${done.sentence}${done.isChanged ? '' : ' Nothing changed.'}`) }
  })
}

/** What cannot be taken back is told first, and done with `--yes`. */
function sureAct(rollouts: Command, verb: 'stop' | 'revert', what: string): void {
  withReason(rollouts, `${verb} <rollout>`, what)
    .option('--yes', 'without asking')
    .action((text: string, flags: ActFlags & { yes?: boolean }, command: Command) => {
      const rollout = rolloutOf(text)
      return act(command, async (rpc) => {
        if (flags.yes !== true) {
          const { effects } = await rpc.call('rollouts.show', { rollout })
          throw new Problem('usage', effects[verb], { hint: 'Nothing was changed. Add --yes to do it.' })
        }
        return verb === 'stop'
          ? rpc.call('rollouts.stop', { rollout, why: flags.reason })
          : rpc.call('rollouts.revert', { rollout, why: flags.reason })
      })
    })
}

function start(command: Command, text: string | undefined, flags: StartFlags): Promise<void> {
  if ((text === undefined) === (flags.file === undefined))
    throw new Problem('usage', 'Give either the number of a draft or --file FILE.', {
      hint: '`muster rollouts list --state draft` shows drafts.',
    })
  const seconds = wholeOf('--timeout', flags.timeout)
  const begin = async (rpc: RpcClient): Promise<Acted> => {
    const plan = flags.file === undefined ? null : (await planOfFile(rpc, flags.file)).plan
    const rollout = plan === null ? rolloutOf(text!) : (await rpc.call('rollouts.create', { plan })).rollout
    return startOne(rpc, { rollout, isNew: plan !== null, despiteAlerts: flags.despiteAlerts === true })
  }
  if (flags.watch === true) return watchFrom(command, { begin, seconds })
  return act(command, begin)
}

/** A draft that was only written to be started goes away again if it cannot be. */
async function startOne(rpc: RpcClient, of: { rollout: number; isNew: boolean; despiteAlerts: boolean }): Promise<Acted> {
  const { rollout, isNew, despiteAlerts } = of
  try {
    return await rpc.call('rollouts.start', { rollout, despiteAlerts })
  } catch (error) {
    if (isNew) await rpc.call('rollouts.remove', { rollout }).catch(() => undefined)
    throw error
  }
}
