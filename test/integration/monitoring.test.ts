import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../../build/demo/child.ts'
import type { Alert } from '../../shared/domain/alert.ts'
import { MonitoredFleet, monitoredVersion } from '../harness/monitored-fleet.ts'
import { wineRows } from '../harness/wine-stream.ts'

/** Judged windows of the version: three for a verdict, and one that the change to another stream cuts. */
const WINDOWS = 4

describe('the wine streams through five agents', { timeout: 180_000 }, () => {
  let fleet: MonitoredFleet
  beforeAll(async () => {
    fleet = await MonitoredFleet.start()
  }, 180_000)
  afterAll(() => fleet?.stop())

  test('stable: every feature is judged, and nobody is told anything', async () => {
    const { from, sent } = await fleet.streamThrough('stream-stable', WINDOWS)
    const judged = await fleet.drift(from)
    expect(judged.reference).toMatchObject({ kind: 'training', rows: 110, state: 'ready' })
    expect(judged.features.map(({ name, role }) => `${role} ${name}`).sort()).toEqual(
      [...wineRows('train').features.map((name) => `feature ${name}`), 'outcome outcome', 'confidence confidence'].sort(),
    )
    // Not silent for want of data: each verdict says "ok" of enough effective values.
    for (const { name, state, last } of judged.features) {
      expect([name, state]).toEqual([name, 'ok'])
      expect(last!.effective).toBeGreaterThanOrEqual(100)
      expect(last!.m).toBeGreaterThan(0)
    }
    expect((await fleet.alerts('all')).map(({ rule, sentence }) => [rule, sentence])).toEqual([])
    const quality = await fleet.rpc.call('monitoring.dataQuality', { ...monitoredVersion, from })
    expect(quality.rates.filter(({ state }) => state === 'alarm')).toEqual([])
    const windows = judged.features[0]!.windows.length
    process.stdout.write(`stable: ${sent} rows through ${fleet.agents.length} agents, ${windows} windows of 15 counted things, 0 alerts\n`)
  })

  test('drifted: alcohol and flavanoids have drifted, ash is missing, proline lies outside, and nothing else', async () => {
    const { from, sent } = await fleet.streamThrough('stream-drifted', WINDOWS)
    await until('four alerts', 30, async () => ((await fleet.alerts('firing')).length >= 4 ? true : null))
    const firing = await fleet.alerts('firing')
    expect(firing.map(({ rule, subject }) => `${rule} ${subject.feature} ${subject.device ?? 'version'}`).sort()).toEqual([
      'data-quality ash version',
      'data-quality proline version',
      'drift alcohol version',
      'drift flavanoids version',
    ])
    const of = (feature: string): Alert => firing.find(({ subject }) => subject.feature === feature)!
    expect(of('ash').sentence).toMatch(/missing/)
    expect(of('proline').sentence).toMatch(/outside the range|far outside/)
    for (const { sentence, evidence, subject } of firing) {
      expect(subject).toMatchObject(monitoredVersion)
      expect(evidence).toMatchObject({ m: 110, reference: expect.stringContaining('training'), basis: 'measured' })
      expect(evidence.n).toBeGreaterThanOrEqual(100)
      expect(evidence.p).toBeLessThan(0.01)
      process.stdout.write(`drifted: ${sentence}\n`)
    }
    // Within the windows that the power allows: the first one that has rows of this stream only.
    const judged = await fleet.drift(from)
    for (const name of ['alcohol', 'flavanoids']) {
      const { windows, state } = judged.features.find((one) => one.name === name)!
      expect(state).toBe('alarm')
      expect(windows.filter((window) => window.from >= from).findIndex(({ level }) => level === 'alarm')).toBeLessThanOrEqual(1)
    }
    const drifting = judged.features.filter(({ state }) => state === 'alarm' || state === 'warn').map(({ name }) => name)
    expect(drifting.sort()).toEqual(['alcohol', 'flavanoids'])
    process.stdout.write(`drifted: ${sent} rows, ${firing.length} alerts\n`)
  })
})
