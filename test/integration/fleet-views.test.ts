import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startProgram } from '../../build/demo/child.ts'
import { connectConsole } from '../../electron/core/cli/connect.ts'
import { startCore, type Core } from '../../electron/core/core.ts'
import type { RpcClient } from '../../shared/rpc/client.ts'
import { hostileTexts } from '../harness/hostile-texts.ts'
import { bringOnline, fillFleet, type LargeFleet } from '../harness/large-fleet.ts'

const HOUR = 3_600_000
let directory: string
let core: Core
let rpc: RpcClient
let fleet: LargeFleet

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'muster-views-'))
  fleet = await fillFleet(directory, { devices: 60, hostile: true, minutes: 180 })
  core = await startCore({
    ...{ dataDirectory: directory, broker: { kind: 'embedded', host: '127.0.0.1', port: 0 }, http: { host: '127.0.0.1', port: 0 } },
    ...{ fleetName: null, log: () => undefined, checksOutput: true },
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
  })
  bringOnline(directory, fleet.online)
  rpc = await connectConsole({ data: directory, url: core.url, token: core.token })
}, 120_000)
afterAll(async () => {
  rpc?.close()
  await core?.stop()
  rmSync(directory, { recursive: true, force: true })
})

/** Runs `muster` against the console; with its exit code and what it printed. */
async function muster(...args: string[]): Promise<{ exit: number | NodeJS.Signals; output: string }> {
  const program = startProgram('electron/core/cli.ts', ['--data', directory, ...args])
  return { exit: await program.ended, output: program.output() }
}

async function musterJson(...args: string[]): Promise<Record<string, never>> {
  const { output } = await muster('--json', ...args)
  return JSON.parse(output) as Record<string, never>
}

describe('labels, notes and removal', () => {
  test('labels that were set by a query are set back, each device to what it had', async () => {
    const before = await rpc.call('devices.list', {})
    const set = await rpc.call('devices.setLabels', { query: 'site = "site-0*"', labels: { site: 'moved', extra: 'x', line: null } })
    expect((await rpc.call('devices.table', { query: 'site = moved and extra = x', limit: 0 })).total).toBe(set.devices.length)
    const undone = await rpc.call('devices.restoreLabels', { previous: [...set.previous, { labels: { a: 'b' }, devices: ['gone'] }] })
    expect([undone.devices.toSorted(), undone.missing]).toEqual([[...set.devices].toSorted(), ['gone']])
    const labels = (list: typeof before) => list.devices.map((one) => [one.device, one.labels])
    expect(labels(await rpc.call('devices.list', {}))).toEqual(labels(before))
  })

  test('a note is kept, shown, replaced and cleared', async () => {
    const text = `${hostileTexts.markup}\n${hostileTexts.rightToLeft}`
    await rpc.call('devices.setNote', { device: 'dev-00050', text })
    const { note } = await rpc.call('devices.show', { device: 'dev-00050' })
    expect(note).toMatchObject({ text, notedBy: 'cli' })
    expect((await rpc.call('devices.setNote', { device: 'dev-00050', text: '' })).previous).toBe(text)
    expect((await rpc.call('devices.show', { device: 'dev-00050' })).note).toBeNull()
    await expect(rpc.call('devices.setNote', { device: 'dev-0005', text })).rejects.toMatchObject({ code: 'device.not-found' })
  })

  test('many devices are removed only while there are as many as were confirmed', async () => {
    const query = 'id in (dev-00058, dev-00059)'
    await expect(rpc.call('devices.removeMany', { query, expect: 3 })).rejects.toMatchObject({
      code: 'device.selection-changed',
      message: expect.stringContaining('2 devices match'),
    })
    expect((await rpc.call('devices.table', { query, limit: 0 })).total).toBe(2)
    expect((await rpc.call('devices.removeMany', { query, expect: 2 })).devices).toEqual(['dev-00058', 'dev-00059'])
    expect((await rpc.call('devices.table', { query, limit: 0 })).total).toBe(0)
  })
})

describe('one device', () => {
  test('has its slots, its state and why', async () => {
    // Fetches the newer version.
    const shown = await rpc.call('devices.show', { device: 'dev-00055' })
    expect(shown).toMatchObject({ health: 'working', status: 'online' })
    expect(shown.sentence).toContain('is fetching the bundle: 7 of 16 blocks are there.')
    expect(shown.slots).toMatchObject([
      {
        deployment: 'digits',
        ordered: { version: '1.1.0', digest: fleet.versions[1]!.digest },
        active: { version: '1.0.0', digest: fleet.versions[0]!.digest },
        candidate: { version: '1.1.0' },
        lastGood: { version: '1.0.0' },
        ...{ state: 'fetching', shareOfBlocks: 7 / 16, problem: null },
      },
    ])
  })

  test('its timeline has events and what people did, in order and page by page', async () => {
    const device = 'dev-00051'
    await rpc.call('deployments.apply', { query: `id = ${device}`, model: 'digits', version: '1.1.0' })
    await rpc.call('devices.setLabels', { query: `id in (${device}, dev-00052)`, labels: { site: 'lyon' } })
    const all = await rpc.call('devices.timeline', { device, limit: 200 })
    expect(all.next).toBeNull()
    expect(all.entries.map(({ name }) => name).filter((name) => name.includes('s.'))).toEqual(['devices.setLabels', 'deployments.apply'])
    expect(all.entries[0]).toMatchObject({ kind: 'command', actor: 'cli', message: 'Labels were changed: site = lyon.' })
    expect(all.entries.map(({ at }) => at)).toEqual(all.entries.map(({ at }) => at).toSorted((a, b) => b - a))
    const pages = []
    let before: string | null = null
    do {
      const page: typeof all = await rpc.call('devices.timeline', { device, limit: 1, ...(before === null ? {} : { before }) })
      pages.push(...page.entries)
      before = page.next
    } while (before !== null)
    expect(pages).toEqual(all.entries)
    expect((await rpc.call('devices.timeline', { device, severity: 'warning' })).entries).toEqual([])
    const { orders } = await rpc.call('devices.show', { device })
    expect(orders.map(({ message }) => message)).toEqual(['digits 1.1.0 was ordered.'])
    await expect(rpc.call('devices.timeline', { device, before: '1.2' })).rejects.toMatchObject({ code: 'input.invalid' })
  })
})

describe('queries', () => {
  test('are checked with the place of the fault, and completed with what is in use', async () => {
    expect(await rpc.call('devices.checkQuery', { query: 'health = failed or site = nowhere' })).toMatchObject({ ok: true })
    expect(await rpc.call('devices.checkQuery', { query: 'site = x and sitte = y' })).toEqual({
      ok: false,
      problem: { code: 'query.unknown-attribute', message: expect.stringContaining("Did you mean 'site'?"), from: 13, to: 18 },
    })
    const { items, from, to } = await rpc.call('devices.completions', { query: 'agent = 0.1', caret: 11 })
    expect([from, to, items.map(({ text }) => text).toSorted()]).toEqual([8, 11, ['0.1.0', '0.1.1', '0.10.0']])
    const markup = await rpc.call('devices.completions', { query: 'site = <', caret: 7 })
    expect(markup.items.map(({ text }) => text)).toContain(`"${hostileTexts.markup}"`)
    const sizes = await rpc.call('devices.completions', { query: 'mem >= ', caret: 7 })
    expect(sizes.items.find(({ text }) => text === '4GB')!.detail).toMatch(/^\d+ devices have at least so much$/)
  })

  test('are saved under a name, once, and forgotten', async () => {
    const content = { query: 'health = failed', columns: ['device', 'health'], sort: { column: 'health', descending: false } } as const
    const input = { ...content, columns: [...content.columns] }
    const { saved } = await rpc.call('queries.save', { name: '  Broken ', ...input })
    expect(saved).toMatchObject({ name: 'Broken', ...input })
    await expect(rpc.call('queries.save', { name: 'Broken', query: '' })).rejects.toMatchObject({ code: 'query.exists' })
    await expect(rpc.call('queries.save', { name: 'Bad', query: 'health = ' })).rejects.toMatchObject({ code: 'query.syntax' })
    const replaced = await rpc.call('queries.save', { name: 'Broken', query: 'health in (failed, attention)', mayReplace: true })
    expect(replaced.replaced).toEqual(saved)
    expect((await rpc.call('queries.list', {})).queries).toMatchObject([{ name: 'Broken', total: expect.any(Number) }])
    expect((await rpc.call('search.all', { text: 'broken' })).results[0]).toMatchObject({ kind: 'query', target: { page: 'devices' } })
    await rpc.call('queries.remove', { name: 'Broken' })
    await expect(rpc.call('queries.remove', { name: 'Broken' })).rejects.toMatchObject({ code: 'query.not-found' })
  })
})

describe('telemetry over time', () => {
  test('of one device adds up to its summary, and gaps are null', async () => {
    const through = Date.now() + 60_000
    const range = { from: through - 5 * HOUR, through }
    for (const device of ['dev-00000', 'dev-00010']) {
      const { rows } = await rpc.call('telemetry.summary', { query: `id = ${device}`, ...range })
      const { series } = await rpc.call('telemetry.series', { device, ...range, buckets: 30 })
      const sum = (values: (number | null)[]): number => values.reduce((all: number, one) => all + (one ?? 0), 0)
      const expected = rows[0]!
      const one = series[0]!
      expect([sum(one.requests), sum(one.errors), one.totals.requests, sum(one.labelled), one.totals.latencyMs]).toEqual([
        ...[expected.requests, expected.errors, expected.requests, expected.quality!.labelled, expected.latencyMs],
      ])
      expect(sum(one.correct) / sum(one.labelled)).toBeCloseTo(expected.quality!.accuracy!)
      expect(one.requests.slice(0, 6)).toEqual([null, null, null, null, null, null])
      expect(one.latencyMs.p95.map((value) => value === null)).toEqual(one.requests.map((value) => value === null))
      expect(one.errorsByCause.map(({ cause, counts }) => [cause, sum(counts)])).toEqual(
        Object.entries(expected.errorsByCause).filter(([, count]) => count > 0),
      )
    }
  })

  test('of the fleet is the same from its sums as from every record', async () => {
    const through = Math.floor(Date.now() / 60_000) * 60_000
    const range = { from: through - 4 * HOUR, through, buckets: 24, by: 'version' as const }
    const kept = await rpc.call('telemetry.fleetSeries', range)
    const devices = fleet.devices.filter((device) => device !== 'dev-00058' && device !== 'dev-00059')
    // All but one device, read from the records, and that one on its own.
    const others = await rpc.call('telemetry.series', { ...range, query: `not id = ${devices[0]!}` })
    const first = await rpc.call('telemetry.series', { ...range, device: devices[0]! })
    const removed = kept.series.reduce((all, one) => all + one.totals.requests, 0)
    const read = [...others.series, ...first.series].reduce((all, one) => all + one.totals.requests, 0)
    // The two devices that were removed are still in the sums of the fleet: 6 windows each.
    expect(removed - read).toBeGreaterThanOrEqual(0)
    expect(removed - read).toBeLessThanOrEqual(2 * 6 * 62)
    expect(kept.bucketMs).toBe(10 * 60_000)
    expect(kept.series.every(({ model, deployment }) => model === 'digits' && deployment === 'digits')).toBe(true)
  })

  test('of the machine are means of their bucket, the temperature its highest', async () => {
    const through = Date.now() + 60_000
    const shown = await rpc.call('telemetry.resources', { device: 'dev-00000', from: through - 2 * HOUR, through, buckets: 4 })
    expect(shown.buckets).toBe(4)
    expect(shown.temperatureCelsius.slice(0, 3)).toEqual([56, 56, 56])
    expect(shown.memoryUsedBytes[0]).toBe(3e9)
    expect(shown.cpuCores[0]).toBeGreaterThan(0.2)
    const silent = await rpc.call('telemetry.resources', { device: 'dev-00040', from: through - HOUR, through, buckets: 2 })
    expect(silent.cpuCores).toEqual([null, null])
  })

  test('events of the fleet come page by page, also of some devices', async () => {
    const all = await rpc.call('telemetry.events', { limit: 200 })
    expect([all.events.length, all.next]).toEqual([fleet.devices.length, null])
    const first = await rpc.call('telemetry.events', { limit: 30 })
    const second = await rpc.call('telemetry.events', { limit: 200, before: first.next! })
    expect([...first.events, ...second.events]).toEqual(all.events)
    const some = await rpc.call('telemetry.events', { query: 'id = "hostile-*"' })
    expect(some.events.map(({ message }) => message).toSorted()).toEqual(Object.values(hostileTexts).toSorted())
  })

  test('a period that goes backwards is refused', async () => {
    await expect(rpc.call('telemetry.fleetSeries', { from: 10, through: 10 })).rejects.toMatchObject({ code: 'input.invalid' })
  })
})

describe('the command line', () => {
  test('has a verb for everything', async () => {
    const csv = join(directory, 'devices.csv')
    const verbs: { args: string[]; says: string | RegExp }[] = [
      { args: ['overview'], says: /of 63 devices healthy/ },
      { args: ['search', 'dev-0004'], says: 'dev-00040' },
      { args: ['devices', 'list', '--sort', 'health', '-q', 'health = attention'], says: 'attention' },
      { args: ['devices', 'list', '--csv', csv, '--sort', 'device:desc'], says: '63 devices were written' },
      { args: ['devices', 'note', 'dev-00041', 'replace the fan'], says: 'was set' },
      { args: ['devices', 'note', 'dev-00041'], says: 'replace the fan' },
      { args: ['devices', 'timeline', 'dev-00041'], says: 'devices.setNote' },
      { args: ['events', '--limit', '3', '-q', 'id = dev-00041'], says: 'model.activated' },
      { args: ['queries', 'save', 'Fans', 'tag:camera', '--sort', 'lastSeenAt:desc'], says: "Saved 'Fans'" },
      { args: ['queries', 'list'], says: 'tag:camera' },
      { args: ['queries', 'remove', 'Fans'], says: 'was forgotten' },
      { args: ['telemetry', 'series', '--device', 'dev-00000', '--since', '2h', '--buckets', '4'], says: 'p95 ms' },
      { args: ['telemetry', 'series', '--by', 'version'], says: 'digits: digits@1.1.0' },
      { args: ['telemetry', 'resources', 'dev-00000'], says: 'CPU cores' },
    ]
    for (const { args, says } of verbs) {
      const { exit, output } = await muster(...args)
      expect([args.join(' '), exit, output]).toEqual([
        args.join(' '),
        0,
        typeof says === 'string' ? expect.stringContaining(says) : expect.stringMatching(says),
      ])
    }
    const lines = readFileSync(csv, 'utf8').split('\r\n')
    expect([lines[0]!.split(',').slice(0, 3), lines.length]).toEqual([['device', 'health', 'why'], 65])
    expect(lines.find((line) => line.startsWith('hostile-formula'))).toContain(`"'=HYPERLINK(""https://example.invalid"",""click"")"`)
  }, 180_000)

  test('prints JSON, and refuses with a code', async () => {
    expect(await musterJson('telemetry', 'series', '--since', '1h', '-q', '')).toMatchObject({ bucketMs: 300_000 })
    expect(await musterJson('queries', 'list')).toEqual({ queries: [] })
    expect(await musterJson('devices', 'remove', '-q', 'id = dev-00041')).toMatchObject({
      error: { code: 'usage', hint: 'Add --expect 1 --yes to do it.' },
    })
    expect(await musterJson('devices', 'remove', '-q', 'id = dev-00041', '--expect', '2', '--yes')).toMatchObject({
      error: { code: 'device.selection-changed' },
    })
    expect(await musterJson('devices', 'remove', '-q', 'id = dev-00041', '--expect', '1', '--yes')).toEqual({ devices: ['dev-00041'] })
    expect(await musterJson('devices', 'list', '--sort', 'colour')).toMatchObject({ error: { code: 'usage' } })
    expect(await musterJson('devices', 'timeline', 'nobody')).toMatchObject({ error: { code: 'device.not-found' } })
    expect(await musterJson('queries', 'remove', 'nothing')).toMatchObject({ error: { code: 'query.not-found' } })
  }, 120_000)
})
