import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { until } from '../../build/demo/child.ts'
import { Load } from '../../electron/core/sample-fleet/load.ts'
import type { LocalAgent } from '../../build/demo/local-fleet.ts'
import { madeAndStored } from '../../build/demo/proof.ts'
import { readStream } from '../../electron/core/sample-fleet/sample-stream.ts'
import { deployEverywhere, importSample, startFleet } from '../harness/console.ts'

const CYCLES = Number(process.env['MUSTER_CYCLES'] ?? 100)
const stream = readStream('build/samples/digits/stream.csv')

/** A fixed sequence of pauses over the whole span of a swap: the same kill points in every run. */
function pauses(count: number, longestMs: number): number[] {
  return Array.from({ length: count }, (_, i) => ((i * 61) % 100) * (longestMs / 100))
}

/** Asks one row; a device must always answer with a committed version, within 10 s of its start. */
async function answersWith(agent: LocalAgent): Promise<string> {
  const body = JSON.stringify({ inputs: [{ name: 'pixels', shape: [1, 64], datatype: 'FP32', data: stream.rows[0] }] })
  return until(`${agent.device} to answer`, 10, async () => {
    const response = await fetch(`${agent.url}/v2/models/digits/infer`, { method: 'POST', body, signal: AbortSignal.timeout(5000) }).catch(
      () => null,
    )
    if (response === null || !response.ok) return null
    return ((await response.json()) as { model_version: string }).model_version
  })
}

function storedRows(data: string): { records: number; twice: number; labels: number } {
  const db = new Database(join(data, 'telemetry.db'), { readonly: true })
  try {
    const one = (sql: string): number => db.prepare<[], { n: number }>(sql).get()!.n
    const tables = ['window', 'distribution', 'labels', 'sample', 'event', 'resources', 'ledger', 'dropped', 'quarantine']
    const all = tables.map((table) => `SELECT spool, seq FROM ${table}`).join(' UNION ALL ')
    return {
      records: one(`SELECT count(*) AS n FROM (${all})`),
      twice: one(`SELECT count(*) AS n FROM (SELECT 1 FROM (${all}) GROUP BY spool, seq HAVING count(*) > 1)`),
      labels: one('SELECT count(*) AS n FROM label'),
    }
  } finally {
    db.close()
  }
}

test(`cases 13 and 28: ${CYCLES} kills of the agent during a model swap: never without a usable model, nothing acknowledged lost`, async () => {
  const fleet = await startFleet({ broker: 'embedded', devices: ['cam-1'] })
  const { host, agents } = fleet
  const agent = agents[0]!
  await importSample(host, 'digits', '1.0.0')
  await importSample(host, 'digits', '1.1.0')
  await deployEverywhere(fleet, 'digits', '1.0.0')
  const load = new Load({ agent, stream, model: 'digits', input: 'pixels', perSecond: 100 })
  const began = performance.now()
  await deployEverywhere(fleet, 'digits', '1.1.0')
  // Kills fall over the whole swap and a little beyond it, however fast this machine is.
  const swapMs = (performance.now() - began) * 1.2
  const versions = new Map<string, number>()
  for (const [i, pause] of pauses(CYCLES, swapMs).entries()) {
    await host.rpc!.call('deployments.apply', { query: '', model: 'digits', version: i % 2 === 0 ? '1.0.0' : '1.1.0' })
    await sleep(pause)
    await agent.crash()
    await agent.launch()
    const version = await answersWith(agent)
    versions.set(version, (versions.get(version) ?? 0) + 1)
  }
  await deployEverywhere(fleet, 'digits', '1.1.0')
  await sleep(1500)
  await load.stop()
  const proof = await until('every record to be stored', 60, () => madeAndStored(host.rpc!, agents))
  const rows = storedRows(host.data)
  process.stdout.write(
    `agent kills: ${CYCLES} within ${Math.round(swapMs)} ms of an order, answered after each by ${[...versions].map(([version, count]) => `${version} x${count}`).join(', ')}; ${proof.sentence} twice: ${rows.twice}; labels acknowledged ${load.counts.labelled}, stored ${rows.labels}\n`,
  )
  expect({ killed: [...versions.values()].reduce((a, b) => a + b, 0), isEqual: proof.isEqual, twice: rows.twice }).toEqual({
    killed: CYCLES,
    isEqual: true,
    twice: 0,
  })
  // A label whose acknowledgement was cut off by the kill may be stored too: never fewer than were acknowledged.
  expect(rows.labels).toBeGreaterThanOrEqual(load.counts.labelled)
  expect(rows.labels - load.counts.labelled).toBeLessThanOrEqual(CYCLES)
})

test(`cases 26 and 27: ${CYCLES} kills of the console under load: no acknowledged record lost, none stored twice`, async () => {
  const fleet = await startFleet({ broker: 'embedded', devices: ['cam-1', 'cam-2', 'cam-3'] })
  const { host, agents } = fleet
  await importSample(host, 'digits', '1.0.0')
  await deployEverywhere(fleet, 'digits', '1.0.0')
  const loads = agents.map((agent) => new Load({ agent, stream, model: 'digits', input: 'pixels', perSecond: 100 }))
  for (const pause of pauses(CYCLES, 800)) {
    await sleep(pause)
    await host.crash()
    await host.launch()
  }
  await sleep(1500)
  await Promise.all(loads.map((load) => load.stop()))
  const proof = await until('every record to be stored', 90, () => madeAndStored(host.rpc!, agents))
  const rows = storedRows(host.data)
  const labelled = loads.reduce((sum, load) => sum + load.counts.labelled, 0)
  process.stdout.write(
    `console kills: ${CYCLES}; ${proof.sentence} twice: ${rows.twice}; labels acknowledged ${labelled}, stored ${rows.labels}\n`,
  )
  expect({
    isEqual: proof.isEqual,
    twice: rows.twice,
    labels: rows.labels,
    failures: loads.map(({ counts }) => counts.firstFailure),
  }).toEqual({
    isEqual: true,
    twice: 0,
    labels: labelled,
    failures: [null, null, null],
  })
})
