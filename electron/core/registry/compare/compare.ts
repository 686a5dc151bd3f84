import type { ResultOf } from '../../../../shared/rpc/contract.ts'
import type { EvaluationRecord } from '../../../../shared/rpc/contract/models.ts'
import { blocksOfBundle, sizeOfBundle } from '../contents.ts'
import type { RegisteredVersion } from '../registry.ts'
import { differencesOf, isInterchangeable } from './differences.ts'
import { compareMetrics, pairOf } from './metrics.ts'

type Comparison = ResultOf<'models.compare'>
type Side = Comparison['left']

/** One of the two versions, with what only the caller knows of it. */
export interface ComparedVersion {
  one: RegisteredVersion
  summary: Side['version']
  goldenRows: number
}

/** Two versions side by side. */
export function compareVersionsOf(left: ComparedVersion, right: ComparedVersion): Comparison {
  const [a, b] = [left.one.manifest, right.one.manifest]
  const pair = pairOf(left.one.evaluations, right.one.evaluations)
  const held = blocksOfBundle(a)
  const [before, after] = [new Set(a.onnx.operators), new Set(b.onnx.operators)]
  return {
    left: sideOf(left, pair.left),
    right: sideOf(right, pair.right),
    sameRows: pair.sameRows,
    metrics: compareMetrics(pair),
    latency: (['p50', 'p95', 'p99'] as const).map((quantile) => ({
      ...{ quantile, left: pair.left?.latencyMs[quantile] ?? null, right: pair.right?.latencyMs[quantile] ?? null },
    })),
    isInterchangeable: isInterchangeable(a, b),
    differences: differencesOf(a, b),
    operators: {
      added: [...after].filter((operator) => !before.has(operator)).map(nameOf),
      removed: [...before].filter((operator) => !after.has(operator)).map(nameOf),
    },
    sharedBytes: [...blocksOfBundle(b)].reduce((sum, [sha256, bytes]) => sum + (held.has(sha256) ? bytes : 0), 0),
  }
}

function nameOf(operator: string): string {
  return operator.slice(0, 256)
}

function sideOf({ one, summary, goldenRows }: ComparedVersion, evaluation: EvaluationRecord | null): Side {
  const { onnx } = one.manifest
  return {
    version: summary,
    onnx: { irVersion: onnx.irVersion, opsets: onnx.opsets, producer: onnx.producer, operators: onnx.operators.length },
    blocks: sizeOfBundle(one.manifest).blocks,
    goldenRows,
    evaluation: evaluation === null ? null : withoutScores(evaluation),
  }
}

function withoutScores(record: EvaluationRecord): NonNullable<Side['evaluation']> {
  const { evaluation, dataset, datasetSha256, rows, interval, latencyMs, runtimeVersion, evaluatedAt } = record
  return { evaluation, dataset, datasetSha256, rows, interval, latencyMs, runtimeVersion, evaluatedAt }
}
