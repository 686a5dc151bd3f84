import { describe, expect, test } from 'vitest'
import { placeOf, type DevicePlace } from '../../../../../electron/core/orders/device-state.ts'
import type { DeviceRow } from '../../../../../electron/core/store/fleet/devices.ts'
import type { OrderDeviceRow } from '../../../../../electron/core/store/fleet/orders.ts'
import type { Wanted } from '../../../../../electron/core/store/fleet/terms.ts'
import type { ReportedDeployment, ReportedMessage } from '../../../../../shared/protocol/reported.ts'
import { report, T0 } from '../../../../harness/fleet.ts'
import { digestOf, slotOf } from '../../../../harness/release-desk.ts'

const v1: Wanted = { digest: digestOf('1'), model: 'digits', version: '1.0.0', role: 'active', terms: {} }
const v2: Wanted = { digest: digestOf('2'), model: 'digits', version: '2.0.0', role: 'active', terms: {} }
const ORDERED = T0 + 1000
const COUNTER = 7

const row: OrderDeviceRow = {
  ...{
    order: 1,
    device: 'cam-1',
    deployment: 'digits',
    slot: 'active',
    wanted: v2,
    previous: v1,
    endedBeside: null,
    counter: COUNTER,
    reachedAt: null,
    leftHow: null,
    leftBy: null,
  },
}

interface Said {
  counter?: number
  slots?: Partial<ReportedDeployment> | null
  status?: DeviceRow['status']
  reportedAt?: number
  refusal?: ReportedMessage['assignmentProblem']
  enrolledAt?: number
}

function device({
  counter = COUNTER,
  slots = {},
  status = 'online',
  reportedAt = ORDERED + 1,
  refusal = null,
  enrolledAt = T0,
}: Said): DeviceRow {
  const empty = { state: 'idle', active: null, candidate: null, lastGood: null, progress: null, problem: null, watch: null, beside: null }
  const deployments = slots === null ? {} : { digits: { ...empty, ...slots } }
  const reported = report('cam-1', {
    assignmentCounter: counter,
    assignmentProblem: refusal,
    deployments: deployments,
  })
  return {
    device: 'cam-1',
    secretHash: '',
    labels: {},
    enrolledAt,
    status,
    boot: 'boot-1',
    agentVersion: '0.1.0',
    lastSeenAt: T0,
    reported,
    reportedAt,
  }
}

const place = (one: OrderDeviceRow, of: DeviceRow | null): DevicePlace =>
  placeOf(one, of, { createdAt: ORDERED, sizeOf: () => ({ bytes: 1000, blocks: 10 }) })
const problem = { code: 'probe.golden-mismatch', message: 'It answers differently.' }
const candidate = slotOf(v2)
const active = slotOf(v1)

describe('where a device is on an order', () => {
  const rows: { name: string; row?: Partial<OrderDeviceRow>; said: Said | null; is: Partial<DevicePlace> }[] = [
    {
      name: 'it has not taken the order up',
      said: { counter: 6, slots: { state: 'active', active } },
      is: { state: 'ordered', share: null },
    },
    { name: 'it is offline', said: { counter: 6, status: 'offline' }, is: { state: 'waiting' } },
    { name: 'it was never seen', said: { counter: 0, status: 'never-seen' }, is: { state: 'waiting' } },
    {
      name: 'it fetches',
      said: { slots: { state: 'fetching', active, candidate, progress: { blocksHave: 4, blocksTotal: 10, bytesReceived: 300 } } },
      is: { state: 'fetching', share: 0.4, bytesPlanned: 1000, bytesPresent: 400 },
    },
    {
      name: 'it fetches the manifest, whose blocks are not those of the bundle',
      said: { slots: { state: 'fetching', candidate, progress: { blocksHave: 1, blocksTotal: 1, bytesReceived: 20 } } },
      is: { state: 'fetching', share: 0, bytesPresent: 0 },
    },
    {
      name: 'it went offline while it fetched',
      said: {
        status: 'offline',
        slots: { state: 'fetching', candidate, progress: { blocksHave: 5, blocksTotal: 10, bytesReceived: 500 } },
      },
      is: { state: 'waiting', share: 0.5, bytesPresent: 500 },
    },
    {
      name: 'it fetches and met a passing problem',
      said: { slots: { state: 'fetching', candidate, problem: { code: 'transfer.no-space', message: 'full' } } },
      is: { state: 'fetching', problem: { code: 'transfer.no-space', message: 'full' } },
    },
    ...(['verified', 'preflighted', 'staged', 'probing'] as const).map((state) => ({
      name: `it is ${state}`,
      said: { slots: { state, active, candidate } },
      is: { state: 'checking' as const, share: 1, bytesPresent: 1000 },
    })),
    { name: 'it runs it', said: { slots: { state: 'active', active: slotOf(v2) } }, is: { state: 'active', share: 1, bytesPresent: 1000 } },
    {
      name: 'it runs it by an order of before, and has not taken up this one',
      said: { counter: 6, slots: { state: 'active', active: slotOf(v2) } },
      is: { state: 'ordered' },
    },
    { name: 'it refused it', said: { slots: { state: 'rejected', active, problem } }, is: { state: 'failed', problem } },
    { name: 'it fell back from it', said: { slots: { state: 'reverted', active, problem } }, is: { state: 'failed', problem } },
    {
      name: 'it refused another one before',
      said: { counter: 6, slots: { state: 'rejected', active, problem } },
      is: { state: 'ordered', problem: null },
    },
    {
      name: 'it could not take the order',
      said: { counter: 6, refusal: { code: 'assignment.expired', message: 'too old' } },
      is: { state: 'failed', problem: { code: 'assignment.expired', message: 'too old' } },
    },
    {
      name: 'a refusal that came before the order says nothing about it',
      said: { counter: 6, refusal: { code: 'assignment.expired', message: 'too old' }, reportedAt: ORDERED - 1 },
      is: { state: 'ordered' },
    },
    { name: 'it was to stop serving, and did', row: { wanted: null }, said: { slots: null }, is: { state: 'removed', bytesPlanned: 0 } },
    {
      name: 'it was to stop serving, and serves',
      row: { wanted: null },
      said: { slots: { state: 'active', active } },
      is: { state: 'ordered' },
    },
    {
      name: 'a newer order took it',
      row: { leftHow: 'superseded', leftBy: 2 },
      said: { slots: { state: 'active', active: slotOf(v2) } },
      is: { state: 'superseded', bytesPlanned: 0 },
    },
    { name: 'the order was cancelled', row: { leftHow: 'cancelled', leftBy: 2 }, said: {}, is: { state: 'cancelled' } },
    { name: 'it is not in the fleet any more', said: null, is: { state: 'gone' } },
    { name: 'it was taken out and joined again', said: { enrolledAt: ORDERED + 1, counter: 0 }, is: { state: 'gone' } },
    {
      name: 'the same version with another configuration has no bytes',
      row: { previous: v2 },
      said: { slots: { state: 'active', active: slotOf(v2) } },
      is: { state: 'active', bytesPlanned: 0 },
    },
  ]
  test.each(rows)('$name', (one) => {
    expect(place({ ...row, ...one.row }, one.said === null ? null : device(one.said))).toMatchObject(one.is)
  })
})
