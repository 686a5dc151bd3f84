import type { DeviceFacts, Facts } from '../../../../../../electron/core/rollout/engine/facts.ts'
import { recount } from '../../../../../../electron/core/rollout/engine/tally.ts'
import type { Question, RolloutAtHand } from '../../../../../../electron/core/rollout/explain/case.ts'
import type { RolloutDevice, RolloutRun, WaveRun } from '../../../../../../electron/core/rollout/rollout-run.ts'
import type { RosterEntry } from '../../../../../../electron/core/store/fleet/roster-rows.ts'
import type { DeploymentRow } from '../../../../../../electron/core/store/fleet/deployments.ts'
import type { RolloutPlanInput } from '../../../../../../shared/domain/rollout/plan.ts'
import type { ReportedDeployment, ReportedMessage } from '../../../../../../shared/protocol/reported.ts'
import { report, T0 } from '../../../../../harness/fleet.ts'
import { digitsPlan } from '../../../../../harness/planning-desk.ts'
import { digestOf, slotOf } from '../../../../../harness/release-desk.ts'

export const NOW = T0 + 3_600_000
export const old = { digest: digestOf('1.0.0'), model: 'digits', version: '1.0.0' } as const
export const fresh = { digest: digestOf('1.1.0'), model: 'digits', version: '1.1.0' }

/** What a case differs in from a device that runs 1.0.0 and waits in wave 1 of a rollout of 1.1.0. */
export interface Scene {
  plan?: Partial<RolloutPlanInput>
  run?: Partial<RolloutRun>
  waves?: Partial<WaveRun>[]
  own?: Partial<RolloutDevice> | null
  here?: Partial<DeviceFacts>
  facts?: Partial<Facts>
  /** Further devices of the rollout. */
  others?: Partial<RolloutDevice>[]
  status?: 'online' | 'offline' | 'never-seen'
  slots?: Partial<ReportedDeployment>
  reported?: Partial<ReportedMessage>
  order?: Partial<DeploymentRow> | null
  orderCounter?: number
  isTarget?: boolean
  isGone?: boolean
  /** No rollout has a say. */
  alone?: boolean
}

export function questionOf(scene: Scene): Question {
  const entry = scene.isGone === true ? null : entryOf(scene)
  return { device: 'cam-12', deployment: 'digits', now: NOW, entry, under: scene.alone === true ? null : atHand(scene) }
}

export function atHand(scene: Scene): RolloutAtHand {
  const run = runOf(scene)
  const facts: Facts = {
    ...{ now: NOW, targets: ['cam-12'], alert: null, isMonthSpent: false, evidence: () => null },
    isTarget: () => scene.isTarget !== false,
    of: () => (scene.isGone === true ? null : factsOf(scene)),
    ...scene.facts,
  }
  return { run, tally: recount(run), facts }
}

function runOf({ plan, run, waves, own, others }: Scene): RolloutRun {
  const full = digitsPlan({ waves: [{ size: { kind: 'count', devices: 5 } }, { size: { kind: 'rest' } }], ...plan })
  const devices = [...(own === null ? [] : [deviceOf('cam-12', own ?? {})]), ...(others ?? []).map((one, n) => deviceOf(`other-${n}`, one))]
  return {
    ...{ id: 4, plan: full, state: 'running', target: fresh, createdAt: T0, createdBy: 'kim', startedAt: T0, begunAt: T0, endedAt: null },
    ...{ editedBy: [], startedBy: 'kim' },
    waves: full.waves.map((_, i) => ({
      ...{ state: i === 0 ? 'open' : 'waiting', openedAt: T0, reachedAt: null, passedAt: null, activatedAt: null },
      ...{ isLetThrough: false, boundary: null, evidence: null },
      ...waves?.[i],
    })) as WaveRun[],
    devices: new Map(devices.map((one) => [one.device, one])),
    ...{
      acknowledged: 0,
      held: null,
      despiteAlerts: false,
      resumedAt: null,
      offeredAt: [],
      isHalted: false,
      approvals: [],
      decided: null,
      seq: 9,
    },
    ...run,
  }
}

function deviceOf(device: string, change: Partial<RolloutDevice>): RolloutDevice {
  return {
    ...{
      device,
      wave: 0,
      state: 'pending',
      since: NOW - 60_000,
      attempts: 0,
      order: null,
      counter: null,
      previous: { ...old, role: 'active', terms: {} },
      last: null,
    },
    ...{
      failures: 0,
      isAcknowledged: false,
      deadline: null,
      bytes: 0,
      money: 0,
      problem: null,
      notBefore: null,
      takenBy: null,
      skipped: null,
    },
    ...change,
  }
}

function factsOf({ here, status }: Scene): DeviceFacts {
  return {
    ...{ device: 'cam-12', isOnline: status === undefined || status === 'online', isNeverSeen: status === 'never-seen', lastSeenAt: NOW },
    ...{ queryWave: null, stratum: '', group: 'lyon', standing: null, takenBy: null, unfit: null, place: 'not-taken', problem: null },
    ...{ penaltyUntil: null, quietUntil: null, downloadFrom: 0, activationFrom: 0, isLocked: false },
    offer: { link: 'cellular', bytes: 1000, money: 0.5, seconds: 1 },
    ...here,
  }
}

function entryOf({ status, slots, reported, order, orderCounter }: Scene): RosterEntry {
  const deployment = {
    state: 'active',
    active: slotOf(old),
    candidate: null,
    lastGood: null,
    progress: null,
    problem: null,
    watch: null,
    beside: null,
  }
  const standing = { device: 'cam-12', deployment: 'digits', ...old, orderedAt: T0, asked: 1, terms: {}, beside: null, ...order }
  return {
    row: {
      ...{
        device: 'cam-12',
        secretHash: '',
        labels: {},
        enrolledAt: T0,
        status: status ?? 'online',
        boot: 'boot-1',
        agentVersion: '0.1.0',
      },
      ...{ lastSeenAt: NOW - 300_000, reportedAt: NOW },
      reported: report('cam-12', {
        assignmentCounter: 7,
        deployments: { digits: { ...deployment, ...slots } } as ReportedMessage['deployments'],
        ...reported,
      }),
    },
    orders: order === null ? [] : [standing],
    orderCounter: orderCounter ?? 7,
  } as unknown as RosterEntry
}
