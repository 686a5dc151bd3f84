import type { ExplainReason } from '../../../../../../shared/domain/rollout/reason.ts'
import type { ReportedDeployment } from '../../../../../../shared/protocol/reported.ts'
import { T0 } from '../../../../../harness/fleet.ts'
import { slotOf } from '../../../../../harness/release-desk.ts'
import { fresh, NOW, old, type Scene } from './scene.ts'

const not = 'cam-12 is not on digits 1.1.0'
const watch = { since: NOW - 1000, inferences: 12, wanted: 50, failed: 0, notFinite: 0 }
const failure = { code: 'golden.mismatch', message: 'Row 3 differs.' }
const candidate = slotOf(fresh)
const window = { cron: '0 2 * * *', minutes: 60 }
const beside = (state: string): Partial<ReportedDeployment> => ({
  beside: { role: 'shadow', state, content: slotOf(fresh), progress: null, problem: null } as ReportedDeployment['beside'],
})
const flying = { state: 'fetching' as const, attempts: 1, last: { slot: 'active' as const, group: 'lyon', bytes: 8000, seconds: 2 } }

/** A situation with what is to be said of it. */
export interface Expected {
  reason: ExplainReason
  name?: string
  scene: Scene
  sentence: string
  change: string | null
}

/** At least one situation for each reason. */
export const cases: readonly Expected[] = [
  { reason: 'gone', scene: { isGone: true }, sentence: 'cam-12 is not in the fleet.', change: 'Enrol the device' },
  {
    reason: 'no-order',
    scene: { alone: true, order: null },
    sentence: 'Nothing is ordered of cam-12 for digits, and no rollout has it; it still serves digits 1.0.0 there.',
    change: 'Deploy a version',
  },
  {
    reason: 'runs',
    scene: { own: { state: 'committed' }, slots: { active: slotOf(fresh) } },
    sentence: 'cam-12 runs digits 1.1.0 since 2026-01-01T00:00:00.000Z, for 60 min.',
    change: null,
  },
  {
    reason: 'runs',
    name: 'without a rollout',
    scene: { alone: true },
    sentence: 'cam-12 runs digits 1.0.0 since 2026-01-01T00:00:00.000Z, for 60 min.',
    change: null,
  },
  {
    reason: 'on-probation',
    scene: { own: { state: 'probing' }, slots: { active: slotOf(fresh), watch } },
    sentence: 'on probation: 12 of 50 inferences seen.',
    change: '38 more inferences end the probation.',
  },
  {
    reason: 'not-in-target',
    scene: { own: null, isTarget: false, plan: { query: 'site = "lyon"' } },
    sentence: `${not}: rollout 4 is for devices with site = "lyon", and cam-12 is none of them; it runs digits 1.0.0.`,
    change: 'Change a label',
  },
  {
    reason: 'not-in-target',
    name: 'left the target',
    scene: { own: { state: 'skipped', skipped: 'it does not match any more' }, isTarget: false, plan: { query: 'site = "lyon"' } },
    sentence: 'cam-12 is none of them',
    change: 'Change a label',
  },
  {
    reason: 'overridden',
    scene: { own: { state: 'superseded', takenBy: { order: null, rollout: 6 } } },
    sentence: `${not}: rollout 6 outranks rollout 4 (priority 0) and has the device.`,
    change: 'End rollout 6',
  },
  {
    reason: 'other-order',
    scene: { own: { state: 'superseded', takenBy: { order: 17, rollout: null } } },
    sentence: `${not}: order 17 took the device out of rollout 4.`,
    change: 'Undo the order: muster orders undo 17.',
  },
  {
    reason: 'draft',
    scene: { run: { state: 'draft', startedAt: null }, own: null },
    sentence: `${not}: rollout 4 is a draft and was not started.`,
    change: 'muster rollouts start 4.',
  },
  {
    reason: 'awaiting-approval',
    scene: { run: { state: 'awaiting-approval' }, own: null },
    sentence: `${not}: rollout 4 waits for an approver since 2026-01-01T00:00:00.000Z.`,
    change: 'muster rollouts approve 4.',
  },
  {
    reason: 'not-yet',
    scene: { run: { state: 'scheduled' }, own: null, plan: { windows: { startAt: NOW + 7_200_000 } } },
    sentence: `${not}: rollout 4 begins at 2026-01-01T03:00:00.000Z, in 2 h.`,
    change: 'Time.',
  },
  {
    reason: 'stopped',
    scene: { run: { state: 'stopped', endedAt: NOW - 1000 } },
    sentence: `${not}: rollout 4 was stopped at 2026-01-01T00:59:59.000Z.`,
    change: 'Start another rollout',
  },
  {
    reason: 'reverting',
    scene: { run: { state: 'reverting' }, own: { state: 'reverting' }, slots: { active: slotOf(fresh) } },
    sentence: 'cam-12 serves digits 1.1.0: rollout 4 takes the version back, and it gets digits 1.0.0 back.',
    change: 'when it is online',
  },
  {
    reason: 'reverted',
    scene: { run: { state: 'reverted' }, own: { state: 'reverted' } },
    sentence: 'cam-12 serves digits 1.0.0: rollout 4 took the version back.',
    change: 'Start another rollout',
  },
  {
    reason: 'halted',
    scene: { run: { state: 'paused', isHalted: true }, own: flying, reported: { haltCounter: 3 } },
    sentence: `${not}: rollout 4 is paused with a halt, and the device keeps from the version (halt list 3).`,
    change: 'muster rollouts resume 4.',
  },
  {
    reason: 'paused',
    scene: { run: { state: 'paused', held: { code: 'abort', sentence: '3 of 4 devices failed, more than 20 %.' } } },
    sentence: `${not}: rollout 4 is paused: 3 of 4 devices failed, more than 20 %.`,
    change: 'muster rollouts resume 4.',
  },
  {
    reason: 'held',
    scene: { facts: { alert: 'Alert 8: drift of digits.' } },
    sentence: `${not}: an alert holds releases to digits: Alert 8: drift of digits.`,
    change: 'by itself when the alert resolves',
  },
  {
    reason: 'rejected',
    scene: { own: { state: 'rejected', attempts: 1, problem: { code: 'model.opset', message: 'Opset 30 is not known.' } } },
    sentence: `${not}: it cannot take it: Opset 30 is not known (model.opset).`,
    change: 'not tried again by itself',
  },
  {
    reason: 'rejected',
    name: 'without a rollout',
    scene: { alone: true, order: fresh, slots: { state: 'rejected', candidate, problem: failure } },
    sentence: `${not}: it cannot take it: Row 3 differs (golden.mismatch).`,
    change: 'not tried again by itself',
  },
  {
    reason: 'penalty',
    scene: { own: { state: 'failed', failures: 3, attempts: 3, problem: failure }, here: { penaltyUntil: NOW + 82_800_000 } },
    sentence: `${not}: it failed 3 times with the version and waits until 2026-01-02T00:00:00.000Z, in 23 h, last: Row 3 differs (golden.mismatch).`,
    change: 'muster rollouts lift-penalty cam-12 digits@1.1.0.',
  },
  {
    reason: 'backoff',
    scene: { own: { state: 'failed', attempts: 1, failures: 1, problem: failure, notBefore: NOW + 300_000 } },
    sentence: `${not}: try 1 failed (Row 3 differs (golden.mismatch)); the next one is at 2026-01-01T01:05:00.000Z, in 5 min.`,
    change: 'muster rollouts retry',
  },
  {
    reason: 'failed',
    scene: { own: { state: 'failed', attempts: 3, problem: failure } },
    sentence: `${not}: the version failed there after 3 tries: Row 3 differs (golden.mismatch).`,
    change: 'Fix the cause',
  },
  {
    reason: 'failed',
    name: 'without a rollout',
    scene: { alone: true, order: fresh, slots: { state: 'reverted', candidate, problem: failure } },
    sentence: `${not}: the version failed there: Row 3 differs (golden.mismatch).`,
    change: 'Fix the cause',
  },
  {
    reason: 'timed-out',
    scene: { own: { state: 'timed-out', attempts: 1, since: T0 } },
    sentence: `${not}: it was silent for longer than a stage may take (offer 1, since 2026-01-01T00:00:00.000Z).`,
    change: 'muster rollouts retry 4.',
  },
  {
    reason: 'fell-back',
    scene: { own: { state: 'fell-back', attempts: 1, since: NOW - 600_000, problem: failure } },
    sentence: `${not} any more: it went back 10 min ago: Row 3 differs (golden.mismatch).`,
    change: 'muster rollouts retry 4.',
  },
  {
    reason: 'incompatible',
    scene: { plan: { method: 'shadow' }, here: { unfit: 'nothing is active there to stand beside.' } },
    sentence: `${not}: it cannot be in the rollout: nothing is active there to stand beside.`,
    change: 'Deploy an active version',
  },
  {
    reason: 'wave',
    name: 'as the design says it',
    scene: {
      plan: { waves: [{ size: { kind: 'count', devices: 5 }, gate: { success: 0.8 } }, { size: { kind: 'rest' } }] },
      own: { wave: 1 },
      others: [...['committed', 'committed', 'committed', 'failed', 'failed'].map((state) => ({ state: state as 'failed', attempts: 1 }))],
    },
    sentence: `${not}: waiting for wave 2; wave 1 has 3 of 5 committed and needs 4 (gate: 80 %).`,
    change: 'The gate of wave 1, or a person: muster rollouts let-through 4 1.',
  },
  {
    reason: 'wave',
    name: 'for want of evidence',
    scene: { own: { wave: 1 }, waves: [{ state: 'at-gate', reachedAt: NOW }], others: [{ state: 'committed', attempts: 1 }] },
    sentence: `${not}: waiting for wave 2; the gate of wave 1 is shut: verdict: not enough evidence; needs pass.`,
    change: 'The gate of wave 1',
  },
  {
    reason: 'download-window',
    scene: { plan: { windows: { download: window } }, here: { downloadFrom: NOW + 3_600_000 } },
    sentence: `${not}: its download window opens at 2026-01-01T02:00:00.000Z, in 60 min ('0 2 * * *').`,
    change: 'Time.',
  },
  {
    reason: 'quiet-hours',
    scene: { here: { quietUntil: NOW + 3_600_000 } },
    sentence: `${not}: its link (cellular) has quiet hours until 2026-01-01T02:00:00.000Z, in 60 min.`,
    change: 'quiet hours in the price sheet',
  },
  {
    reason: 'budget',
    scene: { plan: { budget: { bytes: 1500 } }, others: [{ ...flying, bytes: 1000 }] },
    sentence: `${not}: the budget of the rollout is spent: 1 kB of 1.5 kB are offered, and the next device needs 1 kB.`,
    change: 'higher budget',
  },
  {
    reason: 'budget',
    name: 'money',
    scene: { plan: { budget: { money: 1.2 } }, others: [{ ...flying, money: 1 }] },
    sentence: `${not}: the budget of the rollout is spent: 1.00 of 1.20 are spent, and the next device costs 0.50.`,
    change: 'higher budget',
  },
  {
    reason: 'budget',
    name: 'of the month',
    scene: { facts: { isMonthSpent: true } },
    sentence: `${not}: the budget of this month is spent.`,
    change: 'higher monthly budget',
  },
  {
    reason: 'in-flight',
    scene: { plan: { pacing: { maxInFlight: 2 } }, others: [flying, flying] },
    sentence: `${not}: 2 devices are on their way, and at most 2 may be.`,
    change: 'One of them answers.',
  },
  {
    reason: 'rate',
    scene: { plan: { pacing: { perMinute: { base: 2 } } }, run: { offeredAt: [NOW - 90_000, NOW - 30_000, NOW - 10_000] } },
    sentence: `${not}: the rate is 2 per minute after 0 devices that committed; the next order may go at 2026-01-01T01:00:30.000Z, in 30 s.`,
    change: 'the rate grows',
  },
  {
    reason: 'group-budget',
    scene: { plan: { pacing: { perGroup: { attribute: 'site' } } }, others: [flying] },
    sentence: `${not}: 1 device with site lyon is on its way, and at most 1 may be.`,
    change: 'One of them answers.',
  },
  {
    reason: 'bandwidth',
    scene: { plan: { pacing: { bytesPerSecond: 4500 } }, others: [flying] },
    sentence: `${not}: the transfers on their way need 4 kB per second, its own 1 kB, and at most 4.5 kB may be used.`,
    change: 'A transfer ends.',
  },
  {
    reason: 'budget',
    name: 'of the month, for what is left of it',
    scene: { facts: { monthLeft: 0.2 } },
    sentence: `${not}: the budget of this month has 0.20 left, and the next device costs 0.50.`,
    change: 'higher monthly budget',
  },
  {
    reason: 'bandwidth',
    name: 'of unknown transfers',
    scene: { plan: { pacing: { bytesPerSecond: 4500 } }, others: [{ ...flying, last: { ...flying.last, seconds: null } }] },
    sentence: `${not}: 1 transfer of unknown speed is on the way, its own 1 kB, and at most 4.5 kB may be used.`,
    change: 'A transfer ends.',
  },
  {
    reason: 'in-flight',
    name: 'for the activation',
    scene: {
      plan: { method: 'shadow', pacing: { maxInFlight: 1 } },
      own: { state: 'shadowing', last: { ...flying.last, slot: 'beside' } },
      waves: [{ state: 'at-gate', activatedAt: NOW }],
      others: [flying],
    },
    sentence: `${not}: 1 device is on its way, and at most 1 may be.`,
    change: 'One of them answers.',
  },
  {
    reason: 'next',
    name: 'for the activation',
    scene: {
      plan: { method: 'shadow' },
      own: { state: 'shadowing', last: { ...flying.last, slot: 'beside' } },
      waves: [{ state: 'at-gate', activatedAt: NOW }],
    },
    sentence: `${not}: it gets the order of rollout 4 to activate it next.`,
    change: null,
  },
  {
    reason: 'wave',
    name: 'after a gate that was shut again',
    scene: {
      own: { wave: 1 },
      waves: [{ state: 'at-gate', reachedAt: NOW }, { state: 'open' }],
      others: [
        { state: 'fell-back', attempts: 1 },
        { state: 'committed', attempts: 1 },
      ],
    },
    sentence: `${not}: waiting for wave 2; wave 1 has 1 of 2 committed and needs 2 (gate: 90 %).`,
    change: 'The gate of wave 1',
  },
  {
    reason: 'activation-window',
    name: 'of a device that has nothing to stand beside',
    scene: { plan: { windows: { activation: window } }, here: { activationFrom: NOW + 3_600_000 } },
    sentence: `${not}: it gets download and activation in one order, and its activation window opens at 2026-01-01T02:00:00.000Z, in 60 min`,
    change: 'Time.',
  },
  { reason: 'never-seen', scene: { status: 'never-seen' }, sentence: `${not}: it has not connected yet.`, change: 'The device connects.' },
  { reason: 'offline', scene: { status: 'offline' }, sentence: `${not}: it is offline for 5 min.`, change: 'when the device connects' },
  { reason: 'next', scene: {}, sentence: `${not}: it gets the order of rollout 4 next.`, change: null },
  {
    reason: 'assignment-refused',
    scene: {
      own: { state: 'offered', counter: 8 },
      reported: { assignmentProblem: { code: 'assignment.signature', message: 'The signature is not of this fleet.' } },
    },
    sentence: `${not}: it could not take the order: The signature is not of this fleet (assignment.signature).`,
    change: 'Fix the cause',
  },
  {
    reason: 'ordered',
    scene: { own: { state: 'offered', counter: 8, since: NOW - 5000 } },
    sentence: `${not}: the order is on its way for 5 s.`,
    change: null,
  },
  {
    reason: 'fetching',
    scene: {
      own: { state: 'fetching' },
      slots: { state: 'fetching', candidate, progress: { blocksHave: 3, blocksTotal: 8, bytesReceived: 1 } },
    },
    sentence: `${not}: it is fetching the bundle: 3 of 8 blocks are there.`,
    change: null,
  },
  {
    reason: 'lock',
    scene: {
      own: { state: 'fetching' },
      slots: { state: 'staged', candidate },
      reported: { lock: { reason: 'a measurement runs', since: T0, until: NOW + 60_000 } },
    },
    sentence: `${not}: it waits for the application lock of cam-12: a measurement runs, until 2026-01-01T01:01:00.000Z, in 60 s.`,
    change: 'gives the lock back',
  },
  {
    reason: 'preflight',
    scene: {
      own: { state: 'fetching' },
      slots: { state: 'verified', candidate, problem: { code: 'disk.full', message: 'It needs 40 MB and has 3.' } },
    },
    sentence: `${not}: the bundle is on the device and is being checked: It needs 40 MB and has 3 (disk.full).`,
    change: 'Room on the device.',
  },
  {
    reason: 'activation-window',
    scene: { own: { state: 'staged' }, plan: { windows: { activation: window } }, here: { activationFrom: NOW + 3_600_000 } },
    sentence: `${not}: the bundle is on the device, and its activation window opens at 2026-01-01T02:00:00.000Z, in 60 min ('0 2 * * *').`,
    change: 'Time.',
  },
  {
    reason: 'staged',
    scene: { plan: { method: 'stage' }, own: { state: 'staged' }, waves: [{ state: 'at-gate', reachedAt: NOW - 1 }] },
    sentence: `${not}: the bundle is on the device and waits to be activated.`,
    change: 'The order to activate it.',
  },
  {
    reason: 'shadowing',
    scene: { plan: { method: 'shadow', isComparison: true }, own: { state: 'shadowing' }, slots: beside('active') },
    sentence: 'digits 1.1.0 is compared as a shadow and answers nobody on cam-12 for 60 s; a person promotes or discards it.',
    change: 'muster rollouts promote 4.',
  },
  {
    reason: 'splitting',
    scene: {
      plan: { method: 'split', percent: 20 },
      own: { state: 'splitting' },
      slots: beside('active'),
      waves: [{ state: 'at-gate', reachedAt: NOW }],
    },
    sentence:
      'digits 1.1.0 answers 20 % of the keys on cam-12 for 60 s; the gate of wave 1 is shut: verdict: not enough evidence; needs pass.',
    change: 'The gate of its wave.',
  },
  {
    reason: 'probing',
    scene: { own: { state: 'probing' }, slots: { state: 'probing', candidate } },
    sentence: `${not} yet: it is being tried there.`,
    change: 'by itself',
  },
  {
    reason: 'no-answer',
    scene: { own: { state: 'offered', counter: 8, since: NOW - 600_000 } },
    sentence: `${not}: it has not answered the order for 10 min.`,
    change: 'A report of the device.',
  },
]

/** Two things that are true at once: the first of the table is told. */
export const both: readonly { name: string; scene: Scene; reason: ExplainReason }[] = [
  { name: 'it runs and the rollout is paused', scene: { slots: { active: slotOf(fresh) }, run: { state: 'paused' } }, reason: 'runs' },
  {
    name: 'it runs and is not in the target any more',
    scene: { slots: { active: slotOf(fresh) }, isTarget: false, own: null },
    reason: 'runs',
  },
  {
    name: 'it still runs it while the rollout takes it back',
    scene: { slots: { active: slotOf(fresh) }, run: { state: 'reverting' } },
    reason: 'reverting',
  },
  { name: 'its wave has not begun and an alert holds', scene: { own: { wave: 1 }, facts: { alert: 'Drift.' } }, reason: 'held' },
  { name: 'started in spite of the alert', scene: { facts: { alert: 'Drift.' }, run: { despiteAlerts: true } }, reason: 'next' },
  { name: 'its wave has not begun and it is offline', scene: { own: { wave: 1 }, status: 'offline' }, reason: 'wave' },
  {
    name: 'the window is shut and the budget is spent',
    scene: { plan: { windows: { download: window } }, here: { downloadFrom: NOW + 1 }, facts: { isMonthSpent: true } },
    reason: 'download-window',
  },
  {
    name: 'paused, but it fetches already',
    scene: { run: { state: 'paused' }, own: { state: 'fetching' }, slots: { state: 'fetching', candidate } },
    reason: 'fetching',
  },
  { name: 'paused with a halt, and it fetches', scene: { run: { state: 'paused', isHalted: true }, own: flying }, reason: 'halted' },
  {
    name: 'it failed and is tried again later',
    scene: { own: { state: 'failed', attempts: 1, notBefore: NOW + 1000, problem: failure } },
    reason: 'backoff',
  },
  {
    name: 'failed three times: the penalty is longer than the pause',
    scene: { own: { state: 'failed', failures: 3, attempts: 3, notBefore: NOW + 1000, problem: failure } },
    reason: 'penalty',
  },
  {
    name: 'the pause before the next try is over',
    scene: { own: { state: 'failed', attempts: 1, notBefore: NOW, problem: failure } },
    reason: 'failed',
  },
  { name: 'offered and offline', scene: { own: { state: 'offered', counter: 8 }, status: 'offline' }, reason: 'offline' },
  {
    name: 'fetching and offline',
    scene: { own: { state: 'fetching' }, status: 'offline', slots: { state: 'fetching', candidate } },
    reason: 'offline',
  },
  {
    name: 'locked while it is being checked',
    scene: {
      own: { state: 'fetching' },
      slots: { state: 'verified', candidate },
      reported: { lock: { reason: 'x', since: T0, until: NOW + 1 } },
    },
    reason: 'lock',
  },
  {
    name: 'a lock that has ended',
    scene: {
      own: { state: 'fetching' },
      slots: { state: 'verified', candidate },
      reported: { lock: { reason: 'x', since: T0, until: NOW } },
    },
    reason: 'preflight',
  },
  {
    name: 'overridden in a rollout that was stopped',
    scene: { run: { state: 'stopped' }, own: { state: 'superseded', takenBy: { order: null, rollout: 6 } } },
    reason: 'overridden',
  },
  { name: 'a first transfer is larger than the bandwidth', scene: { plan: { pacing: { bytesPerSecond: 1 } } }, reason: 'next' },
  {
    name: 'an order of a person that is on its way',
    scene: { alone: true, order: { ...fresh, orderedAt: NOW - 1000 }, orderCounter: 8 },
    reason: 'ordered',
  },
  {
    name: 'what a device reports of another version says nothing',
    scene: { alone: true, order: { ...fresh, orderedAt: T0 }, slots: { state: 'rejected', candidate: slotOf(old), problem: failure } },
    reason: 'no-answer',
  },
]
