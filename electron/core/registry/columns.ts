import { Problem } from '../../../shared/domain/problem.ts'

/** Which cell of a record is which feature, and which one the truth. */
export interface ColumnPlan {
  /** Names in the order of the model's input. */
  features: string[]
  /** Cell of each feature. */
  featureAt: number[]
  target: string | null
  targetAt: number | null
}

/** What is known of the columns before the header is read. */
export interface ColumnRules {
  /** Names the file in messages. */
  what: string
  /** Features that the model takes; -1: any number. */
  width: number
  /** Names of the features in the model's order; `null`: the header gives them. */
  features: readonly string[] | null
  /** Name of the column with the truth; `null`: what is left over. */
  target: string | null
}

/**
 * Matches a header with the features: by name when the names are known, else by position, the truth being the column `label` or
 * `target`, else the last.
 * @throws Problem `data.schema-mismatch` naming missing and extra columns
 */
export function planColumns(header: readonly string[], rules: ColumnRules): ColumnPlan {
  const target = targetOf(header, rules)
  const features = rules.features ?? header.filter((name) => name !== target)
  const missing = features.filter((name) => !header.includes(name))
  const extra = header.filter((name) => name !== target && !features.includes(name))
  if (missing.length > 0 || extra.length > 0) {
    throw new Problem(
      'data.schema-mismatch',
      `${rules.what} does not fit the model${list('; columns missing', missing)}${list('; columns too many', extra)}.`,
    )
  }
  if (rules.width !== -1 && features.length !== rules.width) {
    const truth =
      target !== null ? ` besides the true "${target}"` : rules.target === null ? '' : ` and none named "${rules.target.slice(0, 64)}"`
    throw new Problem(
      'data.schema-mismatch',
      `${rules.what} has ${features.length} columns${truth}; the model takes ${rules.width} features.`,
    )
  }
  if (features.length === 0) throw new Problem('data.schema-mismatch', `${rules.what} has no column for a feature.`)
  return {
    features: [...features],
    featureAt: features.map((name) => header.indexOf(name)),
    target,
    targetAt: target === null ? null : header.indexOf(target),
  }
}

/** Names that say by themselves that a column is the truth, wherever it stands. */
const usualTarget = /^(label|target)$/i

/** The column with the truth: the named one if the file has it, else the one left over. */
function targetOf(header: readonly string[], { features, target, width }: ColumnRules): string | null {
  if (target !== null) return header.includes(target) ? target : null
  if (features !== null) {
    const left = header.filter((name) => !features.includes(name))
    return left.length === 1 ? left[0]! : null
  }
  if (width !== -1 && header.length !== width + 1) return null
  const [named, second] = header.filter((name) => usualTarget.test(name))
  return named !== undefined && second === undefined ? named : (header.at(-1) ?? null)
}

function list(what: string, names: readonly string[]): string {
  if (names.length === 0) return ''
  const shown = names.slice(0, 8).map((name) => `"${name.slice(0, 64)}"`)
  return `${what}: ${shown.join(', ')}${names.length > 8 ? ` and ${names.length - 8} more` : ''}`
}
