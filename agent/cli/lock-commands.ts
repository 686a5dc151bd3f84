import { InvalidArgumentError, type Command } from 'commander'
import { resolve } from 'node:path'
import { z } from 'zod'
import { applicationLock, slotContent } from '../../shared/protocol/reported.ts'
import { systemClock } from '../clock.ts'
import { askAgent } from '../control/lock-client.ts'
import { requireIdentity } from '../identity.ts'
import { printResult } from './output.ts'
import { addCommand, type CommonOptions } from './program.ts'

const unitMs = { s: 1000, m: 60_000, h: 3_600_000 } as const
const revertAnswer = z.looseObject({ deployment: z.string(), from: slotContent, to: slotContent })

/** Adds `muster-agent lock`, `unlock` and `revert`. */
export function addLockCommands(program: Command): void {
  addCommand(program, 'lock', 'hold new models back while an application must not be disturbed')
    .requiredOption('--reason <text>', 'shown on the console')
    .requiredOption('--for <time>', 'at most 24h; like 90s, 30m or 2h', parseTime)
    .addHelpText('after', '\nDownloads go on; a model that fails in service is taken back all the same.')
    .action(async (options: CommonOptions & { reason: string; for: number }) => {
      const ask = { kind: 'lock', lock: { reason: options.reason, until: systemClock.now() + options.for } } as const
      const lock = applicationLock.parse(await askAgent(agentOf(options), ask))
      printResult(options.json, lock, [`Locked until ${new Date(lock.until).toISOString()}: ${lock.reason}`])
    })
  addCommand(program, 'unlock', 'let new models in again').action(async (options: CommonOptions) => {
    const done = await askAgent(agentOf(options), { kind: 'unlock' })
    printResult(options.json, done, [done['wasLocked'] === true ? 'The lock is off.' : 'There was no lock.'])
  })
  addCommand(program, 'revert <deployment>', 'go back to the last good model at once, without download')
    .option('--reason <text>', 'shown on the console', '')
    .addHelpText('after', '\nThe version that is taken back is not tried again before the console orders it anew.')
    .action(async (deployment: string, options: CommonOptions & { reason: string }) => {
      const done = await askAgent(agentOf(options), { kind: 'revert', deployment, reason: options.reason })
      const { from, to } = revertAnswer.parse(done)
      printResult(options.json, done, [
        `${deployment} goes back from ${from.model} ${from.version} to ${to.model} ${to.version}.`,
        'The version is not tried again before the console orders it anew.',
      ])
    })
}

function agentOf(options: CommonOptions): string {
  const directory = resolve(options.dir)
  requireIdentity(directory)
  return directory
}

function parseTime(text: string): number {
  const parts = /^(\d{1,6})([smh])$/.exec(text)
  if (parts === null) throw new InvalidArgumentError('Write a time like 90s, 30m or 2h.')
  return Number(parts[1]) * unitMs[parts[2] as keyof typeof unitMs]
}
