import { expect, test } from 'vitest'
import { why } from '../../../../electron/core/devices/why.ts'
import { deploymentName } from '../../../../shared/domain/ids.ts'
import { contract } from '../../../../shared/rpc/contract.ts'
import { reportedDeployment, reportedMessage } from '../../../../shared/protocol/reported.ts'

const T0 = 1_700_000_000_000
const digest = 'a'.repeat(64)
const longest = { code: 'c'.repeat(64), message: 'm'.repeat(2000) }
const row = {
  ...{ device: 'd'.repeat(64), secretHash: '', labels: {}, enrolledAt: T0, status: 'online' as const, boot: 'b', agentVersion: '1' },
  ...{ lastSeenAt: T0, reportedAt: T0 },
  reported: reportedMessage.parse({
    ...{ v: 1, sentAt: T0, device: 'd'.repeat(64), boot: 'b', sequence: 1, assignmentCounter: 1, assignmentProblem: longest },
    facts: {
      ...{ os: '', arch: '', hostname: '', cpus: 1, memoryBytes: 1, diskFreeBytes: 1, agentVersion: '1', runtimeVersion: '1' },
      ...{ executionProviders: [], httpUrl: null },
    },
    deployments: {
      main: reportedDeployment.parse({
        state: 'rejected',
        active: null,
        candidate: null,
        lastGood: null,
        progress: null,
        problem: longest,
      }),
    },
  }),
}
const desired = {
  device: row.device,
  deployment: 'main',
  digest,
  model: 'm'.repeat(64),
  version: 'v'.repeat(64),
  orderedAt: T0,
  asked: null,
  terms: {},
}

test('the longest problem that a device may report fits into the answer that says why', () => {
  const sentence = why(row, desired, T0)
  expect(sentence.length).toBeGreaterThan(2000)
  const progress = {
    deployment: deploymentName.parse('main'),
    devices: [
      {
        ...{ device: row.device, status: 'online', desired: null, active: null, state: 'rejected', isOnNewestOrder: true },
        ...{ blocksHave: null, blocksTotal: null, problem: longest, why: sentence },
      },
    ],
  }
  expect(contract['deployments.progress'].output.safeParse(progress).success).toBe(true)
  expect(contract['devices.show'].output.shape.why.safeParse({ main: sentence }).success).toBe(true)
})
