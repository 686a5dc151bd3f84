import { expect, test } from 'vitest'
import { openCostDesk } from '../../../../harness/cost-desk.ts'

const DIGITS = 'build/samples/digits'

test('a forecast counts the blocks that each device lacks, at the price and the speed of its link', async () => {
  const { call, costs, desk } = openCostDesk()
  const two = await desk.importSample('digits', '1.2.0')
  // The same weights, tried on other rows: they are on the device already, and what belongs to the rows is not.
  const one = await desk.registry.import({
    ...{ modelPath: `${DIGITS}/digits-1.2.0.onnx`, modelFileName: 'digits-1.1.9.onnx', version: '1.1.9', importedBy: 'kim' },
    ...{ holdoutPath: `${DIGITS}/train.csv`, holdoutName: 'train.csv', signal: new AbortController().signal, progress: () => undefined },
  })
  desk.join('cam-1', 'cam-2', 'cam-3', 'cam-4')
  for (const [device, link] of [
    ['cam-1', 'cellular'],
    ['cam-2', 'cellular'],
    ['cam-3', 'radio'],
  ] as const)
    desk.store.devices.setLabels(device, { link })
  desk.runs('cam-1', 'digits', one)
  desk.runs('cam-2', 'digits', two)
  desk.runs('cam-4', 'other', one)
  await call('costs.setSheet', {
    currency: 'EUR',
    links: [
      { name: 'ethernet', pricePerGigabyte: 0, megabitsPerSecond: 100 },
      { name: 'cellular', pricePerGigabyte: 10, megabitsPerSecond: 2, quiet: [{ cron: '0 0 1 1 *', minutes: 1440, timeZone: 'UTC' }] },
      { name: 'radio', pricePerGigabyte: 50 },
    ],
  })
  // By hand: the blocks of 1.2.0, and those that 1.1.9 does not have.
  const [have, want] = [desk.registry.travelOf(one.digest)!, desk.registry.travelOf(two.digest)!]
  const whole = [...want.values()].reduce((sum, bytes) => sum + bytes, 0)
  const lacking = [...want].filter(([sha256]) => !have.has(sha256)).reduce((sum, [, bytes]) => sum + bytes, 0)
  expect([lacking > 0, lacking < whole]).toEqual([true, true])

  const forecast = await call('costs.forecast', { model: 'digits', version: '1.2.0' })
  expect(forecast).toMatchObject({ devices: 4, bytes: lacking + whole + lacking, published: whole, currency: 'EUR', seconds: null })
  expect(forecast.byLink).toEqual([
    { link: 'radio', devices: 1, bytes: whole, money: (whole * 50) / 1e9, secondsPerDevice: null, isQuietNow: false },
    {
      ...{ link: 'cellular', devices: 2, bytes: lacking, money: lacking / 1e8, isQuietNow: true },
      secondsPerDevice: (lacking * 8) / 2e6,
    },
    { link: 'ethernet', devices: 1, bytes: lacking, money: 0, secondsPerDevice: (lacking * 8) / 1e8, isQuietNow: false },
  ])
  expect(forecast.money).toBeCloseTo((whole * 50 + lacking * 10) / 1e9, 15)

  const offerOf = costs.offersOf(two.digest)
  const offers = desk.store.roster.all().map(offerOf)
  expect(offers.map(({ link, bytes }) => [link, bytes])).toEqual([
    ['cellular', lacking],
    ['cellular', 0],
    ['radio', whole],
    ['ethernet', lacking],
  ])
  expect(offers.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(forecast.bytes)
  expect(offers[1]).toEqual({ link: 'cellular', bytes: 0, money: 0, seconds: 0 })

  const over = { digest: two.digest, entries: desk.store.roster.all(), seconds: 90, now: desk.clock.at }
  const within = (bytes: number | null, money: number | null) => costs.forecast({ ...over, budget: { bytes, money } }).budget.isWithin
  expect([within(null, null), within(forecast.bytes, forecast.money)]).toEqual([true, true])
  expect([within(forecast.bytes - 1, null), within(null, forecast.money - 1e-9)]).toEqual([false, false])
  await expect(call('costs.forecast', { model: 'digits', version: '9.0.0' })).rejects.toMatchObject({ code: 'model.not-found' })
  expect(await call('costs.forecast', { model: 'digits', version: '1.2.0', query: 'site = nowhere' })).toMatchObject({
    devices: 0,
    bytes: 0,
    byLink: [],
  })
})
