import { classificationScores, type ClassCounts, type ClassScores } from '../classification.ts'

/** One average of the scores of the classes; null without rows. */
export interface AveragedScores {
  precision: number | null
  recall: number | null
  f1: number | null
}

/**
 * Precision, recall and F1 over the classes, as scikit-learn with `zero_division=0`, each 0 to 1: `macro` over the classes that occur as truth
 * or prediction, `macroAllLabels` over all declared ones, `micro` from the summed counts (the accuracy, as every row has one label), `weighted`
 * by support.
 */
export function averagedScores(counts: ClassCounts): Record<'macro' | 'macroAllLabels' | 'micro' | 'weighted', AveragedScores> {
  const { rows, accuracy, perClass } = classificationScores(counts)
  const occurring = perClass.filter(({ support, predicted }) => support > 0 || predicted > 0)
  const all = rows === 0 ? [] : perClass
  return {
    macro: average(occurring, () => 1),
    macroAllLabels: average(all, () => 1),
    micro: { precision: accuracy, recall: accuracy, f1: accuracy },
    weighted: average(all, ({ support }) => support),
  }
}

function average(classes: readonly ClassScores[], weightOf: (scores: ClassScores) => number): AveragedScores {
  const whole = classes.reduce((sum, scores) => sum + weightOf(scores), 0)
  const mean = (score: (scores: ClassScores) => number): number | null =>
    whole === 0 ? null : classes.reduce((sum, scores) => sum + weightOf(scores) * score(scores), 0) / whole
  return { precision: mean(({ precision }) => precision), recall: mean(({ recall }) => recall ?? 0), f1: mean(({ f1 }) => f1) }
}
