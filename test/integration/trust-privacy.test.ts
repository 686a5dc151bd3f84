import { execFileSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runProgram, until } from '../../build/demo/child.ts'
import { awaitJob } from '../../electron/core/cli/jobs.ts'
import type { LocalAgent } from '../../build/demo/local-fleet.ts'
import { readStream } from '../../electron/core/sample-fleet/sample-stream.ts'
import type { OutputOf } from '../../shared/rpc/contract.ts'
import { deployEverywhere, importSample, startFleet } from '../harness/console.ts'
import { call, inferBody } from '../harness/local-api.ts'

const MUSTER = 'electron/core/cli.ts'
/** The person, and values that only this person's rows have. */
const PERSON = 'patient-83-Ravensworth'
const MARK = 3.140625
const SECRET = 7.296875
const OTHER = 2.71875

test(
  'case 55: a subject in db, WAL, backup, desk and an offline spool: pending is shown, done on reconnect, the audit chain verifies',
  { timeout: 240_000 },
  async () => {
    const fleet = await startFleet({ broker: 'embedded', devices: ['cam-1', 'cam-2'] })
    const { host, agents, directory } = fleet
    const rpc = host.rpc!
    const muster = async <Answer>(...args: string[]): Promise<Answer> =>
      JSON.parse(await runProgram(MUSTER, [...args, '--json', '--data', host.data])) as Answer
    await importSample(host, 'digits', '1.0.0')
    await rpc.call('config.set', { target: { scope: 'fleet' }, settings: { samplesPerWindow: 100, windowSeconds: 1 } })
    await deployEverywhere(fleet, 'digits', '1.0.0')
    await rpc.call('privacy.mark', { field: 'patient', kind: 'subject' })
    expect(await rpc.call('privacy.mark', { field: 'pixel_0_1' })).toMatchObject({ devices: 2 })
    await expect(rpc.call('privacy.mark', { field: 'pixel_0_2', mask: 'none' })).rejects.toMatchObject({ code: 'privacy.reason' })
    await until('the devices to have the marks', 20, async () => {
      const shown = await Promise.all(['cam-1', 'cam-2'].map((device) => rpc.call('config.show', { device })))
      return shown.every(({ isTaken }) => isTaken)
    })

    // Two people, on both devices; the personal field of one is told apart by its value.
    const row = readStream('build/samples/digits/stream.csv').rows[0]!
    const ask = (agent: LocalAgent, subject: string, value: number) =>
      call(`${agent.url}/v2/models/digits/infer`, {
        body: inferBody('pixels', [row.with(0, value).with(1, SECRET)], { id: `${subject}-visit`, parameters: { subject } }),
      })
    const label = (agent: LocalAgent, subject: string) =>
      call(`${agent.url}/v2/models/digits/feedback`, { body: { id: `${subject}-visit`, label: '3', subject } })
    for (const agent of agents) {
      await ask(agent, PERSON, MARK)
      await ask(agent, 'somebody-else', OTHER)
    }
    const found = await until('the samples to arrive', 30, async () => {
      const now = await rpc.call('privacy.find', { subject: PERSON })
      return now.samples === 2 ? now : null
    })
    // The desk keeps a row of the person, and one device a label.
    const { tasks } = await rpc.call('labelling.queue', { by: 'ann', limit: 100 })
    for (const { task } of tasks) await rpc.call('labelling.label', { task, label: '3', by: 'ann' })
    expect((await label(agents[1]!, PERSON)).status).toBeLessThan(300)
    await until('the label to arrive', 30, async () => (await rpc.call('privacy.find', { subject: PERSON })).labels >= 2)
    await awaitJob(rpc, (await rpc.call('backups.make', {})).job, 'backup')
    expect(holding(host.data, String(MARK)).length).toBeGreaterThan(1)
    // What is personal never left a device, and what is about the person only under a name that the client chose.
    expect(holding(host.data, String(SECRET))).toEqual([])

    // One device goes away with more about the person in its spool.
    const archive = join(directory, 'person.zip')
    expect(await muster('privacy', 'export', PERSON, '-o', archive, '--reason', 'asked by the person')).toMatchObject({
      samples: 2,
      isWhole: true,
    })
    expect(execFileSync('unzip', ['-p', archive, 'data.json'], { encoding: 'utf8' })).toContain(String(MARK))
    const offline = agents[1]!
    const outside = join(directory, 'outside')
    cpSync(join(host.data, 'backups'), outside, { recursive: true })
    await host.stop()
    await ask(offline, PERSON, MARK)
    await until('the sample to be in the spool', 20, () => Promise.resolve(holding(join(directory, 'cam-2'), String(MARK)).length > 0))
    await offline.crash()
    await host.launch()
    expect(await muster('privacy', 'erase', PERSON, '--reason', 'asked for erasure', '--yes')).toMatchObject({ isDone: true, devices: 2 })
    const half = await until('the console and the device that is there to be clean', 40, async () => {
      const [erasure] = (await host.rpc!.call('privacy.show', {})).erasures
      return erasure?.doneAt != null && erasure.pending.length === 1 ? erasure : null
    })
    expect(half).toMatchObject({ subject: found.subject, confirmed: 1, pending: [{ device: 'cam-2', isOld: false }] })
    expect(half.found.backups).toBe(1)
    expect(holding(join(directory, 'cam-2'), String(MARK)).length).toBeGreaterThan(0)

    // It comes back: what waited there is not taken in, and its spool is clean.
    await offline.launch()
    await until('the device to confirm', 40, async () => (await host.rpc!.call('privacy.show', {})).erasures[0]!.pending.length === 0)
    expect((await muster<OutputOf<'privacy.show'>>('privacy', 'pending')).erasures).toMatchObject([{ confirmed: 2, pending: [] }])
    for (const value of [String(MARK), PERSON]) {
      expect(holding(host.data, value)).toEqual([])
      for (const agent of agents) expect(holding(join(directory, agent.device), value)).toEqual([])
    }
    // Nobody else lost anything, later data of the person stay out, and the log is whole.
    expect(await host.rpc!.call('privacy.find', { subject: 'somebody-else' })).toMatchObject({ samples: 2, isErased: false })
    await ask(agents[0]!, PERSON, MARK)
    await ask(agents[0]!, 'a-third', OTHER)
    await until('what came later', 30, async () => (await host.rpc!.call('privacy.find', { subject: 'a-third' })).samples === 1)
    expect(await host.rpc!.call('privacy.find', { subject: PERSON })).toMatchObject({ samples: 0, labels: 0, isErased: true })
    expect(await muster('audit', 'verify')).toMatchObject({ findings: [] })
    const [kept] = (await host.rpc!.call('backups.show', {})).backups
    await awaitJob(host.rpc!, (await host.rpc!.call('backups.verify', { name: kept!.name })).job, 'check')

    // A backup that was kept elsewhere knows nothing of it; the list beside the stores does.
    await host.stop()
    await muster('backup', 'restore', 'latest', '--from', outside)
    expect(holding(host.data, String(MARK)).length).toBeGreaterThan(0)
    await host.launch()
    await until('the erasure to be made again', 30, async () =>
      (await host.rpc!.call('privacy.show', {})).erasures.some(({ doneAt }) => doneAt !== null),
    )
    expect(holding(host.data, String(MARK))).toEqual([])
  },
)

/** Files of a folder in which a text stands. */
function holding(directory: string, text: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const file = join(directory, name)
    try {
      return statSync(file).isFile() && readFileSync(file).includes(text)
    } catch {
      return false
    }
  })
}
