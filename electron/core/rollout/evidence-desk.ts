import type { GateEvidence } from '../../../shared/rpc/contract/gate-evidence.ts'
import { reachedStates } from '../../../shared/domain/rollout/life.ts'
import { gatePhase } from './engine/gate.ts'
import type { Live } from './engine/live.ts'
import { isFailure } from './engine/tally.ts'
import type { EvidenceQuestion, EvidenceReader } from './evidence/evidence.ts'

/** Evidence is read again after so long: what a gate says is no older, and looks in between cost nothing. */
const FRESH_MS = 10_000

/** Reads the evidence of waves, each at most so often. */
export interface EvidenceDesk {
  of(live: Live, wave: number, now: number): GateEvidence | null
  forget(rollout: number): void
}

/** Opens the desk over a reader. */
export function openEvidenceDesk(reader: Pick<EvidenceReader, 'read'>): EvidenceDesk {
  const kept = new Map<string, { at: number; evidence: GateEvidence }>()
  return {
    of(live, wave, now) {
      const key = `${live.run.id} ${wave}`
      const known = kept.get(key)
      if (known !== undefined && now - known.at < FRESH_MS && now >= known.at) return known.evidence
      const question = evidenceQuestion(live, { wave, now })
      if (question === null) return null
      const evidence = reader.read(question)
      kept.set(key, { at: now, evidence })
      return evidence
    },
    forget(rollout) {
      for (const key of kept.keys()) if (key.startsWith(`${rollout} `)) kept.delete(key)
    },
  }
}

/**
 * What is to be judged of a wave: its devices that have, or had, the version, from its opening on, against those of the target that wait for their turn.
 * @param of.wave null: all waves
 * @returns null if nothing was offered yet
 */
export function evidenceQuestion({ run }: Live, of: { wave: number | null; now: number }): EvidenceQuestion | null {
  const wave = of.wave === null ? null : run.waves[of.wave]
  const opened = of.wave === null ? run.begunAt : (wave?.openedAt ?? null)
  // What was a shadow, or answered a share, is judged anew once it is the active version.
  const isActive = of.wave !== null && gatePhase(run, of.wave) === 'active'
  if (run.target === null || opened === null) return null
  const devices: string[] = []
  const baseline: string[] = []
  const answered = { devices: 0, failures: 0 }
  for (const one of run.devices.values()) {
    if (one.attempts === 0) {
      if (one.state === 'pending' || one.state === 'skipped') baseline.push(one.device)
      continue
    }
    if (of.wave !== null && one.wave !== of.wave) continue
    devices.push(one.device)
    if (reachedStates.includes(one.state)) answered.devices += 1
    if (isFailure(one.state)) answered.failures += 1
  }
  return {
    ...{
      deployment: run.plan.deployment,
      candidate: run.target,
      method: isActive ? 'replace' : run.plan.method,
      devices,
      baseline,
      answered,
    },
    // What ended is over: later traffic is of what came after it.
    ...{ from: (isActive ? wave?.activatedAt : null) ?? opened, through: Math.min(of.now, run.endedAt ?? of.now), rules: run.plan.judge },
  }
}
