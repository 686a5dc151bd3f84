import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { RuntimeDeployment } from '../../agent/runtime/messages.ts'
import { Problem } from '../../shared/domain/problem.ts'
import { temporaryDirectory } from '../harness/fleet.ts'
import { startTestedGenerations, type TestedGenerations } from '../harness/local-api.ts'
import { differenceOf, exportNodeCases, inferBinary, nodeDeployment, type NodeCase } from '../harness/node-cases.ts'

const python = join(process.cwd(), '.cache/venv/bin/python')
const hasOnnx = existsSync(python) && spawnSync(python, ['-c', 'import onnx']).status === 0
if (!hasOnnx)
  process.stderr.write('the package onnx is not installed: its vectors are skipped. To run them: .cache/venv/bin/pip install onnx\n')

/** By default a sample that is the same every time; `MUSTER_NODE_CASES=0` tries all. */
const COUNT = Number(process.env['MUSTER_NODE_CASES'] ?? 300)
/** Models of one generation. */
const TOGETHER = 100

/** Vectors that nobody of Muster made, through preflight, a runtime process and the local API, with binary tensors both ways. */
test.skipIf(!hasOnnx)(
  'the node vectors of ONNX: what the protocol can carry is answered as they say',
  async () => {
    const { total, chosen, leftOut, cases } = await exportNodeCases(python, temporaryDirectory(), COUNT)
    const notTried = new Map(Object.entries(leftOut))
    const count = (reason: string): void => void notTried.set(reason, (notTried.get(reason) ?? 0) + 1)
    const failed: string[] = []
    let passed = 0
    let tried = 0
    for (let start = 0; start < cases.length; start += TOGETHER) {
      const tested = await startTestedGenerations()
      try {
        for (const { of, deployment } of await serveAll(tested, cases.slice(start, start + TOGETHER), count)) {
          tried += 1
          const wrong = await answerOf(tested.url, deployment, of)
          if (wrong === null) passed += 1
          else failed.push(`${of.name}: ${wrong}`)
        }
        expect(tested.crashes.filter(({ serving }) => serving)).toEqual([])
      } finally {
        await tested.stop()
      }
    }
    const told = [...notTried].sort((a, b) => b[1] - a[1]).map(([reason, n]) => `${n} ${reason}`)
    process.stdout.write(
      `ONNX node vectors: passed ${passed} of tried ${tried} (${chosen} of ${total} chosen); not tried: ${told.join(', ')}\n` +
        failed.map((line) => `  ${line}\n`).join(''),
    )
    expect(passed / tried).toBeGreaterThan(0.97)
    expect(tried / chosen).toBeGreaterThan(0.6)
  },
  900_000,
)

interface Serving {
  of: NodeCase
  deployment: string
}

/** Serves the models that pass preflight and probe; a model that brings the runtime down is counted, and the others are loaded without it. */
async function serveAll(tested: TestedGenerations, cases: readonly NodeCase[], count: (reason: string) => void): Promise<Serving[]> {
  let set: { of: NodeCase; deployment: RuntimeDeployment }[] = []
  for (const [i, of] of cases.entries()) {
    try {
      set.push({ of, deployment: nodeDeployment(of, `node-${i}`) })
    } catch (error) {
      count(reasonOf(error))
    }
  }
  for (;;) {
    const prepared = await tested.generations.prepare(
      set.map(({ deployment }) => deployment),
      new AbortController().signal,
    )
    const faults = new Map(
      prepared.results.flatMap(({ deployment, problem }) => (problem === null ? [] : [[deployment, problem] as const])),
    )
    if (faults.size === 0) {
      await prepared.promote()
      return set.map(({ of, deployment }) => ({ of, deployment: deployment.deployment }))
    }
    await prepared.discard()
    // Those that another one brought down were not tried yet.
    const guilty = [...faults].filter(([, { code }]) => code !== 'runtime.not-ready')
    for (const [, { code, message }] of guilty) count(reasonOf(new Problem('probe.load-failed', `${code}: ${message}`)))
    const names = new Set(guilty.map(([name]) => name))
    set = set.filter(({ deployment }) => !names.has(deployment.deployment))
  }
}

async function answerOf(url: string, deployment: string, of: NodeCase): Promise<string | null> {
  for (const { in: inputs, out } of of.sets) {
    const answer = await inferBinary(url, deployment, inputs)
    if (typeof answer === 'string') return answer
    for (const expected of out) {
      const wrong = differenceOf(of, expected, answer.get(expected.name))
      if (wrong !== null) return wrong
    }
  }
  return null
}

const reasons: readonly [RegExp, string][] = [
  [/NOT_IMPLEMENTED|not implemented|Could not find an implementation/i, 'type or operator that onnxruntime does not implement'],
  [/IR version/i, 'newer IR version than onnxruntime takes'],
  [/opset|is under development/i, 'newer opset than onnxruntime takes'],
  [/No Op registered|is not a registered function/i, 'operator that onnxruntime does not know'],
  [/^(Input|Output) .* (is of|has) /i, 'type that the protocol does not have'],
  [/of a domain/i, 'operator of a preview domain, refused by preflight'],
  [/which can run without end|is not permitted|is not allowed/i, 'operator that preflight refuses'],
]

/** Why a model is not served, in a few words. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const known = reasons.find(([pattern]) => pattern.test(message))?.[1]
  if (known !== undefined) return known
  return error instanceof Problem && error.code !== 'probe.load-failed'
    ? `refused by preflight: ${message.slice(0, 60)}`
    : 'not loaded by onnxruntime'
}
