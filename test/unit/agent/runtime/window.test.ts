import { describe, expect, test } from 'vitest'
import type { UnspooledRecord } from '../../../../agent/runtime/messages.ts'
import { Windows, type Subject } from '../../../../agent/runtime/window.ts'
import { windowBody } from '../../../../shared/protocol/telemetry.ts'

const subject: Subject = { deployment: 'reader', digest: 'a'.repeat(64), model: 'digits', version: '1.1.0' }
const other: Subject = { ...subject, digest: 'b'.repeat(64), version: '1.2.0' }
const success = (latencyMs: number, rows = 1) => ({ ok: true, rows, latencyMs }) as const

class FakeClock {
  wall = Date.UTC(2026, 0, 1, 12, 0, 10)
  steady = 5000
  now = (): number => this.wall
  monotonic = (): number => this.steady
  pass(ms: number): void {
    this.wall += ms
    this.steady += ms
  }
}

/** The counts of records, short enough to compare whole. */
const brief = (records: readonly UnspooledRecord[]): object[] =>
  records.map((record) => {
    const body = windowBody.parse(record.body)
    return [
      body.version,
      new Date(body.startedAt).toISOString().slice(11, 19),
      (body.endedAt - body.startedAt) / 1000,
      body.coveredMs,
      body.requests,
      body.rows,
      body.latencyMs.count,
      body.errors,
    ]
  })

describe('windows', () => {
  test('are aligned to UTC, count successes and failures by code, and cover the time served', () => {
    const clock = new FakeClock()
    const windows = new Windows(clock, 60)
    windows.cover(true)
    windows.count(subject, success(2, 3))
    windows.count(subject, { ok: false, code: 'inference.bad-input' })
    windows.count(other, success(1))
    expect(brief(windows.takeClosed())).toEqual([])
    clock.pass(30_000)
    windows.count(subject, { ok: false, code: 'inference.bad-input' })
    clock.pass(20_000)
    // The boundary is passed: this one belongs to the next window, though nobody has taken the last one.
    windows.count(subject, success(4))
    expect(brief(windows.takeClosed())).toEqual([
      ['1.1.0', '12:00:00', 60, 50_000, 3, 3, 1, { 'inference.bad-input': 2 }],
      ['1.2.0', '12:00:00', 60, 50_000, 1, 1, 1, {}],
    ])
    clock.pass(5000)
    expect(brief(windows.takeAll())).toEqual([['1.1.0', '12:01:00', 60, 5000, 1, 1, 1, {}]])
    clock.pass(60_000)
    expect(windows.takeAll()).toEqual([])
  })

  test('what the spool refused comes again, merged with what its window got meanwhile', () => {
    const clock = new FakeClock()
    const windows = new Windows(clock, 60)
    windows.cover(true)
    windows.count(subject, success(1))
    clock.pass(1000)
    const first = windows.takeAll()
    windows.count(subject, success(2))
    clock.pass(1000)
    windows.refused(first)
    const again = windows.takeAll()
    windows.refused(again)
    const merged = windows.takeAll()
    expect(brief(merged)).toEqual([['1.1.0', '12:00:00', 60, 2000, 2, 2, 2, {}]])
    windows.stored(merged)
    windows.refused(merged)
    expect(windows.takeAll()).toEqual([])
  })

  test('a spool that refuses for two days costs resolution, and not one request', () => {
    const clock = new FakeClock()
    const windows = new Windows(clock, 60)
    windows.cover(true)
    const minutes = 2 * 24 * 60
    for (let minute = 0; minute < minutes; minute += 1) {
      windows.count(minute % 2 === 0 ? subject : other, success(1))
      clock.pass(60_000)
      windows.refused(windows.takeClosed())
    }
    const kept = windows.takeAll().map((record) => windowBody.parse(record.body))
    expect(kept.length).toBeLessThanOrEqual(129)
    expect(kept.reduce((sum, body) => sum + body.requests, 0)).toBe(minutes)
    expect(kept.reduce((sum, body) => sum + body.latencyMs.count, 0)).toBe(minutes)
  })

  test('a clock that is set back or forwards moves requests to other windows and never makes time negative', () => {
    const clock = new FakeClock()
    const windows = new Windows(clock, 60)
    windows.cover(true)
    windows.count(subject, success(1))
    clock.pass(1000)
    clock.wall -= 3_600_000
    windows.count(subject, success(1))
    clock.pass(1000)
    clock.wall = Date.UTC(2036, 0, 1)
    windows.count(subject, success(1))
    clock.pass(500)
    expect(brief(windows.takeAll())).toEqual([
      ['1.1.0', '12:00:00', 60, 1000, 1, 1, 1, {}],
      ['1.1.0', '11:00:00', 60, 1000, 1, 1, 1, {}],
      ['1.1.0', '00:00:00', 60, 500, 1, 1, 1, {}],
    ])
  })

  test('a new length ends the open windows; only serving time is covered', () => {
    const clock = new FakeClock()
    const windows = new Windows(clock, 60)
    clock.pass(7000)
    windows.cover(true)
    windows.count(subject, success(1))
    clock.pass(2000)
    windows.setLength(10)
    windows.count(subject, success(1))
    clock.pass(500)
    windows.cover(false)
    clock.pass(100)
    windows.count(subject, success(1))
    expect(windows.dueInMs()).toBe(400)
    expect(brief(windows.takeAll())).toEqual([
      ['1.1.0', '12:00:00', 60, 2000, 1, 1, 1, {}],
      ['1.1.0', '12:00:10', 10, 500, 2, 2, 2, {}],
    ])
  })
})
