import { userInfo } from 'node:os'
import type { Command } from 'commander'
import { Problem } from '../../../shared/domain/problem.ts'
import { parseModelReference } from '../../../shared/domain/ids.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'

/** Flags of every command that is about some of the labels. */
export interface ScopeFlags {
  query: string
  deployment?: string
  model?: string
}

interface Scope {
  query: string
  deployment?: string
  model?: string
  version?: string
}

/** Adds the flags that say which labels a command is about. */
export function withScope(command: Command): Command {
  return command
    .option('-q, --query <query>', 'samples of these devices', '')
    .option('--deployment <name>', 'of this deployment')
    .option('--model <model>', 'of this model, or of one version: NAME@VERSION')
}

/** Adds the flag that says who labels. */
export function withLabeller(command: Command): Command {
  return command.option('--by <name>', 'who labels', ownName())
}

/** The scope of the flags. @throws Problem `usage` */
export function scopeOf({ query, deployment, model }: ScopeFlags): Scope {
  const of = model === undefined ? null : parseModelReference(model)
  if (model?.includes('@') === true && of === null) throw new Problem('usage', `--model: '${model}' is no NAME or NAME@VERSION.`)
  return {
    query,
    ...(deployment === undefined ? {} : { deployment }),
    ...(of !== null ? { model: of.model, version: of.version } : model === undefined ? {} : { model }),
  }
}

/** The user of this machine: several people on one console are told apart without a word. */
function ownName(): string {
  try {
    return userInfo().username
  } catch {
    // A container may have a user without a name.
    return 'cli'
  }
}

/** What labels say of the accuracy, in one line. */
export function progressText({ accuracy, weighted, weightedMissing, mae, target, ...counts }: OutputOf<'labelling.progress'>): string[] {
  const share = (value: number): string => (value * 100).toFixed(2)
  const lines = [`${counts.labelled} labelled, ${counts.open} open, ${counts.disputed} disputed, ${counts.skipped} skipped`]
  if (accuracy !== null)
    lines.push(
      `accuracy ${share(accuracy.value)} % of ${accuracy.rows} labelled rows (95 %: ${share(accuracy.low)} to ${share(accuracy.high)})`,
    )
  if (weighted !== null)
    lines.push(
      `accuracy ${share(weighted.value)} % of all requests, by the weights (95 %: ${share(weighted.low)} to ${share(weighted.high)}; worth ${weighted.effectiveRows.toFixed(1)} rows)`,
    )
  else if (weightedMissing !== null && accuracy !== null) lines.push(`accuracy of all requests: insufficient data. ${weightedMissing}`)
  if (mae !== null) lines.push(`mean absolute error ${mae}`)
  if (accuracy === null && mae === null) lines.push('accuracy: insufficient data, nothing is labelled yet')
  if (target.rowsToGo !== null)
    lines.push(
      target.rowsToGo === 0
        ? `the interval is as narrow as ±${share(target.halfWidth)} points`
        : `about ${target.rowsToGo} labels to an interval of ±${share(target.halfWidth)} points`,
    )
  return lines
}
