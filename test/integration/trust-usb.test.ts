import { existsSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { until } from '../../build/demo/child.ts'
import { carryImported } from '../../shared/rpc/contract/carry.ts'
import { startCarriedFleet, type CarriedFleet, type Ended } from '../harness/carried-fleet.ts'
import { importSample } from '../harness/console.ts'

type Applied = { problem: { code: string } | null; deployments: Record<string, { state: string; version: string }>; records: number | null }

/** What `muster-agent carry apply --json` printed. */
function resultOf({ output }: Ended): Applied {
  return JSON.parse(output) as Applied
}

async function order({ fleet }: CarriedFleet, version: string): Promise<string> {
  const { digest } = await importSample(fleet.host, 'digits', version)
  await fleet.host.rpc!.call('deployments.apply', { query: '', model: 'digits', version, windowSeconds: 1 })
  return digest
}

async function answers({ agent }: CarriedFleet): Promise<{ version: string; status: number }> {
  const inputs = [{ name: 'X', shape: [1, 64], datatype: 'FP32', data: Array.from({ length: 64 }, () => 0) }]
  const meta = (await (await fetch(`${agent.url}/v2/models/digits`)).json()) as { versions: string[]; inputs: { name: string }[] }
  inputs[0]!.name = meta.inputs[0]!.name
  const { status } = await fetch(`${agent.url}/v2/models/digits/infer`, { method: 'POST', body: JSON.stringify({ inputs }) })
  return { version: meta.versions[0]!, status }
}

/** Numbers of the spool in the store of the console: each is there once, none is missing. */
async function ledger({ fleet }: CarriedFleet): Promise<{ through: number; stored: number; quarantined: number }> {
  const { spools } = await fleet.host.rpc!.call('telemetry.ledger', { device: 'cam-1' })
  expect(spools).toHaveLength(1)
  return spools[0]!
}

// Two models are imported and two agents started anew: on a busy machine that takes longer than the usual limit.
test(
  'a device that never has a network gets its models by stick, and everything it says comes back once',
  { timeout: 240_000 },
  async () => {
    const world = await startCarriedFleet()
    const { fleet, agent, stick, muster, apply } = world
    await order(world, '1.0.0')
    expect(await muster('carry', 'export', '--out', stick)).toMatchObject({ code: 0 })
    const first = world.copyOfStick('first')

    // No agent runs: one is started for as long as it takes.
    const begun = await apply()
    expect([begun.code, begun.output]).toEqual([0, expect.any(String)])
    expect(resultOf(begun)).toMatchObject({ problem: null, deployments: { digits: { state: 'active', version: '1.0.0' } } })
    const { devices } = carryImported.parse(JSON.parse((await muster('carry', 'import', stick)).output))
    expect(devices).toMatchObject([{ device: 'cam-1', state: 'taken', problem: null, deployments: { digits: { state: 'active' } } }])
    expect(devices[0]!.records).toBe(resultOf(begun).records)
    expect(await fleet.host.rpc!.call('devices.show', { device: 'cam-1' })).toMatchObject({
      status: 'offline',
      deployments: { digits: { active: { version: '1.0.0' } } },
    })
    const afterFirst = await ledger(world)
    expect(afterFirst).toMatchObject({ through: afterFirst.stored, quarantined: 0 })

    // The second round meets a running agent, which is killed in the middle of it.
    const digest = await order(world, '1.1.0')
    await world.export()
    await agent.launch()
    expect(await answers(world)).toEqual({ version: '1.0.0', status: 200 })
    const cut = world.applied(stick).catch((error: unknown) => error)
    await until('the new model to be on its way', 20, () => readFileSync(join(agent.directory, 'journal.json'), 'utf8').includes(digest))
    await agent.crash()
    expect(await cut).toBeInstanceOf(Error)
    await agent.launch()
    const whole = await apply()
    expect([whole.code, whole.output]).toEqual([0, expect.any(String)])
    expect(resultOf(whole).deployments).toMatchObject({ digits: { state: 'active', version: '1.1.0' } })
    // A connection that was kept from before the switch may be answered once more by the process before.
    await until('the device to answer with the new model', 10, async () => (await answers(world)).version === '1.1.0')
    expect((await world.import()).devices).toMatchObject([{ state: 'taken' }])
    expect((await world.import()).devices).toMatchObject([{ state: 'known', records: 0, duplicates: 0 }])
    const afterSecond = await ledger(world)
    expect(afterSecond).toMatchObject({ through: afterSecond.stored, quarantined: 0 })
    expect(afterSecond.stored).toBeGreaterThan(afterFirst.stored)

    // What the console has stored leaves the spool with the next stick.
    await world.export()
    expect(await world.applied(stick)).toMatchObject({ state: 'done', applied: { problem: null } })
    const { records } = ((await agent.status()) as { spool: { records: number } }).spool
    expect(records).toBeLessThan(afterSecond.stored)

    // The stick of the first round is older than what the device knows.
    expect(await world.applied(first)).toMatchObject({ applied: { problem: { code: 'assignment.rollback' } } })
    expect(await answers(world)).toEqual({ version: '1.1.0', status: 200 })
    expect(await fleet.host.rpc!.call('carry.list', {})).toMatchObject({
      exports: [
        { state: 'written', answered: 0 },
        { state: 'written', answered: 1 },
        { state: 'written', answered: 1 },
      ],
      receipts: [{ device: 'cam-1', deployments: { digits: { state: 'active', version: '1.1.0' } } }],
    })
  },
)

test('case 53: a folder that was tampered with is refused, and nothing of it is taken', async () => {
  const world = await startCarriedFleet()
  const { stick, agent } = world
  const digest = await order(world, '1.0.0')
  await world.export()
  await agent.launch()
  const codeOf = async (name: string, change: (folder: string) => void): Promise<string> => {
    const folder = world.copyOfStick(name)
    change(folder)
    const { problem, applied } = await world.applied(folder)
    return problem?.code ?? applied?.problem?.code ?? 'none'
  }
  const model = (folder: string): string =>
    join(
      folder,
      'artifacts',
      readdirSync(join(folder, 'artifacts')).find((name) => name !== digest)!,
    )
  expect(await codeOf('flipped', (folder) => flip(model(folder)))).toBe('usb.changed')
  expect(await codeOf('long', (folder) => writeFileSync(model(folder), 'x', { flag: 'a' }))).toBe('usb.changed')
  expect(await codeOf('order', (folder) => flip(join(folder, 'orders/cam-1.json')))).toBe('usb.changed')
  expect(await codeOf('missing', (folder) => renameSync(model(folder), join(folder, 'elsewhere')))).toBe('usb.changed')
  expect(await codeOf('index', (folder) => flip(join(folder, 'carry.json')))).toBe('usb.untrusted')
  const unfinished = '{"v":1,"unfinished":true,"files":[]}'
  expect(await codeOf('unfinished', (folder) => writeFileSync(join(folder, 'carry.json'), unfinished))).toBe('usb.not-carried')
  expect(await codeOf('upper', (folder) => writeFileSync(join(folder, 'orders/CAM-1.json'), '{}'))).toBe('usb.folder-unsafe')
  const link = (folder: string): void => {
    renameSync(model(folder), join(folder, 'elsewhere'))
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'artifacts', 'a'.repeat(64)))
  }
  expect(await codeOf('linked', link)).toBe('usb.folder-unsafe')
  // None of it left a trace: the device has no order and no model, and takes the sound folder.
  expect(existsSync(join(agent.directory, 'artifacts', digest))).toBe(false)
  expect(await agent.status()).toMatchObject({ order: { counter: 0 } })
  expect(await world.apply()).toMatchObject({ code: 0 })

  const receipt = join(stick, 'receipts/cam-1.json')
  const batch = join(stick, 'receipts/cam-1/batch-000001.json')
  const [sound, signed] = [readFileSync(batch), readFileSync(receipt)]
  flip(batch)
  expect(await world.import()).toMatchObject({ devices: [{ state: 'refused', problem: { code: 'usb.changed' } }] })
  writeFileSync(batch, sound)
  flip(receipt)
  expect(await world.import()).toMatchObject({ devices: [{ state: 'refused', problem: { code: 'usb.receipt-invalid' } }] })
  expect(await world.fleet.host.rpc!.call('telemetry.ledger', { device: 'cam-1' })).toEqual({ spools: [] })
  writeFileSync(receipt, signed)
  expect(await world.import()).toMatchObject({ devices: [{ state: 'taken' }] })
})

function flip(file: string): void {
  const bytes = readFileSync(file)
  bytes[Math.floor(bytes.length / 2)]! ^= 1
  writeFileSync(file, bytes)
}
