import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { agentConfig } from '../../../../agent/config.ts'
import { agentStatus } from '../../../../agent/control/status.ts'
import { journalDeployment, journalState } from '../../../../agent/converge/journal.ts'
import {
  checkBacklog,
  checkDeployments,
  checkDetectors,
  checkDurability,
  checkLock,
  checkMemory,
  checkOrder,
  checkRemains,
} from '../../../../agent/doctor/check-work.ts'
import type { Finding, Patient } from '../../../../agent/doctor/finding.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'

const T0 = Date.UTC(2026, 0, 1)
const HOUR = 3_600_000
const MiB = 1024 * 1024
const slot = { digest: 'd'.repeat(64), model: 'digits', version: '1.0.0', since: T0 }

const patient = (change: Partial<Patient> = {}): Patient => ({
  ...{ directory: temporaryDirectory(), clock: { now: () => T0, monotonic: () => 0 }, identity: null, journal: null, status: null },
  config: agentConfig.parse({ spoolMaxBytes: 10 * MiB }),
  ...change,
})
const running = (change: object) =>
  agentStatus.parse({
    ...{ running: true, fleet: 'lab', device: 'cam-1', agentVersion: '1', pid: 1, startedAt: T0, httpUrl: null, deployments: {} },
    broker: { url: 'mqtt://x', connected: true, since: T0, problem: null },
    order: { counter: 1, problem: null },
    spool: { records: 0, bytes: 0, lastAckAt: T0, problem: null },
    ...change,
  })
const journal = (change: object) =>
  journalState.parse({ v: 1, tokenKey: 'a'.repeat(64), order: null, newestSignedAt: 0, deployments: {}, ...change })
const deployment = (change: object) =>
  journalDeployment.parse({
    state: 'active',
    active: slot,
    candidate: null,
    lastGood: null,
    attempts: 0,
    problem: null,
    rejected: [],
    ...change,
  })
const rejected = { digest: 'e'.repeat(64), counter: 4, problem: { code: 'probe.golden-mismatch', message: 'It answers differently.' } }

describe('the doctor', () => {
  const rows: { name: string; find: () => Finding; state: Finding['state']; says: string; hint: string | null }[] = [
    { name: 'enough memory', find: () => checkMemory(patient(), 500 * MiB), state: 'ok', says: '500 MiB', hint: null },
    {
      name: 'no change in what is counted',
      find: () => checkDetectors(patient({ status: running({ detectors: { reader: { learning: ['errors'], raised: [] } } }) })),
      state: 'ok',
      says: '1 deployments still learn',
      hint: null,
    },
    {
      name: 'a change that is not over',
      find: () => {
        const raised = [{ detector: 'latency', feature: null, version: '1.0.0', since: T0 - HOUR }]
        return checkDetectors(patient({ status: running({ detectors: { reader: { learning: [], raised } } }) }))
      },
      state: 'attention',
      says: 'reader: detector latency: raised 60 min ago',
      hint: 'Look at the sensor',
    },
    {
      name: 'little memory',
      find: () => checkMemory(patient(), 100 * MiB),
      state: 'attention',
      says: '100 MiB',
      hint: 'End other programs',
    },
    { name: 'an empty backlog', find: () => checkBacklog(patient()), state: 'ok', says: 'nothing waits', hint: null },
    {
      name: 'a spool that is nearly full',
      find: () => checkBacklog(patient({ status: running({ spool: { records: 9, bytes: 9 * MiB, lastAckAt: null, problem: null } }) })),
      state: 'attention',
      says: '90 % of the limit',
      hint: 'raise spoolMaxBytes',
    },
    {
      name: 'a console that was silent for two days',
      find: () => checkBacklog(patient({ status: running({ spool: { records: 9, bytes: 9, lastAckAt: T0 - 48 * HOUR, problem: null } }) })),
      state: 'attention',
      says: '2 days ago',
      hint: 'Start the console.',
    },
    {
      name: 'a lock of a moment',
      find: () => checkLock(patient({ status: running({ lock: { reason: 'weld', since: T0 - 1000, until: T0 + HOUR } }) })),
      state: 'ok',
      says: 'weld',
      hint: null,
    },
    {
      name: 'a lock that has long lasted, of an agent that does not run',
      find: () =>
        checkLock(
          patient({ journal: journal({ lock: { reason: 'weld', since: T0 - 5 * HOUR, durationMs: 20 * HOUR, isRebased: false } }) }),
        ),
      state: 'attention',
      says: 'held for 5 h',
      hint: 'muster-agent unlock',
    },
    {
      name: 'a rejected version with its cause',
      find: () => checkDeployments(patient({ journal: journal({ deployments: { digits: deployment({ rejected: [rejected] }) } }) })),
      state: 'attention',
      says: 'digits: eeeeeeeeeeee was rejected: It answers differently. (probe.golden-mismatch)',
      hint: 'Compare it on the test bench.',
    },
    {
      name: 'a deployment that serves nothing',
      find: () => checkDeployments(patient({ journal: journal({ deployments: { digits: deployment({ active: null, state: 'idle' }) } }) })),
      state: 'attention',
      says: 'digits serves nothing; state idle',
      hint: 'The console shows why',
    },
    {
      name: 'deployments that serve',
      find: () => checkDeployments(patient({ journal: journal({ deployments: { digits: deployment({}) } }) })),
      state: 'ok',
      says: '1, each with an active model',
      hint: null,
    },
    {
      name: 'an order that was refused',
      find: () =>
        checkOrder(patient({ status: running({ order: { counter: 1, problem: { code: 'assignment.rollback', message: 'Older.' } } }) })),
      state: 'attention',
      says: 'Older. (assignment.rollback)',
      hint: 'Check who publishes',
    },
  ]
  it.each(rows)('finds $name', ({ find, state, says, hint }) => {
    const found = find()
    expect([found.state, found.message]).toEqual([state, expect.stringContaining(says)])
    expect(found.hint).toEqual(hint === null ? null : expect.stringContaining(hint))
  })

  it('refuses a machine without memory, by code', () => {
    expect(() => checkMemory(patient(), 10 * MiB)).toThrow(expect.objectContaining({ code: 'runtime.no-memory' }))
  })

  it('tries a durable commit and leaves nothing behind', () => {
    const of = patient()
    expect(checkDurability(of).state).toBe('ok')
    expect(readdirSync(of.directory)).toEqual([])
  })

  it('names what was found damaged once', () => {
    const of = patient()
    writeFileSync(join(of.directory, 'spool.db.damaged-2026-01-01T00-00-00-000Z'), 'x')
    expect(checkRemains(of)).toMatchObject({ state: 'attention', message: expect.stringContaining('spool.db.damaged-2026') })
  })
})
