import { Problem } from '../../../shared/domain/problem.ts'
import { probationRules, servingRules } from '../../../shared/protocol/assignment.ts'
import type { InputOf } from '../../../shared/rpc/contract.ts'

/** Flags that name rules of probation and serving. */
export interface RulesFlags {
  probation?: string
  serving?: string
}

type Rules = Pick<InputOf<'deployments.promote'>, 'probation' | 'serving'>

/** Reads `--probation inferences=200,maxLatencyRatio=none` and `--serving deadlineMs=500`. @throws Problem `usage` */
export function rulesFlags(flags: RulesFlags): Rules {
  return {
    ...(flags.probation === undefined ? {} : { probation: pairsOf('--probation', flags.probation, Object.keys(probationRules.shape)) }),
    ...(flags.serving === undefined ? {} : { serving: pairsOf('--serving', flags.serving, Object.keys(servingRules.shape)) }),
  }
}

function pairsOf(flag: string, text: string, names: readonly string[]): Record<string, number | null> {
  return Object.fromEntries(
    text.split(',').map((part) => {
      const [name = '', value = ''] = part.split('=').map((side) => side.trim())
      if (!names.includes(name))
        throw new Problem('usage', `${flag}: there is no rule '${name}'.`, { hint: `The rules are ${names.join(', ')}.` })
      const number = value === 'none' ? null : Number(value)
      if (value === '' || Number.isNaN(number)) throw new Problem('usage', `${flag}: '${value}' is no number for ${name}.`)
      return [name, number]
    }),
  )
}
