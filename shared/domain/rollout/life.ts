/**
 * Life of a rollout. `draft`: written, nothing happens. `awaiting-approval`: started, a person must approve it or its version. `scheduled`: waits for
 * its time. `running`: offers the version wave by wave. `paused`: offers nothing; devices finish what they began. `completed`: every wave has passed.
 * `stopped`: ended, devices keep what they have. `reverting`: devices get back what they had. `reverted`: all that can have it back.
 */
export const rolloutStates = [
  'draft',
  'awaiting-approval',
  'scheduled',
  'running',
  'paused',
  'completed',
  'stopped',
  'reverting',
  'reverted',
] as const
export type RolloutState = (typeof rolloutStates)[number]

/** What can happen to a rollout as a whole. */
export type RolloutHappening =
  | 'submit'
  | 'approve'
  | 'refuse'
  | 'begin'
  | 'pause'
  | 'resume'
  | 'complete'
  | 'reopen'
  | 'stop'
  | 'revert'
  | 'all-back'

/** The one table of the life of a rollout; a pair that is not here is a bug. */
export const rolloutTransitions = {
  draft: { submit: 'awaiting-approval', approve: 'scheduled' },
  'awaiting-approval': { approve: 'scheduled', refuse: 'draft', stop: 'stopped' },
  scheduled: { begin: 'running', pause: 'paused', stop: 'stopped', revert: 'stopped' },
  running: { pause: 'paused', complete: 'completed', stop: 'stopped', revert: 'reverting' },
  paused: { resume: 'running', stop: 'stopped', revert: 'reverting' },
  completed: { reopen: 'running', revert: 'reverting' },
  stopped: { revert: 'reverting' },
  reverting: { 'all-back': 'reverted', stop: 'stopped' },
  reverted: {},
} as const satisfies Record<RolloutState, Partial<Record<RolloutHappening, RolloutState>>>

/** The state after something happened. @throws Error for a pair that the table does not have: that is a bug */
export function nextRolloutState(from: RolloutState, happening: RolloutHappening): RolloutState {
  const row: Partial<Record<RolloutHappening, RolloutState>> = rolloutTransitions[from]
  const next = row[happening]
  if (next === undefined) throw new Error(`rollout: '${happening}' is not allowed in '${from}'`)
  return next
}

/** True if the table has the pair: a person may do it now. */
export function mayHappen(from: RolloutState, happening: RolloutHappening): boolean {
  return Object.hasOwn(rolloutTransitions[from], happening)
}

/** States in which a rollout has devices in its hand: at most one per device and deployment is in force. */
export const liveRolloutStates: readonly RolloutState[] = ['scheduled', 'running', 'paused', 'reverting']

/** Where a device is in a rollout; each has one sentence in `rolloutDeviceMeanings`. */
export const rolloutDeviceStates = [
  'pending',
  'offered',
  'fetching',
  'staged',
  'shadowing',
  'splitting',
  'activating',
  'probing',
  'committed',
  'rejected',
  'failed',
  'timed-out',
  'unreachable',
  'superseded',
  'skipped',
  'fell-back',
  'reverting',
  'reverted',
] as const
export type RolloutDeviceState = (typeof rolloutDeviceStates)[number]

/** One sentence for each state of a device in a rollout. */
export const rolloutDeviceMeanings: Record<RolloutDeviceState, string> = {
  pending: 'The device has not got the order: its wave, a window, the pace or a limit holds it.',
  offered: 'The order is on its way; the device has not taken it up yet.',
  fetching: 'The device is fetching the bundle.',
  staged: 'The bundle is on the device, checked, and waits to be activated.',
  shadowing: 'The version sees the same inputs as the active one and answers nobody.',
  splitting: 'The version answers a share of the keys.',
  activating: 'The order to make the version active is on its way.',
  probing: 'The version is being tried, or serves on probation while the one before is kept warm.',
  committed: 'The version passed its probation on the device and serves.',
  rejected: 'The device cannot take the version; it is not tried again.',
  failed: 'The version failed on the device, which serves what it had.',
  'timed-out': 'The device stayed in a stage for longer than that may take.',
  unreachable: 'The device is offline since the order was made; it gets it when it connects.',
  superseded: 'A newer order, or a rollout that outranks this one, has the device.',
  skipped: 'The device is no longer, or cannot be, in the rollout.',
  'fell-back': 'The device had committed the version and went back from it.',
  reverting: 'The device is ordered to take back what it had.',
  reverted: 'The device serves again what it had before.',
}

/** Devices that are on their way: they count against the pace and the budgets of disruption. */
export const inFlightStates: readonly RolloutDeviceState[] = ['offered', 'fetching', 'activating', 'probing']

/** Devices that have answered: the denominator of gates and abort rules. */
export const reachedStates: readonly RolloutDeviceState[] = ['committed', 'rejected', 'failed', 'timed-out', 'fell-back']

const answers = {
  reject: 'rejected',
  fail: 'failed',
  'time-out': 'timed-out',
  lose: 'unreachable',
  supersede: 'superseded',
  skip: 'skipped',
} as const
const way = {
  fetch: 'fetching',
  stage: 'staged',
  shadow: 'shadowing',
  split: 'splitting',
  probe: 'probing',
  commit: 'committed',
  revert: 'reverting',
} as const

/** What can happen to a device in a rollout. */
export type DeviceHappening =
  | 'offer'
  | 'activate'
  | 'retry'
  | 'find'
  | 'return'
  | 'fall-back'
  | 'all-back'
  | keyof typeof answers
  | keyof typeof way

/**
 * The one table of a device in a rollout; a pair that is not here is a bug. `lose` and `find`: it was away for longer than the plan allows, and came back.
 * `return`: it matches the target again. `retry`: it is offered the version once more. `fall-back`: it left a version that it had committed.
 * A state may be met late, as after a restart of the console: each stage of the way may be skipped.
 */
export const deviceTransitions = {
  pending: { offer: 'offered', skip: 'skipped', supersede: 'superseded', commit: 'committed', revert: 'reverting' },
  offered: { ...way, ...answers },
  fetching: { ...way, ...answers },
  staged: { ...way, ...answers, activate: 'activating' },
  shadowing: { ...way, ...answers, activate: 'activating' },
  splitting: { ...way, ...answers, activate: 'activating' },
  activating: { ...way, ...answers },
  probing: { ...way, ...answers },
  committed: { 'fall-back': 'fell-back', supersede: 'superseded', skip: 'skipped', revert: 'reverting' },
  rejected: { retry: 'pending', supersede: 'superseded', skip: 'skipped', revert: 'reverting', commit: 'committed' },
  failed: { retry: 'pending', supersede: 'superseded', skip: 'skipped', revert: 'reverting', commit: 'committed' },
  'timed-out': {
    retry: 'pending',
    supersede: 'superseded',
    skip: 'skipped',
    revert: 'reverting',
    commit: 'committed',
    fail: 'failed',
    reject: 'rejected',
  },
  unreachable: {
    find: 'offered',
    supersede: 'superseded',
    skip: 'skipped',
    revert: 'reverting',
    commit: 'committed',
    'time-out': 'timed-out',
  },
  superseded: { return: 'pending', revert: 'reverting' },
  skipped: { return: 'pending' },
  'fell-back': { retry: 'pending', supersede: 'superseded', skip: 'skipped', revert: 'reverting', commit: 'committed' },
  reverting: { 'all-back': 'reverted', supersede: 'superseded', skip: 'skipped' },
  reverted: { supersede: 'superseded', skip: 'skipped' },
} as const satisfies Record<RolloutDeviceState, Partial<Record<DeviceHappening, RolloutDeviceState>>>

/** The state after something happened to a device. @throws Error for a pair that the table does not have: that is a bug */
export function nextDeviceState(from: RolloutDeviceState, happening: DeviceHappening): RolloutDeviceState {
  const row: Partial<Record<DeviceHappening, RolloutDeviceState>> = deviceTransitions[from]
  const next = row[happening]
  if (next === undefined) throw new Error(`device in a rollout: '${happening}' is not allowed in '${from}'`)
  return next
}

/** Where a wave is. `waiting`: not begun. `open`: its devices get the order. `at-gate`: all were offered, the gate is not through. `passed`: the next may begin. */
export const waveStates = ['waiting', 'open', 'at-gate', 'passed'] as const
export type WaveState = (typeof waveStates)[number]
