import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { runProgram, until } from '../../build/demo/child.ts'
import { LocalConsole } from '../../build/demo/local-fleet.ts'
import type { OutputOf } from '../../shared/rpc/contract.ts'
import { fillFleet } from '../harness/large-fleet.ts'
import { temporaryDirectory } from '../harness/fleet.ts'

const MUSTER = 'electron/core/cli.ts'

test('days are set by the command line and stay over a restart; charts of any length answer from sums', { timeout: 240_000 }, async () => {
  const data = join(temporaryDirectory(), 'console')
  await fillFleet(data, { devices: 300 })
  const host = await LocalConsole.start(data, ['--log-level', 'error'])
  onTestFinished(() => host.crash())
  const muster = (...args: string[]): Promise<string> => runProgram(MUSTER, [...args, '--data', data])
  const store = async (): Promise<OutputOf<'telemetry.store'>> =>
    JSON.parse(await muster('telemetry', 'retention', '--json')) as OutputOf<'telemetry.store'>
  const daysOf = ({ kinds }: OutputOf<'telemetry.store'>, wanted: string): number | undefined =>
    kinds.find(({ kind }) => kind === wanted)?.days

  await until('the sums to be brought up', 60, async () => {
    const { waiting } = await store()
    return waiting.windows === 0 && waiting.hoursOfLabels === 0
  })
  const before = await store()
  expect([daysOf(before, 'windows'), daysOf(before, 'hours'), before.fileBytes > 0]).toEqual([7, 400, true])
  expect(before.kinds.find(({ kind }) => kind === 'windows')!.rows).toBeGreaterThan(1000)

  await expect(muster('telemetry', 'retention', '--set', 'windows=0')).rejects.toThrow('no number of days')
  await expect(muster('telemetry', 'retention', '--set', 'wishes=3')).rejects.toThrow('is none of')
  await muster('telemetry', 'retention', '--set', 'windows=3', '--set', 'events=10')
  await muster('telemetry', 'retention', '--set', 'events=usual')
  await host.stop()
  const again = await LocalConsole.start(data, ['--log-level', 'error'])
  onTestFinished(() => again.crash())
  const after = await store()
  expect([daysOf(after, 'windows'), daysOf(after, 'events')]).toEqual([3, 90])

  // Whatever the length and the cut, the requests are those of the windows.
  const rpc = again.rpc!
  const db = new Database(join(data, 'telemetry.db'), { readonly: true })
  onTestFinished(() => void db.close())
  const requestsSince = (from: number, through: number): unknown =>
    db.prepare('SELECT sum(requests) FROM window WHERE started_at >= ? AND started_at < ?').pluck().get(from, through)
  const through = Date.now() + 60_000
  for (const [hours, buckets] of [
    [1, 60],
    [24, 288],
    [24, 24],
    [24 * 30, 30],
  ] as const) {
    const fleet = await rpc.call('telemetry.fleetSeries', { from: through - hours * 3_600_000, through, buckets })
    const total = fleet.series.reduce((sum, one) => sum + one.totals.requests, 0)
    expect([hours, total]).toEqual([hours, requestsSince(fleet.from, through)])
    const one = await rpc.call('telemetry.series', { device: 'dev-00001', from: through - hours * 3_600_000, through, buckets })
    const mine = db
      .prepare(
        `SELECT coalesce(sum(requests), 0) FROM window JOIN device ON device.id = device WHERE device.name = 'dev-00001' AND started_at >= ? AND started_at < ?`,
      )
      .pluck()
    expect(one.series.reduce((sum, series) => sum + series.totals.requests, 0)).toBe(mine.get(one.from, through))
  }
  const { rows } = await rpc.call('telemetry.summary', { by: 'version' })
  expect(rows.reduce((sum, row) => sum + row.requests, 0)).toBe(requestsSince(0, Number.MAX_SAFE_INTEGER))
})
