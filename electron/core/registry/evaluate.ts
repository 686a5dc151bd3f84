import { Problem } from '../../../shared/domain/problem.ts'
import type { RowOutcome } from '../../../shared/inference/outcome.ts'
import type { EvaluationRecord } from '../../../shared/rpc/contract/models.ts'
import { LatencySketch } from '../../../shared/stats/latency-sketch.ts'
import { requireOutcome, requireTabular, tabularOf, type ModelRules } from './describe.ts'
import type { Evaluator } from './evaluator.ts'
import { cellProblem, noRow, numberOf, openFeatureRows, type FeatureRow } from './feature-rows.ts'
import { labelLookup } from './labels.ts'
import { createRowRunner, type RowRunner } from './row-runner.ts'
import { classScorer, valueScorer, type Scorer } from './score.ts'

const WHAT = 'Hold-out data'
/** So many rows are run one by one: their times are the latency, and more of them change the percentiles little. */
const TIMED_ROWS = 200
const WARM_UPS = 3

/** One row with what is true and what the model said. */
export interface JudgedRow {
  row: FeatureRow
  /** Class index, or value. */
  truth: number
  outcome: RowOutcome
  /** One per class; `null` if the model gives none. */
  probabilities: readonly number[] | null
  /** Difference of the two highest probabilities, 0 to 1; `null` if the model gives none. */
  margin: number | null
}

/** The measured part of an evaluation record. */
export type Judgement = Pick<EvaluationRecord, 'rows' | 'metrics' | 'confusion' | 'interval' | 'latencyMs' | 'runtimeVersion'>

export interface EvaluateOptions {
  rules: ModelRules
  evaluator: Evaluator
  holdoutPath: string
  /** Told every judged row, in the order of the file. */
  onRow?: (judged: JudgedRow) => void
  /** Share of the file, 0 to 1, and rows so far. */
  progress: (fraction: number, rows: number) => void
}

/**
 * Runs a model over labelled rows and scores it. Rows stream: memory does not grow with the file.
 * @throws Problem `data.schema-mismatch`, `data.invalid` (row, column and value named), `evaluation.failed`, `cancelled`
 */
export async function evaluateHoldout(options: EvaluateOptions): Promise<Judgement> {
  const { rules, evaluator } = options
  const tabular = requireTabular({ tabular: tabularOf(rules) }, WHAT)
  requireOutcome(rules)
  if (rules.task === 'classification' && rules.labels.length === 0) {
    throw new Problem(
      'data.schema-mismatch',
      'The model version declares no labels to compare the rows with; import it with "labels" in bundle.json.',
    )
  }
  const names = rules.schema.features.map((feature) => feature.name)
  const file = await openFeatureRows(options.holdoutPath, tabular, {
    what: WHAT,
    width: tabular.width,
    features: names.length === 0 ? null : names,
    target: rules.schema.target,
  })
  try {
    const target = file.plan.target
    if (target === null) throw noTarget(rules.schema.target)
    const truthOf = truthReader(rules, target)
    const scorer = rules.task === 'classification' ? classScorer(rules.labels.length) : valueScorer()
    const judge = createJudge({ runner: createRowRunner({ rules, tabular, evaluator, what: WHAT }), scorer, onRow: options.onRow })
    for await (const row of file.rows) {
      await judge.add(row, truthOf(row))
      options.progress(file.fraction(), judge.rows())
    }
    await judge.flush()
    if (judge.rows() === 0) throw noRow(WHAT)
    return { rows: judge.rows(), ...scorer.scores(), latencyMs: judge.latencyMs(), runtimeVersion: evaluator.runtimeVersion }
  } finally {
    file.close()
  }
}

function noTarget(name: string | null): Problem {
  return new Problem(
    'data.schema-mismatch',
    name === null ? `${WHAT} has no column with the true label or value.` : `${WHAT} has no column "${name}" with the true label or value.`,
  )
}

/** Collects rows into runs, and gives each answer to the scorer. */
function createJudge(of: { runner: RowRunner; scorer: Scorer; onRow: EvaluateOptions['onRow'] }) {
  const { runner, scorer } = of
  const latency = LatencySketch.empty()
  let waiting: { row: FeatureRow; truth: number }[] = []
  let judged = 0
  const flush = async (): Promise<void> => {
    const rows = waiting
    waiting = []
    if (rows.length === 0) return
    const fed = rows.map(({ row }) => row)
    if (judged === 0) for (let i = 0; i < WARM_UPS; i += 1) await runner.run(fed)
    const ran = await runner.run(fed)
    if (runner.isFixed) latency.add(ran.ms / runner.batchRows, rows.length)
    else if (rows.length === 1) latency.add(ran.ms)
    for (const [i, { row, truth }] of rows.entries()) {
      const probabilities = ran.probabilities?.[i] ?? null
      scorer.add(ran.outcomes[i]!, truth, probabilities)
      of.onRow?.({ row, truth, outcome: ran.outcomes[i]!, probabilities, margin: probabilities === null ? null : marginOf(probabilities) })
    }
    judged += rows.length
  }
  return {
    flush,
    rows: (): number => judged,
    latencyMs: () => ({ p50: latency.quantile(0.5) ?? 0, p95: latency.quantile(0.95) ?? 0, p99: latency.quantile(0.99) ?? 0 }),
    async add(row: FeatureRow, truth: number): Promise<void> {
      waiting.push({ row, truth })
      const most = !runner.isFixed && judged < TIMED_ROWS ? 1 : runner.batchRows
      if (waiting.length >= most) await flush()
    },
  }
}

function truthReader(rules: ModelRules, column: string): (row: FeatureRow) => number {
  const find = labelLookup(rules.labels)
  return ({ row, line, target }) => {
    const cell = target ?? ''
    const truth = rules.task === 'classification' ? find(cell) : (numberOf(cell) ?? Number.NaN)
    if (truth !== -1 && rules.task === 'classification') return truth
    if (rules.task !== 'classification' && Number.isFinite(truth)) return truth
    const why = rules.task === 'classification' ? `is none of the ${rules.labels.length} labels` : 'is not a number'
    throw cellProblem(WHAT, { row, line, column, cell }, why)
  }
}

function marginOf(probabilities: readonly number[]): number {
  let first = Number.NEGATIVE_INFINITY
  let second = Number.NEGATIVE_INFINITY
  for (const p of probabilities) {
    if (p > first) {
      second = first
      first = p
    } else if (p > second) second = p
  }
  return first - second
}
