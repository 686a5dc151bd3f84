import * as fs from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { InvalidArgumentError, type Command } from 'commander'
import { errorCodeOf, messageOf, Problem, problemFrom } from '../../shared/domain/problem.ts'
import { problems } from '../../shared/domain/problems.ts'
import { musterVersion } from '../../shared/domain/version.ts'
import { batchFolder, batchNameOf, carryPaths, receiptPath } from '../../shared/protocol/carry.ts'
import { checkFolder } from '../../shared/store/carry-folder.ts'
import { replaceFile, syncDirectory } from '../../shared/store/durable-file.ts'
import { systemClock } from '../clock.ts'
import { loadConfig } from '../config.ts'
import { askAgent } from '../control/lock-client.ts'
import { askStatus } from '../control/socket.ts'
import { prepareDirectory } from '../directory.ts'
import { requireIdentity, type Identity } from '../identity.ts'
import { createLeveledLog } from '../log.ts'
import { startAgent } from '../main.ts'
import { carryState, type CarryAsk, type CarryState } from '../usb/desk.ts'
import { printProblem, printResult } from './output.ts'
import { addCommand, type CommonOptions } from './program.ts'

type Applied = NonNullable<CarryState['applied']>
const POLL_MS = 200

interface ApplyFlags extends CommonOptions {
  wait: number
}

/** Adds `muster-agent carry apply`. */
export function addCarryCommand(program: Command): void {
  const carry = program.command('carry').description('take in what the console exported to a folder, such as one on a USB stick')
  addCommand(
    carry,
    'apply <folder>',
    'check the folder, run what it orders, and write a signed receipt with the records of this device into it',
  )
    .option('--wait <minutes>', 'work that lasts longer goes on by itself; leave the folder in place until then', parseMinutes, 30)
    .addHelpText(
      'after',
      '\nThe running agent takes it in; where none runs, one is started for as long as it takes. It is the same work as over the network, with the same\nchecks. Run it as the user of the agent, or as root while the agent runs. To go on after a cut, run it again.',
    )
    .action((folder: string, flags: ApplyFlags) => apply(resolve(folder), flags))
}

async function apply(folder: string, flags: ApplyFlags): Promise<void> {
  const directory = resolve(flags.dir)
  const identity = requireIdentity(directory)
  // Before anything is started: whoever named the wrong folder learns it at once.
  if (!checkFolder(fs, folder).some(({ path }) => path === carryPaths.index))
    throw new Problem(
      'usb.not-carried',
      `${folder} holds no ${carryPaths.index}: nothing was exported to it, or the export did not come to its end.`,
    )
  const ask: CarryAsk = { kind: 'carry', folder, waitMs: flags.wait * 60_000 }
  const isRunning = (await askStatus(directory)) !== null
  const applied = isRunning
    ? await follow(async (one) => carryState.parse(await askAgent(directory, one)), ask)
    : await withOwnAgent(directory, identity, ask)
  const receipt = applied.written === null ? null : copyReceipt(folder, identity.device, applied.written)
  printResult(flags.json, { ...applied, written: undefined, receipt, records: applied.written?.records ?? null }, linesOf(applied, receipt))
  const wrong = applied.problem ?? applied.unwritten
  // The result stands on standard output; what went wrong decides the exit code.
  if (wrong !== null) process.exitCode = flags.json ? problems[problemOf(wrong).code].exit : printProblem(problemOf(wrong), false)
  else if (Object.values(applied.deployments).some(({ state }) => state === 'failed')) process.exitCode = 1
}

function problemOf({ code, message, hint }: { code: string; message: string; hint?: string | undefined }): Problem {
  return problemFrom(hint === undefined ? { code, message } : { code, message, hint })
}

/** An agent for as long as the work takes: it serves meanwhile, as always. */
async function withOwnAgent(directory: string, identity: Identity, ask: CarryAsk): Promise<Applied> {
  prepareDirectory(directory)
  const config = loadConfig({ directory, env: process.env, flags: {} })
  const { log } = createLeveledLog({
    ...{ level: 'error', isHuman: process.stderr.isTTY, version: musterVersion, device: identity.device, clock: systemClock },
    write: (line) => process.stderr.write(line),
  })
  const agent = await startAgent({ directory, identity, config, log })
  try {
    return await follow((one) => Promise.resolve(agent.carry.answer(one)), ask)
  } finally {
    await agent.stop()
  }
}

/** Starts the work and follows it to its end; Ctrl-C cancels it. */
async function follow(answer: (ask: CarryAsk) => Promise<CarryState>, ask: CarryAsk): Promise<Applied> {
  const cancel = (): void => void answer({ kind: 'carry-cancel' }).catch(() => undefined)
  process.once('SIGINT', cancel)
  try {
    let told = ''
    for (let now = await answer(ask); ; now = await answer({ kind: 'carry-state' })) {
      if (now.applied !== null) return now.applied
      if (now.problem !== null) throw problemOf(now.problem)
      if (now.note !== told && process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${now.note}`)
      told = now.note
      await sleep(POLL_MS)
    }
  } finally {
    process.off('SIGINT', cancel)
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[2K')
  }
}

/** Copies what the agent wrote to the folder, the receipt last: a folder that is pulled out in between holds none, and the next apply writes it anew. */
function copyReceipt(folder: string, device: string, { folder: from, receipt, batches }: NonNullable<Applied['written']>): string {
  const to = join(folder, batchFolder(device))
  // What is signed is no secret; whoever carries the stick to the console is often another user.
  const before = process.umask(0o022)
  try {
    fs.mkdirSync(to, { recursive: true })
    fs.rmSync(join(folder, receiptPath(device)), { force: true })
    for (const name of fs.readdirSync(to)) fs.rmSync(join(to, name), { force: true })
    for (let n = 1; n <= batches; n += 1)
      replaceFile(fs, { directory: to, name: batchNameOf(n), mode: 0o644 }, fs.readFileSync(join(from, batchNameOf(n))))
    const name = receiptPath(device).slice(carryPaths.receipts.length + 1)
    replaceFile(fs, { directory: join(folder, carryPaths.receipts), name, mode: 0o644 }, fs.readFileSync(join(from, receipt)))
    syncDirectory(fs, folder)
    removeCopied(from)
    return join(folder, receiptPath(device))
  } catch (error) {
    throw new Problem('usb.folder', `The work is done, and its receipt could not be written to ${folder}: ${messageOf(error)}`, {
      hint: 'Make the folder writable and run the command again: nothing is done twice.',
      cause: error,
    })
  } finally {
    process.umask(before)
  }
}

/** It is on the stick now; whoever may not remove it here leaves it to the agent, with its next receipt. */
function removeCopied(from: string): void {
  try {
    fs.rmSync(from, { recursive: true, force: true })
  } catch (error) {
    if (errorCodeOf(error) !== 'EACCES' && errorCodeOf(error) !== 'EPERM') throw error
  }
}

function linesOf({ deployments, problem, unwritten, written }: Applied, receipt: string | null): string[] {
  const names = Object.entries(deployments)
  const lines =
    problem !== null ? ['Nothing of the folder was taken.'] : names.length === 0 ? ['The folder orders no model for this device.'] : []
  for (const [name, { state, model, version, problem: why }] of problem === null ? names : [])
    lines.push(`  ${name.padEnd(20)} ${state.padEnd(8)} ${model} ${version}${why === null ? '' : `  ${why.code}: ${why.message}`}`)
  if (receipt !== null) lines.push(`Receipt with ${String(written?.records ?? 0)} records: ${receipt}`)
  if (unwritten !== null) lines.push(`There is no receipt: ${unwritten.message}`)
  return lines
}

function parseMinutes(text: string): number {
  const minutes = Number(text)
  if (!Number.isFinite(minutes) || minutes < 0 || minutes > 1440) throw new InvalidArgumentError('Give 0 to 1440 minutes.')
  return minutes
}
