import { describe, expect, test } from 'vitest'
import { eventsCsv, eventText, eventWords, evidenceOf, reasonOf } from '../../../../renderer/screens/rollouts/events/event-words.ts'
import { devicesCsv } from '../../../../renderer/screens/rollouts/devices/devices-csv.ts'
import { shownExplanations } from '../../../../renderer/screens/rollouts/devices/shown-explanations.ts'
import { deviceTransitions, rolloutTransitions } from '../../../../shared/domain/rollout/life.ts'
import { otherEventKinds } from '../../../../shared/domain/rollout/event.ts'
import { deviceId } from '../../../../shared/domain/ids.ts'
import { runningScene } from '../../../harness/rollout-scenes.ts'

const events = runningScene(7, 1_800_000_000_000).events
const of = (kind: string) => events.find((one) => one.kind === kind)!

describe('a line of the log', () => {
  test('every kind of the tables and every other kind has a word of its own', () => {
    const kinds = [rolloutTransitions, deviceTransitions].flatMap((table) => Object.values(table).flatMap((row) => Object.keys(row)))
    const all = [...new Set([...kinds, ...otherEventKinds])]
    const wordless = (device: string | null): string[] => all.filter((kind) => eventWords({ kind, device, detail: {} }).word === kind)
    expect({ ofRollout: wordless(null), ofDevice: wordless('cam-1') }).toEqual({ ofRollout: [], ofDevice: [] })
  })

  test('what is called alike for a rollout and a device is told apart', () => {
    expect(eventWords({ kind: 'revert', device: null, detail: {} }).word).toBe('Reverted')
    expect(eventWords({ kind: 'revert', device: 'cam-1', detail: {} }).word).toBe('Reverting')
  })

  test('a verdict is drawn as what it was, and brings its evidence', () => {
    const verdicts = events.filter(({ kind }) => kind === 'verdict')
    expect(verdicts.map((one) => eventWords(one).state)).toEqual(['unsure', 'ok'])
    expect(evidenceOf(verdicts[1]!)?.verdict).toBe('pass')
  })

  test('evidence of a form that nobody knows any more is none, and draws no false mark', () => {
    const old = { kind: 'verdict', device: null, detail: { evidence: { score: 91 } } }
    expect(evidenceOf(old)).toBeNull()
    expect(eventWords(old).state).toBe('unsure')
  })

  test('a copied line has moment, actor and reason', () => {
    expect(reasonOf(of('pause'))).toBe('The line is being cleaned')
    expect(eventText(of('pause'))).toMatch(/^\d{4}-.*Z kim pause: Paused\. \(The line is being cleaned\)$/)
    expect(eventText(of('begin'))).not.toContain('(')
  })

  test('the log as a file begins with the oldest, and what looks like a formula is none', () => {
    const lines = eventsCsv([...events.slice(0, 2), { ...of('note'), seq: 1, sentence: '=1+1' }]).split('\r\n')
    expect(lines[0]).toBe('seq,at,actor,kind,device,wave,from,to,sentence,reason,detail')
    expect(lines[1]).toContain("'=1+1")
    expect(lines).toHaveLength(5)
  })
})

test('devices as a file: waves from 1, versions by name, nothing stays empty', () => {
  const row = {
    ...{
      device: deviceId.parse('cam-1'),
      status: 'online',
      wave: 0,
      state: 'pending' as const,
      since: 0,
      attempts: 0,
      share: null,
      bytes: 0,
    },
    ...{ previous: null, active: { model: 'digits', version: '1.0.0' }, problem: null, why: 'waits' },
  }
  expect(devicesCsv([row]).split('\r\n')[1]).toBe('cam-1,1,pending,1970-01-01T00:00:00.000Z,0,,0,digits@1.0.0,,,,waits')
})

test('the page of a device names rollouts that have something to say, and no other', () => {
  const base = { device: deviceId.parse('cam-1'), deployment: 'digits', sentence: 's', change: null, order: null } as never as object
  const one = (reason: string, rollout: number | null): never => ({ ...base, reason, rollout }) as never
  const all = [one('runs', 1), one('wave', 2), one('offline', null), one('failed', 3)]
  expect(shownExplanations(all).map(({ rollout }) => rollout)).toEqual([2, 3])
})
