import { execFile, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const python = process.env['MUSTER_MLFLOW_PYTHON'] ?? join(process.cwd(), '.cache/mlflow/bin/python')

const script = join(import.meta.dirname, '../interop/mlflow_train.py')
const needed = ['mlflow.server', 'skl2onnx', 'onnxruntime']

/** Absent where it was not installed; it brings a gigabyte of packages along, so that it has a place of its own. */
export const hasMlflow =
  existsSync(python) &&
  spawnSync(python, ['-c', `from importlib.util import find_spec; assert all(map(find_spec, ${JSON.stringify(needed)}))`]).status === 0

/** What a test that is skipped for want of it says. */
export const howToInstallMlflow =
  'python3 -m venv .cache/mlflow && .cache/mlflow/bin/pip install mlflow==3.17.2 skl2onnx==1.20.0 onnx==1.23.2 onnxruntime==1.31.1 ' +
  '(or name the Python of another place in MUSTER_MLFLOW_PYTHON)'

/** A run with the place of its artifacts. */
export interface MlflowRun {
  id: string
  artifacts: string
}

/** A version that scikit-learn was trained for, and what it predicts itself for rows that it has not seen. */
export interface TrainedVersion {
  version: string
  run: string
  accuracy: number
  rows: number[][]
  predicted: number[]
  probabilities: number[][]
}

/** A real tracking server, spoken to as its Python client does. */
export interface Mlflow {
  url: string
  /** Makes a run; beside the given metrics it has one that is not a number. */
  run(of: { metrics: Record<string, number>; params: Record<string, string> }): Promise<MlflowRun>
  put(run: MlflowRun, files: Record<string, Uint8Array<ArrayBuffer> | string>): Promise<void>
  /** Registers a folder of the artifacts of a run as the next version. */
  register(model: string, run: MlflowRun, folder: string): Promise<void>
  alias(model: string, alias: string, version: string): Promise<void>
  /** Trains two versions of a classifier with MLflow's own client, the first of them `champion`, and a model that is registered as a pickle. */
  train(model: string, pickled: string): Promise<TrainedVersion[]>
  stop(): Promise<void>
}

/** Starts `mlflow server` on a free port of loopback, with a database and artifacts of its own. */
export async function startMlflow(): Promise<Mlflow> {
  const directory = mkdtempSync(join(tmpdir(), 'muster-mlflow-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const flags = [
    '--backend-store-uri',
    `sqlite:///${join(directory, 'mlflow.db')}`,
    '--artifacts-destination',
    join(directory, 'artifacts'),
  ]
  const env = {
    ...{ ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', DO_NOT_TRACK: 'true' },
    // Seven more processes, for work that none of these tests asks for.
    MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
  }
  const ended = new AbortController()
  const child = spawn(python, ['-m', 'mlflow', 'server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1', ...flags], {
    ...{ cwd: directory, stdio: 'ignore', detached: true, env },
  })
  async function stop(): Promise<void> {
    ended.abort()
    // The server is the parent of its workers: all of this group, which we made.
    if (child.exitCode === null && child.signalCode === null) {
      process.kill(-child.pid!, 'SIGKILL')
      await once(child, 'exit')
    }
    rmSync(directory, { recursive: true, force: true })
  }
  for (;;) {
    if (child.exitCode !== null) throw new Error(`mlflow server ended with ${child.exitCode}`)
    const answer = await fetch(`${url}/health`).catch(() => null)
    if (answer?.ok === true) break
    await new Promise((done) => setTimeout(done, 250))
  }
  async function train(model: string, pickled: string): Promise<TrainedVersion[]> {
    const { stdout } = await promisify(execFile)(python, [script, url, model, pickled], {
      ...{ cwd: directory, env, signal: ended.signal, maxBuffer: 16 * 1024 ** 2 },
    })
    // Versions of the client print where its runs are seen.
    return JSON.parse(stdout.slice(stdout.lastIndexOf('\n') + 1)) as TrainedVersion[]
  }
  return { ...(await openTracking(url)), url, train, stop }
}

async function openTracking(url: string): Promise<Omit<Mlflow, 'url' | 'train' | 'stop'>> {
  const post = async (path: string, body: object): Promise<Record<string, unknown>> => {
    const answer = await fetch(`${url}/api/2.0/mlflow/${path}`, {
      ...{ method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } },
    })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as Record<string, unknown>
  }
  const { experiment_id: experiment } = await post('experiments/create', { name: 'test' })
  return {
    async run({ metrics, params }) {
      const made = await post('runs/create', { experiment_id: experiment, start_time: 1_700_000_000_000, run_name: 'first' })
      const { run_id: id, artifact_uri: artifacts } = (made['run'] as { info: { run_id: string; artifact_uri: string } }).info
      for (const [key, value] of [...Object.entries(metrics), ['lost', 'NaN'] as const])
        await post('runs/log-metric', { run_id: id, key, value, timestamp: 1_700_000_000_000 })
      for (const [key, value] of Object.entries(params)) await post('runs/log-parameter', { run_id: id, key, value })
      return { id, artifacts }
    },
    async put({ artifacts }, files) {
      const root = artifacts.replace(/^mlflow-artifacts:\/*/, '')
      for (const [path, body] of Object.entries(files)) {
        const answer = await fetch(`${url}/api/2.0/mlflow-artifacts/artifacts/${root}/${path}`, { method: 'PUT', body })
        if (!answer.ok) throw new Error(`${path}: ${answer.status}`)
      }
    },
    async register(model, run, folder) {
      await post('registered-models/create', { name: model }).catch(() => undefined)
      await post('model-versions/create', { name: model, source: `${run.artifacts}/${folder}`, run_id: run.id })
    },
    alias: async (name, alias, version) => void (await post('registered-models/alias', { name, alias, version })),
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
