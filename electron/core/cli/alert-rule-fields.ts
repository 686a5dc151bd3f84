import { alertConditionKinds, alertRuleInput, type AlertRuleInput } from '../../../shared/domain/alert.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import { firstIssue } from '../../../shared/protocol/decode.ts'
import { spanOf } from './monitor-flags.ts'

type Read = (field: string, text: string) => unknown

const word: Read = (_, text) => text
const orNone: Read = (_, text) => (text === 'none' || text === '' ? null : text)
const yesNo: Read = (field, text) => {
  if (text !== 'true' && text !== 'false') throw new Problem('usage', `${field}: write true or false.`)
  return text === 'true'
}
const number: Read = (field, text) => {
  const value = Number(text)
  if (text.trim() === '' || Number.isNaN(value)) throw new Problem('usage', `${field}: '${text}' is no number.`)
  return value
}
const words: Read = (_, text) => (text === '' ? [] : text.split(',').map((one) => one.trim()))
const wordsOrAll: Read = (field, text) => (text === 'all' ? null : words(field, text))

/** Fields of a rule, by the name that a person types, and where they go. Lengths are typed as 10m, 2h, 3d. */
const ruleFields: Record<string, [name: string, read: Read]> = {
  ...{ name: ['name', word], summary: ['summary', word], severity: ['severity', word], enabled: ['isEnabled', yesNo] },
  ...{ query: ['query', word], deployment: ['deployment', orNone], per: ['per', word], for: ['forMs', spanOf], clear: ['clearMs', spanOf] },
  ...{ runbook: ['runbook', orNone], channels: ['channels', wordsOrAll], 'holds-releases': ['holdsReleases', yesNo] },
}

/** Fields of conditions. */
const conditionFields: Record<string, [name: string, read: Read]> = {
  ...{ kind: ['kind', word], metric: ['metric', word], is: ['is', word], value: ['value', number], over: ['overMs', spanOf] },
  ...{
    reference: ['reference', word],
    level: ['level', word],
    roles: ['roles', words],
    window: ['windowMs', spanOf],
    causes: ['causes', words],
  },
  ...{
    of: ['of', word],
    absent: ['forMs', spanOf],
    objective: ['objective', number],
    period: ['periodMs', spanOf],
    burn: ['burn', number],
  },
  ...{ long: ['longMs', spanOf], detectors: ['detectors', words], drop: ['drop', number], labels: ['leastLabels', number] },
}

/** What the fields are, for --help. */
export const fieldsHelp = `
Fields: ${Object.keys(ruleFields).join(', ')};
  of the condition: ${Object.keys(conditionFields).join(', ')}.
  kind is one of ${alertConditionKinds.join(', ')}. Lengths are written 10s, 5m, 2h, 30d.
Example: muster alerts rule add name="Slow answers" kind=threshold metric=latency-p95 is=above value=50 over=5m for=10m severity=critical`

/** The settings of a rule with some fields set anew. Another kind of condition begins with its defaults. @throws Problem `usage` */
export function withFields(before: AlertRuleInput | null, fields: readonly string[]): AlertRuleInput {
  const rule: Record<string, unknown> = { ...before }
  const given: Record<string, unknown> = {}
  for (const field of fields) {
    const at = field.indexOf('=')
    if (at < 1) throw new Problem('usage', `'${field}' is no field=value.`)
    const [name, text] = [field.slice(0, at), field.slice(at + 1)]
    const ofRule = Object.hasOwn(ruleFields, name) ? ruleFields[name] : undefined
    const ofCondition = Object.hasOwn(conditionFields, name) ? conditionFields[name] : undefined
    if (ofRule !== undefined) rule[ofRule[0]] = ofRule[1](name, text)
    else if (ofCondition !== undefined) given[ofCondition[0]] = ofCondition[1](name, text)
    else throw new Problem('usage', `There is no field '${name}'.`, { hint: fieldsHelp.trim() })
  }
  const isOther = given['kind'] !== undefined && given['kind'] !== before?.condition.kind
  const parsed = alertRuleInput.safeParse({ ...rule, condition: { ...(isOther ? {} : before?.condition), ...given } })
  if (!parsed.success) throw new Problem('usage', `The rule is not right: ${firstIssue(parsed.error)}`, { hint: fieldsHelp.trim() })
  return parsed.data
}
