import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { deploymentsHandlers } from '../../electron/core/api/deployments.ts'
import { ordersHandlers } from '../../electron/core/api/orders.ts'
import { rolloutActsHandlers } from '../../electron/core/api/rollout-acts.ts'
import { rolloutsHandlers } from '../../electron/core/api/rollouts.ts'
import { openCosts } from '../../electron/core/costs/open-costs.ts'
import type { EvidenceQuestion } from '../../electron/core/rollout/evidence/evidence.ts'
import { openHaltList } from '../../electron/core/rollout/halt-list.ts'
import { openOfferTimes } from '../../electron/core/rollout/offer-times.ts'
import { openRollouts, type Rollouts } from '../../electron/core/rollout/open-rollouts.ts'
import { openWindows } from '../../electron/core/rollout/planning/windows.ts'
import { rolloutParts } from '../../electron/core/rollout/rollout-parts.ts'
import { openTelemetryQueries } from '../../electron/core/store/telemetry/queries.ts'
import { rolloutPlan, type RolloutPlanInput } from '../../shared/domain/rollout/plan.ts'
import type { Verdict } from '../../shared/domain/rollout/judge.ts'
import type { GateEvidence } from '../../shared/rpc/contract/gate-evidence.ts'
import { openReleaseDesk } from './release-desk.ts'

/** Rollouts over a real store, a real registry and real keys; devices are played, and what the comparison says is a setting. */
export function openRolloutDesk(from: string | null = null) {
  const desk = openReleaseDesk(from)
  const { store, registry, clock, parts } = desk
  const telemetry = openTelemetryQueries(join(desk.directory, 'telemetry.db'))
  onTestFinished(() => telemetry.close())
  const now = (): number => clock.at
  const windows = openWindows('UTC')
  const says = { verdict: 'pass' as Verdict, reads: 0, brokenFor: null as string | null }
  const evidence = {
    read(question: EvidenceQuestion): GateEvidence {
      if (says.brokenFor !== null && question.devices.includes(says.brokenFor)) throw new Error('the evidence cannot be read')
      says.reads += 1
      return evidenceOf(question, { verdict: says.verdict, at: now() })
    },
    compare: (question: EvidenceQuestion) => ({
      ...{ evidence: evidenceOf(question, { verdict: says.verdict, at: now() }), series: [] },
      ...{ latency: { candidate: null, incumbent: null }, pairs: [] },
    }),
  }
  const logged: { message: string; detail: Record<string, unknown> | undefined }[] = []
  let rollouts: Rollouts
  const costs = openCosts({ ...{ store, registry, telemetry, windows, now }, ...openOfferTimes(store, () => rollouts) })
  const open = (): Rollouts => {
    const halts = openHaltList({ store, fleet: 'test', keyring: parts.keyring })
    const log = (_level: string, message: string, detail?: Record<string, unknown>): void => void logged.push({ message, detail })
    return openRollouts(rolloutParts({ ...parts, costs }, { windows, evidence, halts, log }))
  }
  rollouts = open()
  const api = {
    ...{ store, now },
    get rollouts() {
      return rollouts
    },
  }
  const register = (): void => {
    const views = { ...parts, rollouts }
    Object.assign(desk.handlers, rolloutsHandlers(api), rolloutActsHandlers(api), deploymentsHandlers(views), ordersHandlers(views))
  }
  register()

  /** Looks until nothing more is to be done. */
  function settle(): void {
    rollouts.wake()
    for (let round = 0; rollouts.look(); round += 1) if (round > 50) throw new Error('the rollouts do not come to rest')
  }
  const state = (rollout: number, device: string): string | null => rollouts.runs.require(rollout).run.devices.get(device)?.state ?? null

  return {
    ...desk,
    ...{ says, logged, costs, telemetry, settle, state },
    get rollouts() {
      return rollouts
    },
    /** The console is killed and started again: nothing is left of what was in memory. */
    restart(): void {
      rollouts = open()
      register()
    },
    run: (rollout: number) => rollouts.runs.require(rollout).run,
    tick(ms: number): void {
      clock.at += ms
      settle()
    },
    /** Writes a plan down, starts it and lets the engine act. */
    async begin(plan: Partial<RolloutPlanInput>, as: { actor?: string } = {}): Promise<number> {
      const whole = rolloutPlan.parse({ deployment: 'digits', model: 'digits', version: '1.1.0', ...plan })
      const { rollout } = await desk.call('rollouts.create', { plan: whole }, as)
      await desk.call('rollouts.start', { rollout }, as)
      settle()
      return rollout
    },
    /** Every device that is ordered to do so has the version of the rollout, and its watch is over. */
    commit(rollout: number, ...devices: string[]): void {
      const target = rollouts.runs.require(rollout).run.target!
      for (const device of devices) desk.runs(device, rollouts.runs.require(rollout).run.plan.deployment, target)
      settle()
    },
    /** Kinds of event of a rollout, in the order of the log. */
    kinds: (rollout: number): string[] =>
      [...store.rolloutEvents.all(rollout)].map(({ kind, device }) => (device === null ? kind : `${kind} ${device}`)),
  }
}

/** Versions of digits by name, in a directory that desks begin with a copy of: an import takes seconds. */
let template: string | null = null

/** A fleet that serves digits 1.0.0, with 1.1.0 in the registry. */
export async function openDigitsDesk(devices: readonly string[]) {
  if (template === null) {
    const first = openReleaseDesk()
    await first.importSample('digits', '1.0.0')
    await first.importSample('digits', '1.1.0')
    first.store.db.pragma('wal_checkpoint(TRUNCATE)')
    const kept = mkdtempSync(join(tmpdir(), 'muster-digits-'))
    cpSync(first.directory, kept, { recursive: true })
    process.on('exit', () => rmSync(kept, { recursive: true, force: true }))
    template = kept
  }
  const desk = openRolloutDesk(template)
  const [old, next] = ['1.0.0', '1.1.0'].map((version) => desk.registry.version('digits', version))
  desk.join(...devices)
  await desk.call('deployments.apply', { query: '', model: 'digits', version: '1.0.0', deployment: 'digits' })
  for (const device of devices) desk.runs(device, 'digits', old!)
  return { desk, old: old!, next: next! }
}

function evidenceOf(question: EvidenceQuestion, of: { verdict: Verdict; at: number }): GateEvidence {
  const { devices, failures } = question.answered
  return {
    ...{ at: of.at, from: question.from, verdict: of.verdict, sentence: `The verdict is ${of.verdict}.`, metrics: [] },
    ...{ candidateDevices: question.devices.length, incumbentDevices: question.baseline.length, incumbent: null },
    sizeBound: { failures, devices, high: 1 },
  }
}
