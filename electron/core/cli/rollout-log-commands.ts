import type { Command } from 'commander'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { printLine, printTable, timeText } from './output.ts'
import { withConsole } from './program.ts'
import { rolloutOf, waveOf, wholeOf } from './rollout-words.ts'

/** `muster rollouts events|comparison` */
export function addRolloutLogCommands(rollouts: Command): void {
  rollouts
    .command('events <rollout>')
    .description('Show the log of a rollout, the newest first: what happened, when, and by whom.')
    .option('--device <device>', 'only of a device')
    .option('--kinds <kinds>', 'only these, separated by commas, such as pause,resume,verdict')
    .option('--without-devices', 'only what happened to the rollout as a whole')
    .option('--before <seq>', 'only older ones than this')
    .option('--limit <n>', 'so many at most', '100')
    .action((rollout: string, flags: EventFlags, command: Command) => events(command, rolloutOf(rollout), flags))
  rollouts
    .command('comparison <rollout>')
    .description('Compare the version with the one before: each metric with its interval, and what is still needed.')
    .option('--wave <n>', 'only of a wave; the first is 1')
    .action((rollout: string, flags: { wave?: string }, command: Command) => comparison(command, rolloutOf(rollout), flags.wave))
}

interface EventFlags {
  device?: string
  kinds?: string
  withoutDevices?: boolean
  before?: string
  limit: string
}

function events(command: Command, rollout: number, flags: EventFlags): Promise<void> {
  const input = {
    ...{ rollout, limit: wholeOf('--limit', flags.limit), isWithoutDevices: flags.withoutDevices === true },
    ...(flags.device === undefined ? {} : { device: flags.device }),
    ...(flags.kinds === undefined ? {} : { kinds: flags.kinds.split(',').map((kind) => kind.trim()) }),
    ...(flags.before === undefined ? {} : { before: wholeOf('--before', flags.before) }),
  }
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('rollouts.events', input)
    return {
      json: shown,
      text() {
        printTable(
          ['seq', 'at', 'by', 'what', 'device', 'wave', 'sentence'],
          shown.events.map((one) => [
            ...[one.seq, timeText(one.at), one.actor, one.kind, one.device, one.wave === null ? null : one.wave + 1, one.sentence],
          ]),
        )
        if (shown.next !== null) printLine(`… and older ones: --before ${shown.next}`)
      },
    }
  })
}

function comparison(command: Command, rollout: number, wave: string | undefined): Promise<void> {
  const input = { rollout, ...(wave === undefined ? {} : { wave: waveOf(wave) }) }
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('rollouts.comparison', input)
    return { json: shown, text: () => printComparison(shown) }
  })
}

function printComparison({ evidence, advice, latency, pairs }: OutputOf<'rollouts.comparison'>): void {
  if (evidence !== null) {
    const { incumbent, candidateDevices, incumbentDevices, sizeBound } = evidence
    printLine(`${evidence.verdict}: ${evidence.sentence}`)
    const against = incumbent === null ? 'nothing' : `${incumbent.model}@${incumbent.version} on ${incumbentDevices}`
    printLine(`${candidateDevices} devices against ${against}, from ${timeText(evidence.from)} to ${timeText(evidence.at)}.`)
    printLine(`${sizeBound.failures} failures in ${sizeBound.devices} devices: at most ${number(sizeBound.high * 100)} % fail (95 %).`)
    printTable(
      ['metric', 'role', 'verdict', 'version', 'n', 'before', 'n', 'difference', 'low', 'high', 'margin', 'needs'],
      evidence.metrics.map((one) => [
        ...[one.metric, one.role, one.verdict, number(one.candidate.value), one.candidate.n, number(one.incumbent.value), one.incumbent.n],
        ...[number(one.difference), number(one.low), number(one.high), one.margin, one.needs],
      ]),
    )
  }
  for (const [name, one] of [
    ['version', latency.candidate],
    ['before ', latency.incumbent],
  ] as const)
    if (one !== null) printLine(`latency of the ${name}: p50 ${number(one.p50)} ms, p95 ${number(one.p95)} ms, p99 ${number(one.p99)} ms`)
  for (const one of pairs) printLine(`  before ${one.incumbent}, now ${one.candidate}: ${one.rows} rows`)
  printLine(advice)
}

function number(value: number | null): string | null {
  return value === null ? null : String(Number(value.toPrecision(4)))
}
