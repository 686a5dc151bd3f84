import { describe, expect, it } from 'vitest'
import { openServedBook } from '../../../../agent/control/served-counts.ts'
import { agentStatus, statusLines } from '../../../../agent/control/status.ts'
import { windowRecord } from '../../../harness/spool.ts'

const T0 = Date.UTC(2026, 0, 1)
const HOUR = 3_600_000
const content = (version: string) => ({ digest: 'd'.repeat(64), model: 'digits', version, since: T0 - HOUR })

const status = (change: object = {}) =>
  agentStatus.parse({
    ...{
      running: true,
      fleet: 'lab',
      device: 'cam-1',
      agentVersion: '0.1.0',
      pid: 7,
      startedAt: T0 - 100_000,
      httpUrl: 'http://127.0.0.1:8321',
    },
    broker: { url: 'mqtt://10.0.0.1', connected: true, since: T0 - HOUR, problem: null },
    order: { counter: 3, problem: null },
    spool: { records: 12, bytes: 2048, lastAckAt: T0 - 5000, problem: null },
    deployments: {},
    ...change,
  })

describe('the status in words', () => {
  it('says of a healthy agent what it serves, how it is doing and what it uses', () => {
    const lines = statusLines(
      status({
        machine: { enclosure: 'bubblewrap', rssBytes: 104_857_600, cpuSeconds: 5, spoolMaxBytes: 16_777_216 },
        served: { digits: { requests: 200, failed: 3, cacheHits: 50 } },
        detectors: {
          digits: { learning: [], raised: [{ detector: 'missing', feature: 'pixel_3_0', version: '1.1.0', since: T0 - 300_000 }] },
        },
        deployments: {
          digits: {
            ...{ state: 'active', active: content('1.1.0'), candidate: null, lastGood: content('1.0.0'), progress: null, problem: null },
            watch: { since: T0, inferences: 20, wanted: 500, failed: 1, notFinite: 0 },
            beside: { role: 'shadow', state: 'active', content: content('2.0.0'), progress: null, problem: null },
          },
        },
      }),
      T0,
    )
    expect(lines).toEqual([
      'cam-1 of fleet lab runs (pid 7, version 0.1.0, for 100 s)',
      'local API    http://127.0.0.1:8321',
      'broker       connected to mqtt://10.0.0.1 for 60 min',
      'order        number 3',
      'spool        12 records (2 KiB, 1 % of its limit) wait for the console; last acknowledged 5 s ago',
      'machine      100 MiB memory, 0.05 cores; models are shut in by bubblewrap',
      'digits       serves digits 1.1.0 for 60 min; state active',
      '             last good digits 1.0.0',
      '             watched: 20 of 500 live inferences, 1 failed',
      '             shadow digits 2.0.0; state active',
      '             200 requests since the start, 3 failed, 25 % from the cache',
      '             detector missing of pixel_3_0: raised 5 min ago',
    ])
  })

  it('says what is wrong, and what to do about each', () => {
    const lines = statusLines(
      status({
        broker: {
          url: 'mqtt://10.0.0.1',
          connected: false,
          since: T0 - 60_000,
          problem: { code: 'broker.refused', message: 'It does not let us in.' },
        },
        order: { counter: 3, problem: { code: 'assignment.expired', message: 'The order ran out.' } },
        lock: { reason: 'a weld is running', since: T0 - HOUR, until: T0 + HOUR },
        deployments: {
          digits: {
            ...{ state: 'rejected', active: content('1.0.0'), candidate: null, lastGood: null, progress: null },
            problem: { code: 'probe.golden-mismatch', message: 'It answers differently here.' },
          },
        },
      }),
      T0,
    ).join('\n')
    for (const part of [
      'not connected to mqtt://10.0.0.1 for 60 s: It does not let us in.',
      'Check the user name and password of the broker.',
      'The order ran out. (assignment.expired)',
      'Start the console so that it issues a fresh order.',
      'a weld is running; activation waits 60 min',
      'It answers differently here. (probe.golden-mismatch)',
      'Compare it on the test bench.',
    ])
      expect(lines).toContain(part)
  })
})

describe('the counts of a deployment', () => {
  it('add up over its windows, whatever bundle they speak of', () => {
    const book = openServedBook()
    book.spooled([windowRecord(0, [1, 2]), windowRecord(1, [3]), windowRecord(0, [1], 'other')])
    expect(book.counts()).toEqual({ digits: { requests: 5, failed: 2, cacheHits: 0 }, other: { requests: 2, failed: 1, cacheHits: 0 } })
  })
})
