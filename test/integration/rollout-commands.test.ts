import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startProgram } from '../../build/demo/child.ts'
import { connectConsole } from '../../electron/core/cli/connect.ts'
import { addRolloutCommands } from '../../electron/core/cli/rollout-commands.ts'
import { startCore, type Core } from '../../electron/core/core.ts'
import type { RpcClient } from '../../shared/rpc/client.ts'
import { runCommand, type Ran } from '../harness/command-line.ts'
import { bringOnline, fillFleet } from '../harness/large-fleet.ts'

let directory: string
let core: Core
let rpc: RpcClient

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'muster-rollouts-'))
  const fleet = await fillFleet(directory, { devices: 130, minutes: 5 })
  core = await startCore({
    ...{ dataDirectory: directory, broker: { kind: 'embedded', host: '127.0.0.1', port: 0 }, http: { host: '127.0.0.1', port: 0 } },
    ...{ fleetName: null, log: () => undefined, checksOutput: true },
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
  })
  bringOnline(directory, fleet.online)
  rpc = await connectConsole({ data: directory })
}, 120_000)
afterAll(async () => {
  rpc?.close()
  await core?.stop()
  rmSync(directory, { recursive: true, force: true })
})

const muster = (...args: string[]): Promise<Ran> => runCommand(addRolloutCommands, ['--data', directory, ...args])

/** A file in the data directory. */
function file(name: string, text: string): string {
  const path = join(directory, name)
  writeFileSync(path, text)
  return path
}

const head = 'deployment: digits\nmodel: digits\nversion: 1.1.0\n'
/** Devices that run digits 1.1.0 already: they are done at once. */
const done = `${head}query: model:digits@1.1.0 and health = ok and id = dev-001*\nwaves: [{ size: 1, gate: { verdict: ignore } }, rest]\n`
/** Devices that nobody plays: they never answer. */
const silent = (name: string, devices = 'id in (dev-00102, dev-00105)'): string =>
  `name: ${name}\n${head}query: ${devices}\nwaves:\n  - size: 1\n    gate: { verdict: ignore, success: 0% }\n  - rest\n`

async function draft(name: string, text = silent(name)): Promise<string> {
  const made = await muster('--json', 'rollouts', 'create', file(`${name}.yaml`, text))
  return String((made.json() as { rollout: number }).rollout)
}

describe('files', () => {
  test('init writes a file that check accepts, once', async () => {
    const path = join(directory, 'begin.yaml')
    expect(await muster('rollouts', 'init', path)).toMatchObject({
      exit: 0,
      out: expect.stringContaining('muster rollouts check') as string,
    })
    const again = await muster('rollouts', 'init', path)
    expect([again.exit, again.err]).toEqual([2, expect.stringContaining('is there already')])
    expect((await muster('rollouts', 'init')).out).toBe(readFileSync(path, 'utf8'))
    expect(await muster('rollouts', 'check', path)).toMatchObject({ exit: 0, out: expect.stringContaining('can be started') as string })
  })

  test('check names every error with its line, for people and for programs', async () => {
    const path = file('bad.yaml', `${head}wave: [1]\nquery: sight = lyon\nwaves:\n  - size: half\n`)
    const said = await muster('rollouts', 'check', path)
    expect(said.exit).toBe(3)
    expect(said.out).toContain("error    A plan has no 'wave'; is 'waves' meant? (line 4, column 1).")
    const json = (await muster('--json', 'rollouts', 'check', path)).json() as { isValid: boolean; findings: { code: string }[] }
    expect([json.isValid, json.findings[0]!.code]).toEqual([false, 'file.key'])
    const warned = file('warned.yaml', `${head}abort: []\nwaves: [1, rest]`)
    expect([(await muster('rollouts', 'check', warned)).exit, (await muster('rollouts', 'check', '--strict', warned)).exit]).toEqual([0, 3])
    expect((await muster('rollouts', 'check', join(directory, 'none.yaml'))).exit).toBe(2)
    expect((await muster('rollouts', 'create', path)).exit).toBe(3)
  })

  test('plan says who, when, how much, and changes nothing', async () => {
    const path = file('plan.yaml', silent('plan', 'id = dev-001*'))
    const before = (await muster('--json', 'rollouts', 'list')).json()
    const planned = (await muster('--json', 'rollouts', 'plan', path)).json() as {
      targeted: number
      waves: { devices: number; bytes: number }[]
    }
    expect(planned.waves.map(({ devices }) => devices)).toEqual([1, planned.targeted - 1])
    const text = (await muster('rollouts', 'plan', path)).out
    expect(text).toContain('digits@1.1.0 to ')
    expect(text).toMatch(/1 device .* at most 95 % fail/)
    expect((await muster('--json', 'rollouts', 'list')).json()).toEqual(before)
    const hopeless = await muster('rollouts', 'plan', file('hopeless.yaml', `${head}waves: [rest, 1]`))
    expect([hopeless.exit, hopeless.out]).toEqual([3, expect.stringContaining('No device is left after the rest')])
  })

  test('a draft is made, changed, exported as the same plan, and removed', async () => {
    const rollout = await draft('paper')
    const other = file('other.yaml', silent('paper two'))
    expect((await muster('rollouts', 'edit', rollout, other)).exit).toBe(0)
    const out = join(directory, 'exported.yaml')
    expect((await muster('rollouts', 'export', rollout, '--out', out)).exit).toBe(0)
    expect(readFileSync(out, 'utf8')).toContain('name: paper two')
    const exported = (await muster('--json', 'rollouts', 'check', out)).json() as { plan: object }
    expect((await muster('--json', 'rollouts', 'export', rollout)).json()).toEqual(exported.plan)
    expect((await muster('rollouts', 'plan', rollout)).exit).toBe(0)
    expect((await muster('rollouts', 'remove', rollout)).exit).toBe(0)
    expect(await muster('--json', 'rollouts', 'show', rollout)).toMatchObject({ exit: 4 })
    expect((await muster('rollouts', 'watch', rollout)).exit).toBe(4)
    expect((await muster('rollouts', 'show', 'x')).exit).toBe(2)
  })
})

describe('a rollout that completes', () => {
  test('is started from a file, watched line by line, and ends with 0', async () => {
    const ran = await muster('--json', 'rollouts', 'start', '--file', file('done.yaml', done), '--watch', '--timeout', '60')
    const lines = ran.lines()
    expect(ran.exit).toBe(0)
    expect(lines.at(-1)).toMatchObject({ kind: 'end', state: 'completed', exit: 0 })
    expect(lines.some(({ kind }) => kind === 'event') && lines.some(({ kind }) => kind === 'progress')).toBe(true)
    const { rollout } = lines.at(-1) as { rollout: number }
    const shown = (await muster('--json', 'rollouts', 'show', String(rollout))).json() as {
      state: string
      committed: number
      targeted: number
    }
    expect(shown.state).toBe('completed')
    expect(shown.committed).toBe(shown.targeted)
    expect((await muster('rollouts', 'watch', String(rollout))).exit).toBe(0)
    expect((await muster('rollouts', 'list', '--state', 'completed')).out).toContain('digits@1.1.0')
    expect((await muster('rollouts', 'events', String(rollout), '--without-devices')).out).toContain('complete')
  }, 90_000)

  test('in a pipeline, as processes: check, plan, start, watch', async () => {
    const path = file('pipeline.yaml', `name: pipeline\n${done}`)
    for (const args of [
      ['check', path],
      ['plan', path],
      ['start', '--file', path, '--watch', '--timeout', '60'],
    ]) {
      const program = startProgram('electron/core/cli.ts', ['--data', directory, 'rollouts', ...args])
      expect({ args, exit: await program.ended, output: program.output() }).toMatchObject({ exit: 0 })
    }
  }, 90_000)
})

describe('a rollout under way', () => {
  test('is paused, resumed and reverted, each once; whoever watches is told and ends with 1', async () => {
    const rollout = await draft('way')
    expect((await muster('rollouts', 'start', rollout)).exit).toBe(0)
    const timedOut = await muster('rollouts', 'watch', rollout, '--timeout', '1')
    expect([timedOut.exit, timedOut.err]).toEqual([1, expect.stringContaining('Time is up')])
    const watching = muster('--json', 'rollouts', 'watch', rollout, '--timeout', '60')
    // Somebody else, elsewhere: two commands at once would share the output of this process.
    await rpc.call('rollouts.annotate', { rollout: Number(rollout), text: 'a look at noon' })
    await rpc.call('rollouts.pause', { rollout: Number(rollout), why: 'lunch', halt: true })
    const end = (await watching).lines().at(-1)
    expect(end).toMatchObject({ kind: 'end', exit: 1, error: { code: 'rollout.not-completed' } })
    expect((await muster('--json', 'rollouts', 'pause', rollout)).json()).toMatchObject({ isChanged: false, state: 'paused' })
    expect((await muster('rollouts', 'pause', rollout)).out).toContain('Nothing changed.')
    expect((await muster('--json', 'rollouts', 'resume', rollout)).json()).toMatchObject({ isChanged: true, state: 'running' })
    const asked = await muster('rollouts', 'revert', rollout)
    expect([asked.exit, asked.err]).toEqual([2, expect.stringContaining('Add --yes')])
    expect((await muster('--json', 'rollouts', 'revert', rollout, '--yes', '--reason', 'enough')).json()).toMatchObject({ isChanged: true })
    const log = (await muster('--json', 'rollouts', 'events', rollout, '--without-devices')).json() as { events: { kind: string }[] }
    expect(log.events.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['note', 'pause', 'resume', 'revert']))
  }, 60_000)

  test('shows its devices with the one sentence, the same as why', async () => {
    const rollout = await draft('why', silent('why', 'id in (dev-00111, dev-00114)'))
    expect((await muster('rollouts', 'start', rollout)).exit).toBe(0)
    await vi.waitFor(async () => expect((await rpc.call('rollouts.devices', { rollout: Number(rollout) })).total).toBe(2), 20_000)
    const { devices } = (await muster('--json', 'rollouts', 'devices', rollout)).json() as {
      devices: { device: string; why: string; wave: number }[]
    }
    expect(devices.map(({ device }) => device).toSorted()).toEqual(['dev-00111', 'dev-00114'])
    for (const { device, why } of devices) {
      const said = await muster('why', device, 'digits')
      expect(said.exit).toBe(0)
      // The two are asked a moment apart: how long ago something was may differ.
      expect(said.out.split('\n')[0]!.replace(/\d+ s\b.*/, '')).toBe(why.replace(/\d+ s\b.*/, ''))
    }
    const waits = devices.find(({ wave }) => wave === 1)!
    expect(waits.why).toContain(`${waits.device} is not on digits 1.1.0: waiting for wave 2; wave 1`)
    // The page of the device says the same, where else it would say that all is as ordered.
    const page = await rpc.call('devices.show', { device: waits.device })
    expect([page.why['digits'], page.slots[0]!.why]).toEqual([waits.why, waits.why])
    expect((await rpc.call('devices.show', { device: 'dev-00120' })).why['digits']).toMatch(/^dev-00120 runs digits 1.0.0 since/)
    expect((await muster('rollouts', 'devices', rollout, '--wave', '2')).out).toContain(waits.device)
    expect((await muster('why', 'dev-99999')).exit).toBe(4)
    expect((await muster('rollouts', 'let-through', rollout, '1', '--reason', 'seen')).exit).toBe(0)
    expect((await muster('rollouts', 'let-through', rollout, '0')).exit).toBe(2)
    expect((await muster('rollouts', 'comparison', rollout)).exit).toBe(0)
    expect((await muster('rollouts', 'set-priority', rollout, '7')).exit).toBe(0)
    expect((await muster('rollouts', 'retry', rollout)).exit).toBe(0)
    expect((await muster('rollouts', 'penalties')).out).toContain('No device waits.')
    expect((await muster('rollouts', 'lift-penalty', 'dev-00111', 'digits@1.1.0')).out).toContain('Nothing changed.')
    expect((await muster('rollouts', 'promote', rollout)).exit).toBe(5)
    expect((await muster('rollouts', 'approve', rollout)).exit).toBe(5)
    expect((await muster('rollouts', 'stop', rollout, '--yes')).exit).toBe(0)
  }, 60_000)

  test('that cannot start leaves no draft behind', async () => {
    const count = async () => ((await muster('--json', 'rollouts', 'list')).json() as { total: number }).total
    const first = await draft('first', silent('first', 'id = dev-00108'))
    await muster('rollouts', 'start', first)
    const before = await count()
    const clash = await muster('--json', 'rollouts', 'start', '--file', file('clash.yaml', silent('clash', 'id = dev-00108')))
    expect([clash.exit, (clash.json() as { error: { code: string } }).error.code]).toEqual([5, 'rollout.overlap'])
    expect(await count()).toBe(before)
    expect((await muster('rollouts', 'start')).exit).toBe(2)
    await muster('rollouts', 'stop', first, '--yes')
  }, 60_000)
})
