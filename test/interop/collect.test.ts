import { connectAsync, type MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startProgram, until } from '../../build/demo/child.ts'
import { startCollector, type Collector } from '../../electron/core/forward/collect/collector.ts'
import { topicOf } from '../../shared/protocol/topics.ts'
import { startEmbedded } from '../harness/embedded-broker.ts'
import { startFaultProxy } from '../harness/fault-proxy.ts'
import { T0, temporaryDirectory } from '../harness/fleet.ts'
import { openForwardDesk } from '../harness/forward-desk.ts'
import { CONSOLE_USER, hasMosquitto, passwordOf, startMosquitto, type Mosquitto } from '../harness/mosquitto.ts'
import { hasPostgres, startPostgres, type Postgres } from '../harness/postgres.ts'
import { telemetryBatch, telemetryRecord } from '../harness/telemetry.ts'

const FLEET = 'plant'
let server: Postgres

describe.skipIf(!hasPostgres || !hasMosquitto)('collectors of a group', { timeout: 300_000 }, () => {
  beforeAll(async () => {
    server = await startPostgres()
  }, 120_000)
  afterAll(() => server?.remove())

  async function broker(): Promise<Mosquitto> {
    const made = await startMosquitto(temporaryDirectory(), FLEET, ['cam-1', 'cam-2'])
    onTestFinished(() => made.stop())
    return made
  }

  function optionsOf(at: Mosquitto, schema: string, name: string) {
    return {
      ...{ url: `mqtt://127.0.0.1:${at.port}`, username: CONSOLE_USER, password: passwordOf(CONSOLE_USER), ca: null },
      ...{ fleet: FLEET, group: 'collect', name, postgres: { ...server.place, schema }, now: () => T0, log: () => undefined },
    }
  }

  /** A collector that takes messages. */
  async function collecting(at: Mosquitto, schema: string, name: string): Promise<Collector> {
    let isReady = false
    const collector = startCollector({ ...optionsOf(at, schema, name), onReady: () => (isReady = true) })
    collector.done.catch(() => undefined)
    onTestFinished(() => collector.stop())
    await until(`${name} takes messages`, 120, () => isReady)
    return collector
  }

  /** A device that publishes batches of ten events. */
  async function device(at: Mosquitto, name: string): Promise<{ send(batches: number): Promise<void>; client: MqttClient }> {
    const client = await connectAsync(at.url(name))
    onTestFinished(() => client.endAsync(true))
    let next = 1
    return {
      client,
      async send(batches) {
        for (let i = 0; i < batches; i += 1, next += 10) {
          const batch = telemetryBatch({ device: name, spool: `spool-${name}`, from: next, through: next + 9 })
          await client.publishAsync(topicOf(FLEET, 'telemetry', { device: name }), batch, { qos: 1 })
        }
      },
    }
  }

  const stored = async (schema: string): Promise<number> =>
    Number((await server.query(`SELECT count(*) AS n FROM ${schema}.events`))[0]!['n'])
  const complete = (schema: string, records: number): Promise<true> =>
    until(`${records} records`, 120, async () => (await stored(schema)) === records)

  it('share the messages: each record is stored once, and both have work', async () => {
    const at = await broker()
    const [a, b] = [await collecting(at, 'shared', 'a'), await collecting(at, 'shared', 'b')]
    const one = await device(at, 'cam-1')
    await one.send(60)
    await complete('shared', 600)
    // The database has the last record a moment before its collector is told so.
    await until('all are counted', 120, () => a.counts.stored + b.counts.stored === 600)
    expect(a.counts.messages + b.counts.messages).toBe(60)
    expect(Math.min(a.counts.messages, b.counts.messages)).toBeGreaterThan(10)
  })

  it('lose nothing while the database is away: what is not committed is not acknowledged', async () => {
    const at = await broker()
    await collecting(at, 'away', 'a')
    await collecting(at, 'away', 'b')
    const one = await device(at, 'cam-1')
    await one.send(10)
    await complete('away', 100)
    const sending = one.send(200)
    await until('some are stored', 120, async () => (await stored('away')) >= 300)
    await server.kill()
    await sending
    await server.start()
    await one.send(10)
    await complete('away', 2200)
    expect(await server.query('SELECT count(*) AS n FROM away.quarantine')).toEqual([{ n: '0' }])
  })

  it('find again what a collector that was killed had not acknowledged', { timeout: 600_000 }, async () => {
    const at = await broker()
    const flags = [
      ...['collect', '--json', '--broker', `mqtt://127.0.0.1:${at.port}`, '--broker-user', CONSOLE_USER],
      ...[
        '--broker-password-env',
        'TEST_BROKER_PASSWORD',
        '--password-env',
        'TEST_DATABASE_PASSWORD',
        '--tls',
        'off',
        '--log-level',
        'error',
      ],
      ...['--postgres', `postgres://muster@127.0.0.1:${server.port}/postgres`, '--schema', 'killed', '--fleet', FLEET, '--name', 'a'],
    ]
    process.env['TEST_BROKER_PASSWORD'] = passwordOf(CONSOLE_USER)
    process.env['TEST_DATABASE_PASSWORD'] = server.place.password ?? ''
    onTestFinished(() => {
      delete process.env['TEST_BROKER_PASSWORD']
      delete process.env['TEST_DATABASE_PASSWORD']
    })
    const first = startProgram('electron/core/cli.ts', flags)
    onTestFinished(() => first.kill('SIGKILL'))
    await until('the schema is there', 240, () =>
      stored('killed').then(
        () => true,
        () => false,
      ),
    )
    const [one, two] = [await device(at, 'cam-1'), await device(at, 'cam-2')]
    // The place in the group is there as soon as a message is stored.
    await until('it collects', 240, async () => {
      await one.send(1)
      return (await stored('killed')) > 0
    })
    const sending = two.send(80)
    await until('some are stored', 240, async () => (await stored('killed')) >= 100)
    await first.kill('SIGKILL')
    await sending
    const again = startProgram('electron/core/cli.ts', flags)
    onTestFinished(() => again.kill('SIGKILL'))
    await until(
      'all of cam-2 is there',
      240,
      async () => Number((await server.query(`SELECT count(*) AS n FROM killed.events WHERE device = 'cam-2'`))[0]!['n']) === 800,
    )
    await again.kill('SIGTERM')
    expect(await again.ended).toBe(0)
    expect(JSON.parse(again.output())).toMatchObject({ unreadable: 0 })
  })

  it('store the rows that a console stores, and name what they cannot read', async () => {
    const at = await broker()
    const collector = await collecting(at, 'wire', 'a')
    const kinds = ['window', 'event', 'resources', 'ledger', 'drop', 'shadow', 'sample', 'labels', 'distribution'] as const
    const records = kinds.map((kind, i) => telemetryRecord({ seq: i + 1, kind }))
    const bad = { ...telemetryRecord({ seq: 10 }), body: { name: 7 } }
    const client = (await device(at, 'cam-1')).client
    const topic = topicOf(FLEET, 'telemetry', { device: 'cam-1' })
    await client.publishAsync(topic, 'no JSON', { qos: 1 })
    const message = telemetryBatch({ device: 'cam-1', spool: 'spool-cam-1', from: 1, through: 10, records: [...records, bad] })
    await client.publishAsync(topic, message, { qos: 1 })
    await complete('wire', 1)
    expect(collector.counts).toMatchObject({ messages: 2, unreadable: 1 })
    const desk = openForwardDesk()
    desk.give(
      'cam-1',
      records.map(({ kind, body, measuredAt }) => ({ kind, body, at: measuredAt }) as never),
      T0,
    )
    const { forward } = await desk.call('forward.set', { set: { ...server.place, schema: 'copied' } })
    await until('it is copied', 120, async () => (await desk.call('forward.status', { forward })).waiting === 0)
    for (const table of ['windows', 'events', 'resources', 'ledgers', 'drops', 'shadows'])
      expect([table, await server.query(`SELECT * FROM wire.${table}`)]).toEqual([
        table,
        await server.query(`SELECT * FROM copied.${table}`),
      ])
    expect(await server.query('SELECT seq, reason FROM wire.quarantine')).toMatchObject([{ seq: '10' }])
  })

  it('give their place up with what waits for them stored, and do not fight over a name', async () => {
    const at = await broker()
    const a = await collecting(at, 'leaving', 'a')
    const one = await device(at, 'cam-1')
    await a.stop()
    await one.send(5)
    const leaving = startCollector({ ...optionsOf(at, 'leaving', 'a'), isLeaving: true })
    await leaving.done
    expect(await stored('leaving')).toBe(50)
    // Nobody is in the group any more: the broker keeps nothing for it.
    await one.send(5)
    const b = await collecting(at, 'leaving', 'b')
    let isReady = false
    const second = startCollector({ ...optionsOf(at, 'leaving', 'b'), onReady: () => (isReady = true) })
    onTestFinished(() => second.stop())
    await one.send(5)
    await complete('leaving', 100)
    expect([isReady, b.counts.messages, second.counts.messages]).toEqual([false, 5, 0])
    await b.stop()
    // By now it may wait half a minute between its attempts.
    await until('the second one takes over', 120, () => isReady)
    await one.send(5)
    await complete('leaving', 150)
  })

  it('leave with what waits for them stored, however slow the database is, and over a cut', async () => {
    const at = await broker()
    const proxy = await startFaultProxy({ port: server.port })
    onTestFinished(() => proxy.stop())
    const a = await collecting(at, 'slow', 'a')
    const one = await device(at, 'cam-1')
    await a.stop()
    await one.send(40)
    const options = optionsOf(at, 'slow', 'a')
    const leaving = startCollector({ ...options, postgres: { ...options.postgres, port: proxy.port }, isLeaving: true })
    onTestFinished(() => leaving.stop())
    const reached = (records: number): Promise<true> => until(`${records} records`, 120, async () => (await stored('slow')) >= records)
    proxy.setDelay(20)
    await reached(100)
    // A message in the middle takes longer than the silence after which a collector believes that nothing waits any more.
    proxy.setDelay(250)
    await reached(120)
    proxy.setDelay(20)
    await reached(200)
    proxy.cutAll()
    await leaving.done
    expect(await stored('slow')).toBe(400)
  })

  it('say that a broker of MQTT 3.1.1 shares nothing', async () => {
    const { url } = await startEmbedded()
    const collector = startCollector({
      ...{ url, username: null, password: null, ca: null, fleet: FLEET, group: 'collect', name: 'a' },
      ...{ postgres: { ...server.place, schema: 'old' }, now: () => T0, log: () => undefined },
    })
    await expect(collector.done).rejects.toMatchObject({ code: 'broker.no-shared' })
  })
})
