import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../build/demo/child.ts'
import { madeAndStored } from '../../build/demo/proof.ts'
import { Load } from '../../electron/core/sample-fleet/load.ts'
import { readStream } from '../../electron/core/sample-fleet/sample-stream.ts'
import { deployEverywhere, importSample, startFleet } from '../harness/console.ts'
import { allThreads, attach, hasStrace } from '../harness/strace.ts'

const SYNCS = ['fdatasync', 'fsync'] as const
if (!hasStrace) process.stderr.write('strace is not installed or may not attach: the failing disks are skipped\n')

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: { code: string }) => error.code,
  )

test.skipIf(!hasStrace)(
  'case 33: the disk of the console fails once, then for ever: typed errors, nothing half, an end in order',
  async () => {
    const { host, agents } = await startFleet({ broker: 'embedded', devices: ['cam-1'] })
    const [agent] = agents
    const save = (name: string): Promise<string> => codeOf(host.rpc!.call('queries.save', { name, query: 'site = lyon' }))
    const names = async (): Promise<string[]> => (await host.rpc!.call('queries.list', {})).queries.map(({ name }) => name)
    const core = host.program!.child.pid!
    const once = await attach([core], { fail: { calls: SYNCS, error: 'EIO', when: '1' } })
    const first = await save('first')
    const second = await save('second')
    await once.detach()
    // Another transaction may have met the fault; then both are there.
    expect(['store.io-error', 'done']).toContain(first)
    expect(second).toBe('done')
    expect(await names()).toEqual(first === 'done' ? ['first', 'second'] : ['second'])

    const forEver = await attach([core], { fail: { calls: SYNCS, error: 'EIO' } })
    expect(await save('third')).toBe('store.io-error')
    expect(await names()).not.toContain('third')
    const { needsAttention } = await host.rpc!.call('overview.show', {})
    expect(needsAttention.map(({ kind }) => kind)).toContain('store')
    // The device answers, whatever the console cannot do.
    expect(await agent!.isLive()).toBe(true)
    const began = performance.now()
    await host.stop()
    const ms = Math.round(performance.now() - began)
    await forEver.detach()
    expect(host.program!.child.signalCode).toBeNull()
    await host.launch()
    // What was acknowledged is there. A transaction whose sync failed was never acknowledged; its bytes may have come to the disk all the same, and
    // then it is there as a whole, with its audit entry: a resend under the same id gets its result.
    const after = await names()
    expect(after).toContain('second')
    const { entries } = await host.rpc!.call('audit.list', { filter: { action: 'queries.save' } })
    expect(entries.length).toBe(after.length)
    process.stdout.write(
      `console: EIO once → ${first}, then done; for ever → store.io-error, ended in order within ${ms} ms; then ${after.join(', ')}, each with its audit entry\n`,
    )
  },
)

test.skipIf(!hasStrace)(
  'case 33: the disk of a device fails for a while: it answers all the same, and nothing that was kept is lost',
  async () => {
    const fleet = await startFleet({ broker: 'embedded', devices: ['cam-1'] })
    const { host, agents } = fleet
    const agent = agents[0]!
    await importSample(host, 'digits', '1.0.0')
    await deployEverywhere(fleet, 'digits', '1.0.0')
    const stream = readStream('build/samples/digits/stream.csv')
    const load = new Load({ agent, stream, model: 'digits', input: 'pixels', perSecond: 20, tellsTruth: false })
    onTestFinished(() => load.stop())
    await sleep(1000)
    const failing = await attach(allThreads(agent.program!.child.pid!), { fail: { calls: SYNCS, error: 'EIO' } })
    const before = load.counts.answered
    await sleep(6000)
    const meanwhile = load.counts.answered - before
    const isRunning = agent.program!.child.exitCode === null
    await failing.detach()
    await sleep(2000)
    await load.stop()
    expect({ isRunning, answers: meanwhile > 3, failed: load.counts.failed }).toEqual({ isRunning: true, answers: true, failed: 0 })
    const proof = await until('every record to be stored', 40, () => madeAndStored(host.rpc!, agents))
    expect(proof).toMatchObject({ isEqual: true })
    process.stdout.write(`device: EIO for 6 s, ${meanwhile} answers meanwhile; ${proof.sentence}\n`)
  },
)
