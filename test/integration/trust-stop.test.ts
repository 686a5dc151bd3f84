import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../build/demo/child.ts'
import { madeAndStored } from '../../build/demo/proof.ts'
import { Load } from '../../electron/core/sample-fleet/load.ts'
import { readStream } from '../../electron/core/sample-fleet/sample-stream.ts'
import { deployEverywhere, importSample, startFleet } from '../harness/console.ts'

/** Files that something was in the middle of writing. */
function halfFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(new|partial|journal\.json)(\/|$)/.test(name))
}

test(
  'case 59: SIGTERM in the middle of load and of a backup: an ordered stop, nothing lost, no half file',
  { timeout: 180_000 },
  async () => {
    const fleet = await startFleet({ broker: 'embedded', devices: ['cam-1'] })
    const { host, agents, directory } = fleet
    await importSample(host, 'digits', '1.0.0')
    await deployEverywhere(fleet, 'digits', '1.0.0')
    const stream = readStream('build/samples/digits/stream.csv')
    const loads = agents.map((agent) => new Load({ agent, stream, model: 'digits', input: 'pixels', perSecond: 50 }))
    onTestFinished(async () => void (await Promise.all(loads.map((load) => load.stop()))))
    await sleep(1000)
    await host.rpc!.call('backups.make', {})
    const began = performance.now()
    const ends = await Promise.all(
      [host.program!, ...agents.map((agent) => agent.program!)].map(async (program) => {
        await program.kill('SIGTERM')
        return program.ended
      }),
    )
    const ms = Math.round(performance.now() - began)
    await Promise.all(loads.map((load) => load.stop()))
    expect(ends).toEqual([0, 0])
    expect(halfFiles(directory)).toEqual([])
    await host.launch()
    for (const agent of agents) await agent.launch()
    const proof = await until('every record to be stored', 40, () => madeAndStored(host.rpc!, agents))
    expect(proof).toMatchObject({ isEqual: true, dropped: 0 })
    // Either it was there as a whole in time, or it was never there.
    const { backups } = await host.rpc!.call('backups.show', {})
    expect(backups.every(({ fault }) => fault === null)).toBe(true)
    expect(readdirSync(join(host.data, 'backups')).filter((name) => name.endsWith('.partial'))).toEqual([])
    process.stdout.write(`SIGTERM to a console and an agent under load: all ended with 0 within ${ms} ms; ${proof.sentence}\n`)
  },
)

test(
  'case 59: a system that shuts down with two seconds of grace: nothing acknowledged is lost, and both start again',
  { timeout: 180_000 },
  async () => {
    const fleet = await startFleet({ broker: 'embedded', devices: ['cam-1'] })
    const { host, agents } = fleet
    await importSample(host, 'digits', '1.0.0')
    await deployEverywhere(fleet, 'digits', '1.0.0')
    const stream = readStream('build/samples/digits/stream.csv')
    const loads = agents.map((agent) => new Load({ agent, stream, model: 'digits', input: 'pixels', perSecond: 50 }))
    onTestFinished(async () => void (await Promise.all(loads.map((load) => load.stop()))))
    await sleep(1000)
    await host.rpc!.call('backups.make', {})
    const programs = [host.program!, ...agents.map((agent) => agent.program!)]
    for (const program of programs) void program.kill('SIGTERM')
    await sleep(2000)
    // Whoever still runs, with all of its children, is ended as the system does it.
    for (const program of programs) await program.killGroup()
    await Promise.all([...loads.map((load) => load.stop()), ...programs.map((program) => program.ended)])
    await host.launch()
    for (const agent of agents) await agent.launch()
    const proof = await until('every record to be stored', 40, () => madeAndStored(host.rpc!, agents))
    expect(proof).toMatchObject({ isEqual: true, dropped: 0 })
    const { backups } = await host.rpc!.call('backups.show', {})
    expect(backups.every(({ fault }) => fault === null)).toBe(true)
  },
)
