import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { awaitActive } from '../../electron/core/cli/deploy-commands.ts'
import { awaitJob } from '../../electron/core/cli/jobs.ts'
import { printTable } from '../../electron/core/cli/output.ts'
import { printSummary } from '../../electron/core/cli/telemetry-commands.ts'
import { uploadFile } from '../../electron/core/cli/upload.ts'
import { messageOf } from '../../shared/domain/problem.ts'
import { evaluationRecord } from '../../shared/rpc/contract/models.ts'
import { until } from './child.ts'
import { LocalAgent, LocalConsole } from './local-fleet.ts'
import { madeAndStored } from './proof.ts'
import { playRelease, releaseActs, requestWords, writeSlowVersion } from './release-acts.ts'
import { Traffic } from './traffic.ts'
import { readStream } from '../../electron/core/sample-fleet/sample-stream.ts'

// The main job, for real: a console, five agents as processes, real models, real rows, three deliberate accidents, and four releases that decide themselves.
const SAMPLES = 'build/samples/digits'
const DEVICES = ['lyon-1', 'lyon-2', 'lyon-3', 'oslo-1', 'oslo-2'] as const
/** To each agent: so many that a canary of one device has shown something after some seconds. */
const REQUESTS_PER_SECOND = 60
const DEPLOYMENT = 'digits'
const WINDOW_SECONDS = 2
/** Nothing waits so long, but on a machine that has no time for it. */
const PATIENCE_SECONDS = 180
/** So slow that the transfer of the small sample model lasts long enough to be interrupted. */
const SLOW_BYTES_PER_SECOND = 6000

const isKept = process.argv.includes('--keep')
const started = performance.now()
const directory = mkdtempSync(join(tmpdir(), 'muster-demo-'))

function say(text: string): void {
  process.stdout.write(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${text}\n`)
}

async function importVersion(host: LocalConsole, version: string, path = join(SAMPLES, `digits-${version}.onnx`)): Promise<void> {
  const rpc = host.rpc!
  const { address } = host
  const [model, train, holdout] = await Promise.all(
    [path, join(SAMPLES, 'train.csv'), join(SAMPLES, 'holdout.csv')].map((file) => uploadFile(rpc, address, file)),
  )
  const { job } = await rpc.call('models.import', {
    ...{ files: { model: model!, train: train!, holdout: holdout! }, model: 'digits', version },
  })
  const made = (await awaitJob(rpc, job, `import digits ${version}`)) as { digest: string; evaluation: unknown }
  const { metrics, rows, interval } = evaluationRecord.parse(made.evaluation)
  say(
    `imported digits@${version} (${made.digest.slice(0, 12)}), evaluated on ${rows} hold-out rows: accuracy ${metrics['accuracy']!.toFixed(6)} (95 %: ${interval!.low.toFixed(3)} to ${interval!.high.toFixed(3)})`,
  )
}

async function deploy(host: LocalConsole, version: string): Promise<() => Promise<void>> {
  const applied = await host.rpc!.call('deployments.apply', {
    query: '',
    model: 'digits',
    version,
    deployment: DEPLOYMENT,
    windowSeconds: WINDOW_SECONDS,
  })
  say(`ordered digits@${version} on ${applied.devices.length} devices`)
  return async () => {
    await awaitActive(host.rpc!, { deployment: DEPLOYMENT, devices: applied.devices, model: 'digits', version, seconds: PATIENCE_SECONDS })
    say(`digits@${version} is active on all ${applied.devices.length} devices`)
  }
}

/** The state of the deployment as the agent's own journal has it: the accident must hit a certain step. */
function journalState(agent: LocalAgent): string {
  const file = join(agent.directory, 'journal.json')
  if (!existsSync(file)) return ''
  const journal = JSON.parse(readFileSync(file, 'utf8')) as { deployments?: Record<string, { state?: string }> }
  return journal.deployments?.[DEPLOYMENT]?.state ?? ''
}

async function killIn(agent: LocalAgent, states: readonly string[], what: string): Promise<void> {
  const state = await until(`${agent.device} to be ${what}`, PATIENCE_SECONDS, () =>
    states.includes(journalState(agent)) ? journalState(agent) : null,
  )
  await agent.crash()
  say(`accident: ${agent.device} was killed with SIGKILL while ${what} (its journal says: ${state})`)
  await sleep(500)
  await agent.launch()
  say(`${agent.device} is back and serves what it had`)
}

/** Releases that decide themselves: one is good, three are not. @returns true if each ended as it had to, and no request failed */
async function releaseByEvidence(host: LocalConsole, traffic: Traffic): Promise<boolean> {
  const slow = writeSlowVersion(SAMPLES, directory)
  await importVersion(host, '1.2.0')
  await importVersion(host, '1.3.0-regressed')
  await importVersion(host, '1.4.0-slow', slow)
  const faults: (string | null)[] = []
  for (const [i, act] of releaseActs.entries()) {
    say(`release ${i + 1} of ${releaseActs.length}: ${act.title}`)
    faults.push(await playRelease(host.rpc!, traffic, { act, say }))
  }
  return faults.every((fault) => fault === null)
}

/** Waits for all of it, also where a part fails: nothing may be started behind the back of who cleans up. @throws what failed first in the list */
async function settled<Value>(works: readonly Promise<Value>[]): Promise<void> {
  const failed = (await Promise.allSettled(works)).find((one) => one.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

/** All agents at once; those that came up are kept, so that they are stopped also where another one did not. */
async function joinAll(host: LocalConsole, agents: LocalAgent[]): Promise<void> {
  const joining = DEVICES.map((device) =>
    LocalAgent.join(host.rpc!, join(directory, device), { device, labels: { site: device.split('-')[0]! } }),
  )
  for (const one of await Promise.allSettled(joining)) if (one.status === 'fulfilled') agents.push(one.value)
  await settled(joining)
}

/** A second version under load, with an agent killed in mid-transfer, one as it activates, and the console stopped for some seconds. */
async function accidents(host: LocalConsole, agents: readonly LocalAgent[]): Promise<void> {
  await importVersion(host, '1.1.0')
  await host.rpc!.call('transfers.setLimit', { bytesPerSecond: SLOW_BYTES_PER_SECOND })
  say(`transfers are slowed to ${SLOW_BYTES_PER_SECOND} bytes/s`)
  const isActive = await deploy(host, '1.1.0')
  const interruptTransfer = async (): Promise<void> => {
    try {
      await killIn(agents[2]!, ['fetching'], 'fetching the model')
    } finally {
      await host.rpc!.call('transfers.setLimit', { bytesPerSecond: null })
    }
  }
  // Armed before anything moves: each accident waits for its step in the journal of its agent.
  await settled([killIn(agents[3]!, ['verified', 'preflighted', 'staged', 'probing'], 'activating the model'), interruptTransfer()])
  await isActive()
  await sleep(2000)

  await host.stop()
  say('accident: the console is stopped; agents go on answering and keep their records')
  await sleep(3000)
  await host.launch()
  say('the console is back on its data; agents send what they kept')
}

async function run(host: LocalConsole, agents: LocalAgent[], traffic: Traffic): Promise<boolean> {
  say(`console of the fleet 'demo' at ${host.address.url}, data in ${host.data}`)
  await joinAll(host, agents)
  say(`${agents.length} agents joined with one-time codes, each a process of its own`)
  await importVersion(host, '1.0.0')
  await (
    await deploy(host, '1.0.0')
  )()

  traffic.begin({ tellsTruth: true })
  say(`${REQUESTS_PER_SECOND} times a second, a row of the stream is sent to every agent, each with its true label as feedback`)
  await sleep(3000)

  await accidents(host, agents)
  await sleep(2000)
  const before = await traffic.end()
  const failedAt = before.filter(({ failed }) => failed > 0).map(({ device }) => device)
  say(`before the releases: ${requestWords(before)}${failedAt.length === 0 ? '' : ` (at ${failedAt.join(' and ')}, as they were dead)`}`)

  const isReleased = await releaseByEvidence(host, traffic)

  say('load stopped; the last window closes, then every record must be acknowledged')
  await sleep(WINDOW_SECONDS * 1000 + 500)
  const proof = await until('every record to be stored', PATIENCE_SECONDS, () => madeAndStored(host.rpc!, agents))
  printSummary((await host.rpc!.call('telemetry.summary', {})).rows)
  printTable(
    ['agent', 'sent', 'answered', 'cut off', 'labelled', 'seen correct'],
    traffic.met().map((one) => [one.device, one.sent, one.answered, one.failed, one.labelled, one.correct]),
  )
  process.stdout.write(
    'What a killed agent had counted in its open window, at most two seconds, was never a record; its labels were stored before they were answered.\n',
  )
  const killed = [agents[2]!.device, agents[3]!.device]
  const failures = traffic.met().filter(({ device, failed }) => failed > 0 && !killed.includes(device))
  for (const one of failures) say(`FAILED: ${one.device} was not killed, yet a request failed: ${one.firstFailure ?? ''}`)
  process.stdout.write(`${proof.sentence}\n`)
  return failures.length === 0 && proof.isEqual && isReleased
}

const agents: LocalAgent[] = []
const stream = readStream(join(SAMPLES, 'stream.csv'))
const traffic = new Traffic(agents, { stream, model: DEPLOYMENT, input: 'pixels', perSecond: REQUESTS_PER_SECOND })
let host: LocalConsole | null = null
try {
  host = await LocalConsole.start(join(directory, 'console'), ['--fleet', 'demo', '--log-level', 'warn'])
  process.exitCode = (await run(host, agents, traffic)) ? 0 : 1
  if (isKept) {
    say(`left running (--keep): ${host.address.url}, data in ${host.data}. Ctrl-C ends it.`)
    say(`try: npm run -s muster -- --data ${host.data} devices list`)
    await new Promise<void>((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve))
  }
} catch (error) {
  process.exitCode = 1
  say(`FAILED: ${messageOf(error)}`)
  for (const program of [host?.program, ...agents.map((agent) => agent.program)])
    process.stdout.write(program?.output().split('\n').slice(-5).join('\n') ?? '')
} finally {
  await traffic.end()
  await Promise.all(agents.map((agent) => agent.stop()))
  await host?.stop()
  rmSync(directory, { recursive: true, force: true })
  say(`done, exit ${process.exitCode ?? 0}`)
}
