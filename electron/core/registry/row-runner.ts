import { Problem } from '../../../shared/domain/problem.ts'
import { readOutcomes, readProbabilities, type RowOutcome } from '../../../shared/inference/outcome.ts'
import { finishOutputs, prepareInputs, type Findings } from '../../../shared/inference/pipeline.ts'
import type { Tensor } from '../../../shared/inference/tensor.ts'
import type { ModelRules, TabularInput } from './describe.ts'
import type { Evaluator } from './evaluator.ts'
import type { FeatureRow } from './feature-rows.ts'
import { tensorsOf } from './row-tensors.ts'

/** Rows that are run at once where the model takes any number. */
const BATCH_ROWS = 256
/** Wide rows are run in smaller batches: each is copied several times on its way into the child. */
const BATCH_VALUES = 1024 * 1024

/** What a model said about some rows. */
export interface RanRows {
  /** The inputs as a request carries them, before preprocessing. */
  inputs: Tensor[]
  /** After postprocessing. */
  outputs: Tensor[]
  outcomes: RowOutcome[]
  probabilities: number[][] | null
  ms: number
}

/** Feeds rows of a table to a model. */
export interface RowRunner {
  /** Rows of one run: fixed by the model, or as many as are worth a message. */
  readonly batchRows: number
  /** True if the model takes exactly `batchRows`. */
  readonly isFixed: boolean
  /** Runs at most `batchRows` rows. @throws Problem `data.invalid` for a row that the model cannot take, `evaluation.failed`, `cancelled` */
  run(rows: readonly FeatureRow[]): Promise<RanRows>
}

/** @param of.what names the data in messages */
export function createRowRunner(of: { rules: ModelRules; tabular: TabularInput; evaluator: Evaluator; what: string }): RowRunner {
  const { rules, tabular, evaluator } = of
  const fixed = rules.inputs[0]!.shape[0]!
  const isFixed = fixed !== -1
  const width = Math.max(1, tabular.width, rules.schema.features.length)
  return {
    batchRows: isFixed ? fixed : Math.max(1, Math.min(BATCH_ROWS, Math.floor(BATCH_VALUES / width))),
    isFixed,
    async run(rows) {
      // A model of a fixed batch gets the last row again and again; what it says about those is dropped.
      const filled = (some: readonly FeatureRow[]): Tensor[] =>
        tensorsOf(tabular, isFixed ? Array.from({ length: fixed }, (_, i) => some[Math.min(i, some.length - 1)]!) : some)
      const inputs = filled(rows)
      const ran = await evaluator.run(prepared(of, rows, filled))
      return { inputs, ms: ran.ms, ...answersOf(rules, ran.outputs, rows.length) }
    },
  }
}

/** The inputs after preprocessing; a row that it refuses is found and named as the file has it. */
function prepared(
  of: { rules: ModelRules; what: string },
  rows: readonly FeatureRow[],
  filled: (rows: readonly FeatureRow[]) => Tensor[],
): Tensor[] {
  const prepare = (some: readonly FeatureRow[]): Tensor[] => {
    const findings: Findings = new Map()
    return prepareInputs(of.rules, filled(some), { maxRows: Number.MAX_SAFE_INTEGER, findings }).inputs
  }
  try {
    return prepare(rows)
  } catch (error) {
    for (const row of rows) {
      try {
        prepare([row])
      } catch (refused) {
        if (!(refused instanceof Problem) || refused.code !== 'inference.bad-input') throw refused
        const reason = refused.message.replace(' of row 0', '')
        throw new Problem('data.invalid', `${of.what}, row ${row.row} (line ${row.line}): ${reason}`, {
          hint: 'Correct the row, or declare a fill-missing step in bundle.json.',
          cause: refused,
        })
      }
    }
    throw error
  }
}

function answersOf(rules: ModelRules, given: readonly Tensor[], rows: number): Pick<RanRows, 'outputs' | 'outcomes' | 'probabilities'> {
  try {
    const { outputs } = finishOutputs(rules, given, { findings: new Map() })
    const outcomes = readOutcomes(rules, outputs)
    if (outcomes === null || outcomes.length < rows)
      throw new Problem('inference.failed', `The model answered for ${outcomes?.length ?? 0} of ${rows} rows.`)
    const unknown = rules.labels.length === 0 ? undefined : outcomes.find((one) => one.kind === 'class' && one.index === -1)
    if (unknown?.kind === 'class')
      throw new Problem('inference.failed', `The model says class "${unknown.label.slice(0, 64)}", which is none of the labels.`)
    const scores = rules.task === 'classification' ? outputs.find((tensor) => tensor.name === rules.outcome.probabilities) : undefined
    return {
      outputs,
      outcomes: outcomes.slice(0, rows),
      probabilities: scores === undefined ? null : readProbabilities(scores, rules.labels).slice(0, rows),
    }
  } catch (error) {
    throw error instanceof Problem ? new Problem('evaluation.failed', error.message, { cause: error }) : error
  }
}
