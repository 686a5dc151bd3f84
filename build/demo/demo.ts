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
import { Load } from '../../electron/core/sample-fleet/load.ts'
import { LocalAgent, LocalConsole } from './local-fleet.ts'
import { madeAndStored } from './proof.ts'
import { awaitEnd, startRollout, waveByWave } from './rollout-acts.ts'
import { readStream } from '../../electron/core/sample-fleet/sample-stream.ts'

// The main job, for real: a console, five agents as processes, real models, real rows, and three deliberate accidents.
const SAMPLES = 'build/samples/digits'
const DEVICES = ['lyon-1', 'lyon-2', 'lyon-3', 'oslo-1', 'oslo-2'] as const
const REQUESTS_PER_SECOND = 25
const DEPLOYMENT = 'digits'
const WINDOW_SECONDS = 2
/** So slow that the transfer of the small sample model lasts long enough to be interrupted. */
const SLOW_BYTES_PER_SECOND = 6000

const isKept = process.argv.includes('--keep')
const started = performance.now()
const directory = mkdtempSync(join(tmpdir(), 'muster-demo-'))

function say(text: string): void {
  process.stdout.write(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${text}\n`)
}

async function importVersion(host: LocalConsole, version: string): Promise<void> {
  const rpc = host.rpc!
  const { address } = host
  const [model, train, holdout] = await Promise.all(
    [`digits-${version}.onnx`, 'train.csv', 'holdout.csv'].map((file) => uploadFile(rpc, address, join(SAMPLES, file))),
  )
  const { job } = await rpc.call('models.import', { files: { model: model!, train: train!, holdout: holdout! } })
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
    await awaitActive(host.rpc!, { deployment: DEPLOYMENT, devices: applied.devices, model: 'digits', version, seconds: 30 })
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
  const state = await until(`${agent.device} to be ${what}`, 30, () => (states.includes(journalState(agent)) ? journalState(agent) : null))
  await agent.crash()
  say(`accident: ${agent.device} was killed with SIGKILL while ${what} (its journal says: ${state})`)
  await sleep(500)
  await agent.launch()
  say(`${agent.device} is back and serves what it had`)
}

/** A release that proves itself wave by wave, and one that is taken back by its labels without a person. */
async function releaseByEvidence(host: LocalConsole): Promise<boolean> {
  const rpc = host.rpc!
  const ends: string[] = []
  for (const version of ['1.2.0', '1.3.0-regressed']) {
    await importVersion(host, version)
    const rollout = await startRollout(rpc, waveByWave({ deployment: DEPLOYMENT, model: 'digits', version }))
    say(`rollout ${rollout} of digits@${version}: one device, then up to 60 %, then the rest, each wave gated on what the version shows`)
    const ended = await awaitEnd(rpc, rollout, { seconds: 240, onSentence: (sentence) => say(`rollout ${rollout}: ${sentence}`) })
    ends.push(ended.state)
  }
  const isRight = ends.join() === 'completed,reverted'
  if (!isRight) say(`FAILED: digits@1.2.0 had to end as completed and 1.3.0-regressed as reverted, they ended as ${ends.join(' and ')}`)
  return isRight
}

async function run(host: LocalConsole, agents: LocalAgent[], loads: Load[]): Promise<boolean> {
  say(`console of the fleet 'demo' at ${host.address.url}, data in ${host.data}`)
  for (const device of DEVICES)
    agents.push(await LocalAgent.join(host.rpc!, join(directory, device), { device, labels: { site: device.split('-')[0]! } }))
  say(`${agents.length} agents joined with one-time codes, each a process of its own`)
  await importVersion(host, '1.0.0')
  await (
    await deploy(host, '1.0.0')
  )()

  const stream = readStream(join(SAMPLES, 'stream.csv'))
  loads.push(...agents.map((agent) => new Load({ agent, stream, model: DEPLOYMENT, input: 'pixels', perSecond: REQUESTS_PER_SECOND })))
  say(`sending ${stream.rows.length} rows of the stream over and over to every agent, each with its true label as feedback`)
  await sleep(6000)

  await importVersion(host, '1.1.0')
  await host.rpc!.call('transfers.setLimit', { bytesPerSecond: SLOW_BYTES_PER_SECOND })
  say(`transfers are slowed to ${SLOW_BYTES_PER_SECOND} bytes/s`)
  const isActive = await deploy(host, '1.1.0')
  // Armed before anything moves: each accident waits for its step in the journal of its agent.
  const activating = killIn(agents[3]!, ['verified', 'preflighted', 'staged', 'probing'], 'activating the model')
  await killIn(agents[2]!, ['fetching'], 'fetching the model')
  await host.rpc!.call('transfers.setLimit', { bytesPerSecond: null })
  await activating
  await isActive()
  await sleep(3000)

  await host.stop()
  say('accident: the console is stopped; agents go on answering and keep their records')
  await sleep(4000)
  await host.launch()
  say('the console is back on its data; agents send what they kept')
  await sleep(6000)

  const isReleased = await releaseByEvidence(host)

  await Promise.all(loads.map((load) => load.stop()))
  say('load stopped; the last window closes, then every record must be acknowledged')
  await sleep(WINDOW_SECONDS * 1000 + 500)
  const proof = await until('every record to be stored', 30, () => madeAndStored(host.rpc!, agents))
  printSummary((await host.rpc!.call('telemetry.summary', {})).rows)
  printTable(
    ['agent', 'sent', 'answered', 'cut off', 'labelled', 'seen correct'],
    loads.map(({ agent, counts }) => [agent.device, counts.sent, counts.answered, counts.failed, counts.labelled, counts.correct]),
  )
  process.stdout.write(
    'What a killed agent had counted in its open window, at most two seconds, was never a record; its labels were stored before they were answered.\n',
  )
  const untouched = loads.filter(({ agent }) => agent !== agents[2] && agent !== agents[3])
  const failures = untouched.filter((load) => load.counts.failed > 0)
  for (const load of failures) say(`FAILED: ${load.agent.device} was not killed, yet a request failed: ${load.counts.firstFailure ?? ''}`)
  process.stdout.write(`${proof.sentence}\n`)
  return failures.length === 0 && proof.isEqual && isReleased
}

const agents: LocalAgent[] = []
const loads: Load[] = []
let host: LocalConsole | null = null
try {
  host = await LocalConsole.start(join(directory, 'console'), ['--fleet', 'demo', '--log-level', 'warn'])
  process.exitCode = (await run(host, agents, loads)) ? 0 : 1
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
  await Promise.all(loads.map((load) => load.stop()))
  await Promise.all(agents.map((agent) => agent.stop()))
  await host?.stop()
  rmSync(directory, { recursive: true, force: true })
  say(`done, exit ${process.exitCode ?? 0}`)
}
