import Database from 'better-sqlite3'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { manifest as bundleManifest } from '../../shared/domain/bundle.ts'
import { problemFrom, Problem } from '../../shared/domain/problem.ts'
import { musterVersion } from '../../shared/domain/version.ts'
import { runtimeConfig, servingRules } from '../../shared/protocol/assignment.ts'
import { applyDurability } from '../../shared/store/sqlite-rules.ts'
import { systemClock } from '../clock.ts'
import type { RuntimeDeployment } from '../runtime/messages.ts'
import { startGenerations } from '../supervise/generations.ts'
import { isolationFinding } from '../supervise/isolation-finding.ts'
import { preflight } from '../supervise/preflight.ts'
import { checkRuntime } from './check-inside.ts'
import { failedBy, ok, type Finding } from './finding.ts'

/** y = x + [1, 2], written by the tests' own encoder: 125 bytes of ONNX. */
const MODEL = Buffer.from(
  'CAgSC211c3Rlci10ZXN0GgExOmUKEAoBeAoDb25lEgF5IgNBZGQSCnNlbGYtY2hlY2sqEwgCEAFCA29uZUoIAACAPwAAAEBaFwoBeBISChAIARIMCgYSBHJvd3MKAggCYhcKAXkSEgoQCAESDAoGEgRyb3dzCgIIAkICEBE=',
  'base64',
)
const INPUT = { name: 'x', datatype: 'FP32', shape: [1, 2], data: [20, 40] } as const
const ANSWER = { ...INPUT, name: 'y', data: [21, 42] } as const
const WITHIN_MS = 30_000

/**
 * What an installation must be able to do before a device relies on it, in a folder of its own: write SQLite so that a power cut loses
 * nothing, load onnxruntime, and answer with a small model in the very process that models get. Needs no identity and no network.
 */
export async function selfCheck(): Promise<Finding[]> {
  const folder = mkdtempSync(join(tmpdir(), 'muster-self-check-'))
  const checks = {
    node: () => ok('node', `${process.version} on ${process.platform} ${process.arch}`),
    storage: () => checkStorage(folder),
    runtime: checkRuntime,
    isolation: () => isolationFinding('sandbox'),
    model: () => checkModel(folder),
  }
  const findings: Finding[] = []
  try {
    for (const [name, check] of Object.entries(checks)) {
      try {
        findings.push(await check())
      } catch (error) {
        findings.push(failedBy(name, error))
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return findings
}

/** The second open is the one that silently loses FULL where nobody sets it. */
function checkStorage(folder: string): Finding {
  const file = join(folder, 'check.db')
  for (const round of [1, 2]) {
    const db = new Database(file)
    try {
      applyDurability(db, file)
      db.exec(`CREATE TABLE IF NOT EXISTS round (number INTEGER) STRICT; INSERT INTO round VALUES (${round})`)
    } finally {
      db.close()
    }
  }
  return ok('storage', 'SQLite writes with synchronous=FULL')
}

async function checkModel(folder: string): Promise<Finding> {
  const generations = await startGenerations({
    directory: folder,
    http: { host: '127.0.0.1', port: 0 },
    config: runtimeConfig.parse({}),
    tokenKey: 'self-check',
    agentVersion: musterVersion,
    isolation: 'sandbox',
    clock: systemClock,
    spool: () => undefined,
    onCrash: () => undefined,
    log: () => undefined,
  })
  try {
    const prepared = await generations.prepare([writtenModel(folder)], AbortSignal.timeout(WITHIN_MS))
    const problem = prepared.results[0]?.problem ?? null
    if (problem !== null) throw problemFrom(problem)
    await prepared.promote()
    const response = await fetch(`${generations.address.url}/v2/models/self-check/infer`, {
      method: 'POST',
      body: JSON.stringify({ inputs: [INPUT] }),
      signal: AbortSignal.timeout(WITHIN_MS),
    })
    const text = await response.text()
    if (!response.ok || !text.includes(`"data":[${ANSWER.data.join(',')}]`))
      throw new Problem('inference.failed', `The model of the self-check answered ${response.status}: ${text.slice(0, 300)}`)
    return ok('model', 'a small model was loaded, compared with its golden set, and answered over HTTP')
  } finally {
    await generations.stop()
  }
}

function writtenModel(folder: string): RuntimeDeployment {
  const golden = Buffer.from(
    JSON.stringify({ v: 1, tolerance: { absolute: 0, relative: 0 }, cases: [{ inputs: [INPUT], outputs: [ANSWER] }] }),
  )
  const modelPath = join(folder, 'model')
  const goldenPath = join(folder, 'golden')
  writeFileSync(modelPath, MODEL)
  writeFileSync(goldenPath, golden)
  const { irVersion, opsets, operators, producer, metadata } = preflight(modelPath)
  const manifest = bundleManifest.parse({
    ...{ v: 1, model: 'self-check', version: '1.0.0', task: 'other', labels: [], metrics: {} },
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 2] }],
    outcome: { label: null, probabilities: null, value: null },
    schema: { input: null, features: [], target: null },
    preprocessing: { v: 1, steps: [] },
    onnx: { irVersion, opsets, operators, producer, metadata },
    artifacts: { model: entryOf(MODEL), golden: entryOf(golden) },
  })
  return {
    ...{ deployment: 'self-check', digest: hash(Buffer.from(JSON.stringify(manifest))), manifest, modelPath, goldenPath },
    baselinePath: null,
    ...{ isCandidate: true, role: { kind: 'active' }, serving: servingRules.parse({}), latencyBudgetMs: null },
  }
}

const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

function entryOf(bytes: Uint8Array): unknown {
  return { sha256: hash(bytes), sizeBytes: bytes.length, encoding: 'identity', blocks: [[bytes.length, hash(bytes)]] }
}
