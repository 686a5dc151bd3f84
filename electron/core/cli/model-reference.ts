import { parseModelReference } from '../../../shared/domain/ids.ts'
import { Problem } from '../../../shared/domain/problem.ts'

/** `name@version` as people write it; the version may be an alias. @throws Problem `usage` */
export function referenceOf(text: string): { model: string; version: string } {
  const reference = parseModelReference(text)
  if (reference === null)
    throw new Problem('usage', `'${text}' is no model version.`, { hint: 'Write NAME@VERSION or NAME@ALIAS, such as digits@1.0.0' })
  return reference
}
