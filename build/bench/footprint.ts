import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, existsSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { awaitActive } from '../../electron/core/cli/deploy-commands.ts'
import { awaitJob } from '../../electron/core/cli/jobs.ts'
import { uploadFile } from '../../electron/core/cli/upload.ts'
import { LocalAgent, LocalConsole, type Programs } from '../demo/local-fleet.ts'
import { INPUT, pixelRows } from './digits.ts'
import { quantile } from './quantile.ts'

/** Memory and start of an agent with one small model, as a device has it. */
export interface Footprint {
  /** True for the bundled program, false for the source. */
  isBundle: boolean
  processes: { name: string; rssMiB: number; pssMiB: number | null }[]
  /** From the start of the program to its first answered inference, ms, median. */
  firstInferenceMs: number
  /** Start of Node with an empty program, to its end, ms, median. */
  bareNodeMs: number
}

const root = join(import.meta.dirname, '../..')
const STARTS = 3

/** Starts a console and an agent on loopback, deploys the sample model, and measures; the agent is the bundle if there is one. */
export async function benchFootprint(): Promise<Footprint> {
  const folder = mkdtempSync(join(tmpdir(), 'muster-bench-'))
  const bundle = bundledAgent()
  const programs: Programs = { console: join(root, 'electron/core/cli.ts'), agent: bundle ?? join(root, 'agent/cli.ts') }
  const host = await LocalConsole.start(join(folder, 'console'), [], programs)
  let agent: LocalAgent | null = null
  try {
    agent = await LocalAgent.join(host.rpc!, join(folder, 'agent'), { device: 'bench', programs })
    await deployDigits(host)
    const starts: number[] = []
    const bare: number[] = []
    for (let i = 0; i < STARTS; i += 1) {
      await agent.stop()
      const startedAt = performance.now()
      const isUp = agent.launch()
      await firstInference(agent.url)
      starts.push(performance.now() - startedAt)
      await isUp
      bare.push(await bareNode())
    }
    for (let i = 0; i < 500; i += 1) await infer(agent.url)
    return {
      isBundle: bundle !== null,
      processes: processesOf(agent.program!.child.pid!),
      firstInferenceMs: quantile(starts, 0.5),
      bareNodeMs: quantile(bare, 0.5),
    }
  } finally {
    await agent?.stop()
    await host.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The agent that `npm run agent:bundle` made for this platform; null: there is none. */
function bundledAgent(): string | null {
  const folder = join(root, 'dist/agent-bundle')
  const made = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : []
  const platform = `${process.platform}-${process.arch}`
  const found = made.find((path) => path.includes(platform) && path.endsWith(join('lib', 'muster-agent.mjs')))
  return found === undefined ? null : join(folder, found)
}

async function deployDigits(host: LocalConsole): Promise<void> {
  const rpc = host.rpc!
  const { address } = host
  const [model, train, holdout] = await Promise.all(
    ['digits-1.2.0.onnx', 'train.csv', 'holdout.csv'].map((file) => uploadFile(rpc, address, join(root, 'build/samples/digits', file))),
  )
  const { job } = await rpc.call('models.import', { files: { model: model!, train: train!, holdout: holdout! } })
  await awaitJob(rpc, job, 'import digits 1.2.0')
  const applied = await rpc.call('deployments.apply', { model: 'digits', version: '1.2.0', query: '', deployment: 'reader' })
  await awaitActive(rpc, { deployment: 'reader', devices: applied.devices, model: 'digits', version: '1.2.0', seconds: 30 })
}

async function infer(url: string): Promise<boolean> {
  const body = { inputs: [{ name: INPUT, shape: [1, 64], datatype: 'FP32', data: Array.from(pixelRows(1)) }] }
  const response = await fetch(`${url}/v2/models/reader/infer`, { method: 'POST', body: JSON.stringify(body) }).catch(() => null)
  await response?.arrayBuffer()
  return response?.ok === true
}

async function firstInference(url: string): Promise<void> {
  const giveUpAt = performance.now() + 30_000
  while (!(await infer(url))) {
    if (performance.now() > giveUpAt) throw new Error('the agent did not answer an inference within 30 s')
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

async function bareNode(): Promise<number> {
  const startedAt = performance.now()
  const child = spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' })
  await new Promise((resolve) => child.once('exit', resolve))
  return performance.now() - startedAt
}

/** A process and its descendants, from `/proc`; memory that cannot be told is left out. */
function processesOf(pid: number): Footprint['processes'] {
  const children = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry) && parentOf(Number(entry)) === pid)
  return [memoryOf(pid), ...children.flatMap((child) => processesOf(Number(child)))]
}

function parentOf(pid: number): number {
  try {
    return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  } catch {
    return -1
  }
}

function memoryOf(pid: number): Footprint['processes'][number] {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kib = (text: string, key: string): number => Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? Number.NaN)
  let pss: number | null = null
  try {
    pss = kib(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'), 'Pss') / 1024
  } catch {
    // A process under other limits of access shows no maps.
  }
  const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  const name = line.includes('runtime') ? 'runtime' : line.includes('run') ? 'supervisor' : 'other'
  return { name, rssMiB: kib(status, 'VmRSS') / 1024, pssMiB: pss }
}
