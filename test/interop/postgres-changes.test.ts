import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { until } from '../../build/demo/child.ts'
import { connectPostgres } from '../../electron/core/forward/postgres/connect.ts'
import { startCopier } from '../../electron/core/forward/postgres/copier.ts'
import { firstPlaces } from '../../electron/core/forward/postgres/copy.ts'
import { openTelemetryWriter } from '../../electron/core/store/telemetry/open.ts'
import { openTelemetryQueries } from '../../electron/core/store/telemetry/queries.ts'
import { fleetStore, T0, temporaryDirectory } from '../harness/fleet.ts'
import { openForwardDesk } from '../harness/forward-desk.ts'
import { monitoredStore, openGiver, type Given } from '../harness/monitored-store.ts'
import { hasPostgres, startPostgres, type Postgres } from '../harness/postgres.ts'
import { telemetryRecord } from '../harness/telemetry.ts'

const events = (times: number, message = 'said'): Given[] =>
  Array.from({ length: times }, () => ({
    ...{ kind: 'event' as const, at: T0 },
    body: { ...(telemetryRecord({ seq: 1, kind: 'event' })['body'] as object), message },
  }))

const ledgerOf = (times: number, inferences: number): Given[] =>
  Array.from({ length: times }, () => ({
    ...{ kind: 'ledger' as const, at: T0 },
    body: { ...(telemetryRecord({ seq: 1, kind: 'ledger' })['body'] as object), inferences },
  }))

type Desk = ReturnType<typeof openForwardDesk>

let server: Postgres
describe.skipIf(!hasPostgres)('a copy in PostgreSQL, when something is changed', { timeout: 300_000 }, () => {
  beforeAll(async () => {
    server = await startPostgres()
  }, 120_000)
  afterAll(() => server?.remove())

  const countOf = async (from: string): Promise<number> => Number((await server.query(`SELECT count(*) AS n FROM ${from}`))[0]!['n'])
  const eventsOf = async (desk: Desk, forward: string) =>
    (await desk.call('forward.status', { forward })).tables.find(({ table }) => table === 'events')!
  const complete = (desk: Desk, forward: string): Promise<unknown> =>
    until('nothing waits', 120, async () => {
      const { waiting, problem } = await desk.call('forward.status', { forward })
      return waiting === 0 && problem === null
    })
  const problemOf = (desk: Desk, forward: string): Promise<{ code: string; message: string }> =>
    until('the copy says what is wrong', 120, async () => (await desk.call('forward.status', { forward })).problem)

  it('goes to the database that is set now, also if that was changed while the one before was being connected to', async () => {
    const { give, queries } = monitoredStore()
    const store = fleetStore()
    give('cam-1', events(1500), T0)
    await server.query('CREATE DATABASE old_one')
    await server.query('CREATE DATABASE new_one')
    const put = (database: string, setAt: number): void => {
      const places = firstPlaces(queries.copies)
      store.transact(() =>
        store.forwards.put({ forward: 'copy', settings: { ...server.place, database }, places, restored: null, setAt, setBy: 'kim' }),
      )
    }
    let letGo = (): void => undefined
    const held = new Promise<void>((resolve) => (letGo = resolve))
    let isAsked = false
    let oldEnded = 0
    put('old_one', 1)
    const copier = startCopier({
      ...{
        store,
        copies: queries.copies,
        fleet: () => 'plant',
        now: () => T0,
        log: () => undefined,
        onChange: () => undefined,
        idleMs: 50,
      },
      async connect(place, onLost) {
        const client = await connectPostgres(place, onLost)
        if (place.database === 'old_one') {
          client.on('end', () => (oldEnded += 1))
          isAsked = true
          await held
        }
        return client
      },
    })
    onTestFinished(() => copier.stop())
    await until('the old database is asked', 60, () => isAsked)
    put('new_one', 2)
    copier.sync()
    letGo()
    const eventsIn = async (database: string): Promise<number> => {
      const client = await connectPostgres({ ...server.place, database })
      const { rows } = await client.query('SELECT count(*) AS n FROM muster.events')
      await client.end()
      return Number((rows[0] as { n: string }).n)
    }
    await until('nothing waits', 120, () => store.forwards.find('copy')!.places['events']!.at === 1500)
    expect([await eventsIn('new_one'), await eventsIn('old_one'), oldEnded]).toEqual([1500, 0, 1])
  })

  it.each([
    ['a column that must be filled', 'ALTER TABLE S.events ADD COLUMN plant text NOT NULL', 'ALTER TABLE S.events DROP COLUMN plant'],
    [
      'a rule that no record keeps',
      `ALTER TABLE S.events ADD CONSTRAINT most CHECK (message <> 'said') NOT VALID`,
      'ALTER TABLE S.events DROP CONSTRAINT most',
    ],
    ['shorter texts', 'ALTER TABLE S.events ALTER COLUMN message TYPE varchar(3)', 'ALTER TABLE S.events ALTER COLUMN message TYPE text'],
    ['a column that is gone', 'ALTER TABLE S.events RENAME COLUMN code TO errno', 'ALTER TABLE S.events RENAME COLUMN errno TO code'],
  ])('says that its tables were changed, puts nothing aside, and goes on when that is undone: %s', async (what, change, undo) => {
    const schema = what.replaceAll(' ', '_')
    const desk = openForwardDesk()
    const { forward } = await desk.call('forward.set', { set: { ...server.place, schema } })
    expect(await desk.call('forward.test', { forward })).toMatchObject({ works: true })
    await server.query(change.replaceAll('S.', `${schema}.`))
    desk.give('cam-1', events(3), T0 + 1000)
    const problem = await problemOf(desk, forward)
    expect(problem.code).toBe('forward.table-changed')
    expect(problem.message).toContain('The table events does not take records any more')
    expect(await eventsOf(desk, forward)).toMatchObject({ copied: 0, refused: 0, waiting: 3 })
    expect(await countOf(`${schema}.quarantine`)).toBe(0)
    await server.query(undo.replaceAll('S.', `${schema}.`))
    await complete(desk, forward)
    expect(await countOf(`${schema}.events`)).toBe(3)
    expect(await eventsOf(desk, forward)).toMatchObject({ copied: 3, refused: 0, waiting: 0 })
  })

  it('counts apart what PostgreSQL cannot hold, says it where that is most of a page, and copies all again on demand', async () => {
    const desk = openForwardDesk()
    const { forward } = await desk.call('forward.set', { set: { ...server.place, schema: 'again' } })
    expect(await desk.call('forward.test', { forward })).toMatchObject({ works: true })
    const ledgers = async () => (await desk.call('forward.status', { forward })).tables.find(({ table }) => table === 'ledgers')!
    const small = 'ALTER TABLE again.ledgers ALTER COLUMN inferences TYPE smallint'
    await server.query(small)
    desk.give('cam-1', [...ledgerOf(20, 7), ...ledgerOf(1, 100_000)], T0)
    await complete(desk, forward)
    expect(await ledgers()).toMatchObject({ copied: 20, refused: 1, waiting: 0 })
    expect(await server.query('SELECT seq, reason FROM again.quarantine')).toEqual([
      { seq: '21', reason: expect.stringContaining('smallint out of range') as string },
    ])
    desk.give('cam-1', [...ledgerOf(5, 7), ...ledgerOf(15, 100_000)], T0)
    expect(await problemOf(desk, forward)).toMatchObject({ code: 'forward.table-changed' })
    expect(await ledgers()).toMatchObject({ copied: 20, refused: 1, waiting: 20 })
    expect(await countOf('again.quarantine')).toBe(1)
    await server.query(small.replace('smallint', 'bigint'))
    await complete(desk, forward)
    expect(await countOf('again.ledgers')).toBe(40)
    expect(await desk.call('forward.copyAgain', { forward })).toMatchObject({ waiting: 41 })
    await complete(desk, forward)
    expect(await countOf('again.ledgers')).toBe(41)
    expect(await ledgers()).toMatchObject({ copied: 41, refused: 0, waiting: 0 })
    const hook = { kind: 'webhook' as const, name: 'x', url: 'http://127.0.0.1:1/', allowsPrivate: true, events: ['model' as const] }
    const other = await desk.call('forward.set', { set: { ...hook, secret: null, persons: false } })
    await expect(desk.call('forward.copyAgain', { forward: other.forward })).rejects.toMatchObject({ code: 'input.invalid' })
  })

  it('says what retention took before it was copied', async () => {
    const file = join(temporaryDirectory(), 'telemetry.db')
    const giver = openGiver(file)
    const queries = openTelemetryQueries(file)
    const pruner = openTelemetryWriter(file)
    onTestFinished(() => {
      queries.close()
      giver.close()
      pruner.close()
    })
    const desk = openForwardDesk({ telemetry: { slices: queries.slices, queries, give: giver.give } })
    desk.give('cam-1', events(10), T0)
    const { forward } = await desk.call('forward.set', { set: { ...server.place, schema: 'gap' } })
    await complete(desk, forward)
    expect(await eventsOf(desk, forward)).toMatchObject({ copied: 10, missed: 0 })
    await desk.call('forward.pause', { forward })
    desk.give('cam-1', events(20), T0 + 1000)
    pruner.prepare('DELETE FROM event WHERE rowid <= 25').run()
    await desk.call('forward.resume', { forward })
    await complete(desk, forward)
    expect(await eventsOf(desk, forward)).toMatchObject({ copied: 15, missed: 15, waiting: 0 })
    expect(await countOf('gap.events')).toBe(15)
    // What is copied is no loss when it goes.
    pruner.prepare('DELETE FROM event WHERE rowid < 30').run()
    desk.give('cam-1', events(1), T0 + 2000)
    await complete(desk, forward)
    expect(await eventsOf(desk, forward)).toMatchObject({ copied: 16, missed: 15 })
  })
})
