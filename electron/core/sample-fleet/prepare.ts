import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import { Problem } from '../../../shared/domain/problem.ts'
import { reportedOf } from '../devices/summary.ts'
import { why } from '../devices/why.ts'
import type { Progress } from '../jobs/jobs.ts'
import type { OwnCall } from '../own-call.ts'
import type { Registry } from '../registry/registry.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import { runAgentProgram } from './agent-program.ts'
import { canStay, claim, isOwn, type AgentBroker } from './sample-identity.ts'
import { filesOf, sampleConfig, sampleDevices, sampleLoads, sampleVersions } from './sample-plan.ts'

/** What preparing works with. */
export interface PrepareParts {
  store: FleetStore
  registry: Registry
  /** Calls methods of the interface as the sample fleet. */
  call: OwnCall
  fleet(): string
  /** The broker as agents on this machine reach it. */
  broker(): AgentBroker
  /** Folder of the agents, one folder each. */
  directory: string
  changedModels(): void
  now(): number
}

/** Where a job stands, and whether it is wanted any more. */
export interface Work {
  signal: AbortSignal
  progress: Progress
}

/** An agent loads its runtime, fetches two models and probes them; on a small machine five do so at once. */
const ACTIVE_WITHIN_MS = 180_000
const POLL_MS = 200

function stopIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new Problem('cancelled', 'Starting the sample fleet was cancelled.')
}

/** Imports the sample versions that are not there, straight into the registry: this runs inside a job, and jobs run one at a time. */
export async function importSamples({ registry, changedModels }: PrepareParts, { signal, progress }: Work): Promise<void> {
  for (const [i, sample] of sampleVersions.entries()) {
    stopIfCancelled(signal)
    if (registry.versions(sample.model).some((one) => one.version === sample.version)) continue
    const { modelPath, trainPath, holdoutPath } = filesOf(sample)
    const name = `${sample.model} ${sample.version}`
    await registry.import({
      ...{ modelPath, modelFileName: `${sample.model}-${sample.version}.onnx`, trainPath, holdoutPath, holdoutName: 'holdout.csv' },
      ...{ model: sample.model, version: sample.version, signal, importedBy: 'sample-fleet' },
      progress: (fraction) => progress((0.4 * (i + (fraction ?? 0))) / sampleVersions.length, `importing ${name}`),
    })
    changedModels()
  }
}

/** Enrols the devices that cannot go on with what is in their folder. @param stopAgent is called before an agent gets another identity */
export async function enrolSamples(
  parts: PrepareParts,
  { signal, progress }: Work,
  stopAgent: (device: string) => Promise<void>,
): Promise<void> {
  for (const [i, { device, site }] of sampleDevices.entries()) {
    stopIfCancelled(signal)
    progress(0.4 + (0.3 * i) / sampleDevices.length, `enrolling ${device}`)
    const directory = join(parts.directory, device)
    const row = parts.store.devices.find(device)
    if (row !== null && !isOwn(parts.store, device)) {
      throw new Problem('enrolment.id-taken', `A device ${device} is enrolled that is not of the sample fleet.`, {
        hint: 'Nothing of it was changed. Remove that device if it is not needed, then start the sample fleet again.',
      })
    }
    const broker = parts.broker()
    if (canStay(parts.store, { device, directory, fleet: parts.fleet(), broker })) continue
    await stopAgent(device)
    const labels = row?.labels ?? { site, sample: 'yes' }
    const from = parts.now()
    if (row === null) claim(parts.store, device, { from, enrolledAt: null })
    const { code } = await parts.call('devices.createCode', { device, labels, confirm: false })
    // By the environment: other people of this machine can read the arguments of a process.
    const env = { MUSTER_AGENT_BROKER: withAccount(broker), MUSTER_AGENT_CODE: code }
    await runAgentProgram(['enroll', '--dir', directory, '--id', device, '--force'], { env, signal })
    claim(parts.store, device, { from, enrolledAt: parts.store.devices.find(device)?.enrolledAt ?? null })
  }
}

function withAccount({ url, username, password }: AgentBroker): string {
  const address = new URL(url)
  if (username !== null) address.username = encodeURIComponent(username)
  if (password !== null) address.password = encodeURIComponent(password)
  return address.href
}

/** Orders the sample versions on the devices that have nothing for the deployment: what an operator has put there since stays. */
export async function deploySamples(parts: PrepareParts, { signal, progress }: Work): Promise<void> {
  for (const { deployment, version } of sampleLoads) {
    stopIfCancelled(signal)
    const bare = sampleDevices.filter(
      ({ device }) => !parts.store.deployments.ofDevice(device).some((one) => one.deployment === deployment),
    )
    if (bare.length === 0) continue
    progress(0.7, `ordering ${deployment} ${version}`)
    const query = bare.map(({ device }) => `id = "${device}"`).join(' or ')
    await parts.call('deployments.apply', { query, model: deployment, version, ...sampleConfig })
  }
}

/** Waits until every device runs, or has refused, what it is ordered to run. @returns the reason of the first one that does not get there in time */
export async function awaitSamples({ store, now }: PrepareParts, { signal, progress }: Work): Promise<Problem | null> {
  const deadline = performance.now() + ACTIVE_WITHIN_MS
  for (;;) {
    stopIfCancelled(signal)
    const wanted = sampleDevices.flatMap(({ device }) => {
      const row = store.devices.find(device)
      return row === null ? [] : store.deployments.ofDevice(device).map((one) => ({ row, one }))
    })
    // What a device that is away reported last says nothing about now.
    const waiting = wanted.filter(
      ({ row, one }) => row.status !== 'online' || reportedOf(row, one.deployment)?.active?.digest !== one.digest,
    )
    // What a device refused is for the operator to see: the sample fleet lives all the same.
    const open = waiting.filter(({ row, one }) => !['rejected', 'reverted'].includes(reportedOf(row, one.deployment)?.state ?? ''))
    if (open.length === 0) return null
    if (performance.now() > deadline) return new Problem('probe.timeout', why(open[0]!.row, open[0]!.one, now()))
    progress(
      0.75 + (0.25 * (wanted.length - open.length)) / wanted.length,
      `${open.length} of ${wanted.length} deployments are on their way`,
    )
    await sleep(POLL_MS)
  }
}
