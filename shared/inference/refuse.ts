import { Problem } from '../domain/problem.ts'

/** Where a declared step or rule stands, as messages name it: `preprocessing step 2 'clip'`. */
export type Place = string

/** A step or rule does not fit the model or the columns. @throws Problem `bundle.pipeline-invalid` */
export function refuseStep(place: Place, why: string): never {
  throw new Problem('bundle.pipeline-invalid', `${place[0]!.toUpperCase()}${place.slice(1)}: ${why}`)
}

/** A request has what the model cannot take. @throws Problem `inference.bad-input` */
export function refuseInput(message: string): never {
  throw new Problem('inference.bad-input', message)
}

/** Names in quotes, the first ones of many. */
export function quoted(names: readonly string[]): string {
  const shown = names.slice(0, 12).map((name) => `"${name.slice(0, 64)}"`)
  return `${shown.join(', ')}${names.length > 12 ? ` and ${names.length - 12} more` : ''}`
}

/** Checks that a list has one value for each of so many. @throws Problem `bundle.pipeline-invalid` */
export function checkLength(place: Place, list: readonly unknown[], of: { count: number; what: string }): void {
  if (list.length !== of.count) refuseStep(place, `${list.length} values for ${of.count} ${of.what}.`)
}
