import { expect, test } from 'vitest'
import type { RolloutDevice } from '../../../../../electron/core/rollout/rollout-run.ts'
import { placeInRollout } from '../../../../../electron/core/rollout/place-in-rollout.ts'
import type { DeviceRow } from '../../../../../electron/core/store/fleet/devices.ts'
import type { ReportedDeployment, ReportedMessage } from '../../../../../shared/protocol/reported.ts'
import { digestOf, slotOf } from '../../../../harness/release-desk.ts'
import { report } from '../../../../harness/fleet.ts'

const NEW = { digest: digestOf('new'), model: 'digits', version: '1.1.0' }
const OLD = { digest: digestOf('old'), model: 'digits', version: '1.0.0' }
const candidate = slotOf(NEW)
const watch = { since: 1, inferences: 3, wanted: 10, failed: 0, notFinite: 0 }
const problem = (code: string) => ({ code, message: 'It did not work.' })

type Own = Partial<Pick<RolloutDevice, 'state' | 'counter' | 'since' | 'last'>>
const beside: Own = { last: { slot: 'beside', group: null, bytes: 0, seconds: null } }

/** Place of a device that was offered the version with counter 10, and reports something. */
function place(deployment: Partial<ReportedDeployment>, { own = {}, ...message }: { own?: Own } & Partial<ReportedMessage> = {}) {
  const slots = { state: 'idle', active: slotOf(OLD), candidate: null, lastGood: null, progress: null, problem: null }
  const reported = report('cam-1', { assignmentCounter: 10, ...message, deployments: { digits: { ...slots, ...deployment } } as never })
  const row = { device: 'cam-1', status: 'online', reported, reportedAt: 100 } as DeviceRow
  const device = { state: 'offered', counter: 10, since: 50, last: null, ...own } as RolloutDevice
  const { place: at, problem: why } = placeInRollout(row, device, { deployment: 'digits', digest: NEW.digest })
  return why === null ? at : `${at}: ${why.code}, ${why.isPassing ? 'may pass' : 'lasts'}`
}

test('a version serves once the order is taken, and its watch is over', () => {
  expect(place({ state: 'active', active: slotOf(NEW) })).toBe('active')
  expect(place({ state: 'active', active: slotOf(NEW), watch })).toBe('probing')
  expect(place({ state: 'active', active: slotOf(NEW) }, { assignmentCounter: 9 })).toBe('not-taken')
})

test('on its way it is where the newest report says, and nothing of before the order counts', () => {
  expect(place({})).toBe('not-taken')
  expect(place({ state: 'fetching', candidate })).toBe('fetching')
  for (const state of ['verified', 'preflighted', 'staged'] as const) expect(place({ state, candidate })).toBe('on-disk')
  expect(place({ state: 'probing', candidate })).toBe('probing')
  expect(place({ state: 'fetching', candidate: slotOf(OLD) })).toBe('not-taken')
  expect(place({ state: 'rejected', problem: problem('probe.budget') }, { assignmentCounter: 9 })).toBe('not-taken')
})

test('a refusal lasts if the version, or the bundle, would fail again', () => {
  const refused = (code: string, state: 'rejected' | 'reverted' = 'rejected') => place({ state, problem: problem(code) })
  expect(refused('bundle.invalid')).toBe('refused: bundle.invalid, lasts')
  expect(refused('probe.golden-mismatch')).toBe('refused: probe.golden-mismatch, lasts')
  expect(refused('watch.failed', 'reverted')).toBe('refused: watch.failed, lasts')
  expect(refused('probe.timeout')).toBe('refused: probe.timeout, may pass')
  expect(refused('transfer.no-space')).toBe('refused: transfer.no-space, may pass')
  expect(place({ state: 'rejected' })).toBe('refused: internal, lasts')
})

test('an order that could not be taken is a refusal, unless the report is older than the order', () => {
  const refused = { assignmentCounter: 9, assignmentProblem: problem('assignment.expired') }
  expect(place({}, refused as never)).toBe('refused: assignment.expired, may pass')
  expect(place({}, { ...refused, own: { since: 200 } })).toBe('not-taken')
})

test('beside the active version it counts in its role alone', () => {
  const at = (state: string, role = 'shadow') =>
    place(
      { state: 'active', beside: { role, state, content: candidate, progress: null, problem: problem('probe.budget') } as never },
      { own: beside },
    )
  expect([at('fetching'), at('verified'), at('probing'), at('active')]).toEqual(['fetching', 'on-disk', 'probing', 'beside'])
  expect([at('staged'), at('staged', 'staged')]).toEqual(['on-disk', 'beside'])
  expect(at('rejected')).toBe('refused: probe.budget, lasts')
  expect(place({ state: 'active' }, { own: beside })).toBe('not-taken')
})

test('what left a committed version is back; what takes it back is so once nothing of the version is there', () => {
  const committed = { own: { state: 'committed' as const } }
  expect(place({ state: 'reverted', problem: problem('runtime.crashed') }, committed)).toBe('back: runtime.crashed, lasts')
  const reverting = { own: { state: 'reverting' as const } }
  expect(place({ state: 'active', active: slotOf(NEW) }, reverting)).toBe('active')
  expect(place({ state: 'active' }, reverting)).toBe('back')
  expect(place({ state: 'active' }, { ...reverting, assignmentCounter: 9 })).toBe('not-taken')
})
