import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { isolationFinding } from '../../../../agent/supervise/isolation-finding.ts'
import { bubblewrapFault, distrustBubblewrap, enclosureOf, generationCommand } from '../../../../agent/supervise/sandbox.ts'
import { call, inferBody, startTestedGenerations, until, type TestedGenerations } from '../../../harness/local-api.ts'
import { labelledRows, sampleDeployment, samples } from '../../../harness/manifest.ts'

const fault = bubblewrapFault()
if (fault !== null) process.stderr.write(`bubblewrap cannot be used (${fault}): its tests are skipped\n`)

let tested: TestedGenerations | null = null
const folders: string[] = []
afterEach(async () => {
  await tested?.stop()
  tested = null
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

const [{ row, label } = { row: [], label: '' }] = labelledRows('digits/holdout.csv', 1)
const readDigit = async (): Promise<unknown> => {
  const answer = await call(`${tested!.url}/v2/models/reader/infer`, { body: inferBody('pixels', [row]) })
  return answer.status === 200 ? answer.body.parameters.label : answer.body
}

/** Processes below this one that run the runtime, with bubblewrap's own left out. */
function insiders(): number[] {
  const all = spawnSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).stdout.trim().split('\n')
  const rows = all
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line)!)
    .map(([, pid, ppid, args]) => ({ pid: Number(pid), ppid: Number(ppid), args: args! }))
  const below = (pid: number): typeof rows => rows.filter(({ ppid }) => ppid === pid).flatMap((one) => [one, ...below(one.pid)])
  return below(process.pid)
    .filter(({ args }) => args.includes('runtime/main.ts') && !args.includes('--unshare-all'))
    .map(({ pid }) => pid)
}

/** A folder as an agent has one: secrets, and below it the folder of the runtime. */
function agentFolder(within: string): { agent: string; run: string } {
  const agent = mkdtempSync(join(within, '.muster-sandbox-'))
  folders.push(agent)
  const run = join(agent, 'run')
  mkdirSync(run)
  writeFileSync(join(agent, 'identity.json'), 'planted secret')
  return { agent, run }
}

describe.skipIf(fault !== null)('a generation in bubblewrap', () => {
  test('answers, and sees its model and the system but no network, no folder of the agent and nobody else', async () => {
    const { agent, run } = agentFolder(tmpdir())
    tested = await startTestedGenerations({ isolation: 'sandbox', directory: run, hidden: [agent] })
    await tested.serve([sampleDeployment('reader', samples.digits110)])
    expect(await readDigit()).toBe(label)
    const [pid, ...others] = insiders()
    expect(others).toEqual([])
    const proc = (path: string): string => readFileSync(`/proc/${pid}/${path}`, 'utf8')
    const inside = (path: string): string => join(`/proc/${pid}/root`, path)
    expect(
      proc('net/dev')
        .split('\n')
        .flatMap((line) => /^\s*(\w+):/.exec(line)?.[1] ?? []),
    ).toEqual(['lo'])
    expect(/CapEff:\s+(\w+)/.exec(proc('status'))?.[1]).toBe('0000000000000000')
    expect(/Max data size\s+(\d+)/.exec(proc('limits'))?.[1]).toBe(String(3 * 1024 ** 3))
    expect([existsSync(inside(agent)), existsSync(inside('/root')), existsSync(inside('/home')), readdirSync(inside('/empty'))]).toEqual([
      ...[false, false, false],
      [],
    ])
    expect(existsSync(inside(resolve('test')))).toBe(false)
    const mounts = proc('mountinfo')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(' '))
    const writable = mounts.filter(([, , , , , options]) => !options!.split(',').includes('ro')).map(([, , , , point]) => point!)
    expect(writable.filter((point) => !point.startsWith('/dev') && point !== '/proc')).toEqual([])
  })

  test('does not see the folder of an agent that lies among the packages of the program', async () => {
    const { agent, run } = agentFolder(resolve('node_modules'))
    const model = join(agent, 'artifact')
    writeFileSync(model, readFileSync(sampleDeployment('reader', samples.digits110).modelPath))
    tested = await startTestedGenerations({ isolation: 'sandbox', directory: run, hidden: [agent] })
    await tested.serve([{ ...sampleDeployment('reader', samples.digits110), modelPath: model }])
    expect(await readDigit()).toBe(label)
    const within = readdirSync(join(`/proc/${insiders()[0]}/root`, resolve(agent)))
    expect(within).toEqual(['artifact'])
  })

  test('is replaced without a failed request, told by its signal when it dies, and started again', async () => {
    tested = await startTestedGenerations({ isolation: 'sandbox' })
    await tested.serve([sampleDeployment('reader', samples.digits100)])
    await tested.serve([sampleDeployment('reader', samples.digits110)])
    expect(await readDigit()).toBe(label)
    await until(() => insiders().length === 1, 'the first one is gone')
    process.kill(insiders()[0]!, 'SIGSEGV')
    await until(() => tested!.crashes.length === 1, 'the crash is told')
    expect(tested.crashes).toMatchObject([{ serving: true, reason: 'it was ended by SIGSEGV' }])
    expect(await readDigit()).toBe(label)
    await tested.stop()
    expect(insiders()).toEqual([])
  })
})

describe.skipIf(fault !== null)('bubblewrap that is ended at any moment of its start', () => {
  test('leaves no process behind, and the generation ends', async () => {
    tested = await startTestedGenerations({ isolation: 'sandbox' })
    const codes = new Set<string>()
    // The two processes of bubblewrap come apart within the first 10 ms.
    for (let round = 0; round < 120; round += 1) {
      const abort = new AbortController()
      setTimeout(() => abort.abort(), round % 12)
      const ended = tested.generations.prepare([sampleDeployment('reader', samples.digits110)], abort.signal)
      codes.add(await ended.then(() => 'prepared').catch((error: { code: string }) => error.code))
    }
    expect([...codes]).toEqual(['cancelled'])
    await tested.stop()
    tested = null
    const left = spawnSync('pgrep', ['-f', 'bwrap --unshare-all .*muster-run-|bwrap --unshare-all .*digits-1.1.0'], {
      encoding: 'utf8',
    }).stdout
    expect(left).toBe('')
  })
})

describe('the ladder', () => {
  test('names what holds models and why it is no stronger one', () => {
    expect(enclosureOf('limits')).toEqual({
      enclosure: expect.stringMatching(/^(limits|process)$/),
      reason: 'isolation = "limits" leaves it out',
    })
    expect(isolationFinding('limits')).toMatchObject({ check: 'isolation', message: expect.stringContaining('a process of their own') })
  })

  test('goes down to limits for good once a generation could not start inside', () => {
    distrustBubblewrap('a generation did not start inside: it ended with code 1')
    expect(enclosureOf('sandbox')).toMatchObject({ reason: 'a generation did not start inside: it ended with code 1' })
    const visible = { entry: resolve('agent/runtime/main.ts'), files: [], hidden: [] }
    const { enclosure, execArgv } = generationCommand('sandbox', visible, 1024 ** 3)
    expect([enclosure === 'bubblewrap', execArgv.includes('--unshare-all')]).toEqual([false, false])
    expect(isolationFinding('sandbox')).toMatchObject({ state: 'attention', hint: expect.any(String) })
  })
})
