import { expect, test } from 'vitest'
import { openCostDesk, type CostDesk } from '../../../../harness/cost-desk.ts'
import { enrolled, T0 } from '../../../../harness/fleet.ts'

const DAY = 86_400_000
const HOUR = 3_600_000
const PERIOD = { from: T0, through: T0 + 31 * DAY }
const SHEET = {
  links: [
    { name: 'ethernet', pricePerGigabyte: 0, megabitsPerSecond: 100 },
    { name: 'cellular', pricePerGigabyte: 8, megabitsPerSecond: 4 },
  ],
  computePerHour: 0.02,
  storagePerGigabyteMonth: 0.31,
}

/** cam-1 at lyon on a cellular link, cam-2 at lyon and cam-3 at no site by ethernet; three days of January. */
async function fleet(sheet: object = SHEET): Promise<CostDesk> {
  const desk = openCostDesk()
  enrolled(desk.desk.store, 'cam-1', { site: 'lyon', link: 'cellular' })
  enrolled(desk.desk.store, 'cam-2', { site: 'lyon' })
  enrolled(desk.desk.store, 'cam-3', { link: 'carrier-pigeon' })
  await desk.call('costs.setSheet', sheet)
  desk.used('cam-1', T0 + HOUR, {
    bytesIn: { model: 200_000_000, order: 1_000_000 },
    bytesOut: { telemetry: 49_000_000 },
    storedBytes: 5e8,
  })
  desk.used('cam-1', T0 + DAY + HOUR, { bytesOut: { telemetry: 250_000_000 }, cpuSeconds: 3600, inferences: 4000, storedBytes: 1e9 })
  desk.used('cam-2', T0 + HOUR, { bytesIn: { model: 900_000_000 }, cpuSeconds: 1800, inferences: 6000, storedBytes: 2e9 })
  desk.used('cam-3', T0 + 2 * DAY + HOUR, { bytesIn: { model: 100_000_000 }, cpuSeconds: 5400, storedBytes: 3e9 })
  return desk
}

const bare = (rows: { key: string; devices: number; transfer: number; compute: number; storage: number; total: number }[]) =>
  rows.map(({ key, devices, transfer, compute, storage, total }) => [key, devices, transfer, compute, storage, Number(total.toFixed(9))])

test('what a month cost, reckoned by hand: 500 MB by cellular, 3 hours of CPU, 6.5 GB-days', async () => {
  const { call } = await fleet()
  const report = await call('costs.report', { ...PERIOD, by: 'device' })
  // 0.5 GB x 8; 3 h x 0.02; (0.5 + 1 + 2 + 3) GB x 1 day of 31 x 0.31
  expect(report.total).toMatchObject({ transfer: 4, compute: 0.06, storage: 0.065, bytesIn: 1_201_000_000, bytesOut: 299_000_000 })
  expect(report.total.total).toBeCloseTo(4.125, 12)
  expect(report.total).toMatchObject({ cpuSeconds: 10_800, inferences: 10_000, storedBytes: 6e9 })
  expect(report.perThousandInferences).toBeCloseTo(0.4125, 12)
  expect(bare(report.rows)).toEqual([
    ['cam-1', 1, 4, 0.02, 0.015, 4.035],
    ['cam-3', 1, 0, 0.03, 0.03, 0.06],
    ['cam-2', 1, 0, 0.01, 0.02, 0.03],
  ])
})

test.each([
  {
    by: 'link',
    rows: [
      ['cellular', 1, 4, 0.02, 0.015, 4.035],
      ['ethernet', 2, 0, 0.04, 0.05, 0.09],
    ],
  },
  {
    by: 'site',
    rows: [
      ['lyon', 2, 4, 0.03, 0.035, 4.065],
      ['', 1, 0, 0.03, 0.03, 0.06],
    ],
  },
  {
    by: 'day',
    rows: [
      ['2026-01-01', 2, 2, 0.01, 0.025, 2.035],
      ['2026-01-02', 1, 2, 0.02, 0.01, 2.03],
      ['2026-01-03', 1, 0, 0.03, 0.03, 0.06],
    ],
  },
  {
    by: 'cause',
    rows: [
      ['telemetry', 1, 2.392, 0, 0, 2.392],
      ['model', 3, 1.6, 0, 0, 1.6],
      ['storage', 3, 0, 0, 0.065, 0.065],
      ['computing', 3, 0, 0.06, 0, 0.06],
      ['order', 1, 0.008, 0, 0, 0.008],
    ],
  },
  { by: 'rollout', rows: [['', 3, 4, 0.06, 0.065, 4.125]] },
] as const)('by $by', async ({ by, rows }) => {
  const { call } = await fleet()
  expect(bare((await call('costs.report', { ...PERIOD, by })).rows)).toEqual(rows)
})

test('for every key the rows are the whole: money, bytes, computing and inferences', async () => {
  const desk = await fleet({ ...SHEET, computePerHour: 0.017, storagePerGigabyteMonth: 0.0333 })
  desk.played.spans = [{ rollout: 7, device: 'cam-1', from: T0, through: T0 + HOUR }]
  // Awkward figures: thirds of a cent, and many of them.
  for (let at = 0; at < 600; at += 1)
    desk.used(`cam-${1 + (at % 4)}`, T0 + at * HOUR, {
      bytesIn: { model: 333_333 + at, infer: 7 },
      cpuSeconds: 0.1 * at,
      inferences: 3,
      storedBytes: 1e8 + at,
    })
  for (const by of ['device', 'cause', 'link', 'site', 'day', 'rollout'] as const) {
    const { total, rows, totalRows } = await desk.call('costs.report', { ...PERIOD, by })
    expect(rows).toHaveLength(totalRows)
    for (const key of ['bytesIn', 'bytesOut', 'inferences'] as const)
      expect([by, key, rows.reduce((sum, row) => sum + row[key], 0)]).toEqual([by, key, total[key]])
    for (const key of ['transfer', 'compute', 'storage', 'total', 'cpuSeconds'] as const)
      expect(rows.reduce((sum, row) => sum + row[key], 0)).toBeCloseTo(total[key], 9)
  }
})

test('a query, a period of whole days, and a device that has left the fleet', async () => {
  const { call, used } = await fleet()
  used('gone-1', T0 + 3 * HOUR, { bytesIn: { model: 1e9 } })
  expect((await call('costs.report', { ...PERIOD, query: 'site = lyon' })).rows.map(({ key }) => key)).toEqual(['cam-1', 'cam-2'])
  const second = await call('costs.report', { from: T0 + DAY + 5 * HOUR, through: T0 + DAY + 6 * HOUR })
  expect([second.from, second.through, second.total.transfer]).toEqual([T0 + DAY, T0 + 2 * DAY, 2])
  // A link that nobody knows any more is the usual one.
  expect((await call('costs.report', { ...PERIOD, by: 'link' })).rows[1]).toMatchObject({ key: 'ethernet', devices: 3, bytesIn: 2e9 })
  await expect(call('costs.report', { from: T0, through: T0 })).rejects.toThrow('ends before it begins')
})

test('without use nothing is known of the cost of an inference; without prices everything is free', async () => {
  const desk = openCostDesk()
  const empty = await desk.call('costs.report', PERIOD)
  expect([empty.total.total, empty.perThousandInferences, empty.rows, empty.budget.isSpent]).toEqual([0, null, [], false])
  desk.used('cam-1', T0 + HOUR, { bytesIn: { model: 1e12 }, inferences: 5, cpuSeconds: 1e6 })
  const free = await desk.call('costs.report', PERIOD)
  expect([free.total.total, free.perThousandInferences, free.total.bytesIn]).toEqual([0, 0, 1e12])
})

test('bytes of bundles belong to the rollout in which the device was on its way when they came; other bytes to none', async () => {
  const desk = await fleet()
  const at = T0 + 4 * DAY
  const minutes = (count: number): number => at + count * 60_000
  desk.used('cam-2', minutes(5), { bytesIn: { model: 1000, order: 10 } })
  desk.used('cam-2', minutes(10), { bytesIn: { model: 200 } })
  desk.used('cam-2', minutes(15), { bytesIn: { model: 30 } })
  desk.used('cam-2', minutes(25), { bytesIn: { model: 4 } })
  desk.played.spans = [
    // Touches the entries that end at 5 and 10 minutes; the second of them is of the rollout that began later.
    { rollout: 3, device: 'cam-2', from: minutes(2), through: minutes(6) },
    { rollout: 4, device: 'cam-2', from: minutes(6), through: minutes(14) },
    // Still on its way; but nothing came.
    { rollout: 4, device: 'cam-3', from: minutes(6), through: null },
  ]
  const report = await desk.call('costs.report', { from: at, through: at + DAY, by: 'rollout' })
  expect(report.rows.map(({ key, devices, bytesIn }) => [key, devices, bytesIn])).toEqual([
    ['3', 1, 1000],
    ['4', 1, 230],
    ['', 1, 14],
  ])
})

test('made-up counts cannot make a row negative', async () => {
  const desk = await fleet()
  for (let at = 1; at < 13; at += 1) desk.used('cam-2', T0 + 9 * DAY + at * HOUR, { bytesIn: { model: 1e15 } })
  desk.played.spans = [{ rollout: 1, device: 'cam-2', from: T0, through: null }]
  const { rows } = await desk.call('costs.report', { ...PERIOD, by: 'rollout' })
  expect(Math.min(...rows.flatMap(({ bytesIn, transfer, total }) => [bytesIn, transfer, total]))).toBeGreaterThanOrEqual(0)
})
