import type { GoldenSet, OutcomeReference } from '../../../shared/domain/bundle.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import type { BundleWork } from './bundle.ts'
import { answersRows, requireTabular, tabularOf, type ModelRules } from './describe.ts'
import { evaluateHoldout, type Judgement } from './evaluate.ts'
import { startEvaluator, type Evaluator } from './evaluator.ts'
import { GoldenChooser, makeGoldenSet } from './golden-set.ts'
import { OutcomeRows } from './outcome-rows.ts'
import { createRowRunner } from './row-runner.ts'
import { readTrainingOutcomes } from './training-outcomes.ts'

type JudgeWork = Omit<BundleWork, 'staging'>

/** What a model is judged by. */
export interface JudgeSources {
  rules: ModelRules
  tolerance: { absolute: number; relative: number }
  modelPath: string
  holdoutPath: string | undefined
  training: { path: string; rows: number } | null
}

/** What came of it; null where there was nothing to make it of. */
export interface Judged {
  judgement: Judgement | null
  golden: GoldenSet | null
  outcomes: OutcomeReference | null
  outcomesMissing: string | null
}

/** Loads the model and, with hold-out rows, scores it and makes the golden set; these rows, else those of the training, are the reference of its outcomes. */
export async function judgeModel(of: JudgeSources, work: JudgeWork): Promise<Judged> {
  const { workDirectory, signal, limits, progress } = work
  const evaluator = await startEvaluator({ modelPath: of.modelPath, workDirectory, signal, ...(limits === undefined ? {} : { limits }) })
  try {
    if (of.holdoutPath === undefined) return { judgement: null, golden: null, ...(await trainingOutcomes(of, evaluator, progress)) }
    const chooser = new GoldenChooser(of.tolerance)
    const said = new OutcomeRows(of.rules.labels)
    const judgement = await evaluateHoldout({
      rules: of.rules,
      evaluator,
      holdoutPath: of.holdoutPath,
      onRow(row) {
        chooser.offer(row)
        said.offer(row)
      },
      progress: (fraction, rows) => progress(0.3 + 0.4 * fraction, evaluatingNote(rows)),
    })
    return { judgement, golden: await goldenOf(of, evaluator, chooser), outcomes: said.reference('holdout'), outcomesMissing: null }
  } finally {
    await evaluator.stop()
  }
}

/** What the model says of its training rows. That it cannot be read is no reason to refuse the model: only the reference is missing then. */
async function trainingOutcomes(
  { rules, training }: JudgeSources,
  evaluator: Evaluator,
  progress: JudgeWork['progress'],
): Promise<Pick<Judged, 'outcomes' | 'outcomesMissing'>> {
  if (training === null || !answersRows(rules)) return { outcomes: null, outcomesMissing: null }
  const into = new OutcomeRows(rules.labels)
  try {
    await readTrainingOutcomes({
      ...{ rules, evaluator, trainPath: training.path, rows: training.rows, into },
      progress: (fraction, rows) => progress(0.3 + 0.4 * fraction, `asking the model about the training rows: ${rows} rows`),
    })
  } catch (error) {
    if (!(error instanceof Problem) || error.code === 'cancelled') throw error
    return { outcomes: null, outcomesMissing: `The model did not answer the training rows: ${error.message}` }
  }
  const outcomes = into.reference('training')
  return { outcomes, outcomesMissing: outcomes === null ? 'The model could take none of the training rows.' : null }
}

async function goldenOf({ rules, tolerance }: JudgeSources, evaluator: Evaluator, chooser: GoldenChooser): Promise<GoldenSet | null> {
  const tabular = requireTabular({ tabular: tabularOf(rules) }, 'Hold-out data')
  return makeGoldenSet(createRowRunner({ rules, tabular, evaluator, what: 'Hold-out data' }), chooser.chosen(), tolerance)
}

/** What a job says while rows are judged. */
export function evaluatingNote(rows: number): string {
  return `evaluating on the hold-out rows: ${rows} rows`
}
