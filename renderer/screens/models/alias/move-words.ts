/** A change of an alias: `null` is "stands for nothing". */
export interface AliasMove {
  alias: string
  from: string | null
  to: string | null
}

/** What moving an alias will do, before it is done. */
export function sentenceBefore({ alias, from, to }: AliasMove): string {
  if (from === to) return `${alias} stands for ${to ?? 'nothing'} already.`
  if (to === null) return `${alias} stands for ${from} now and will be removed.`
  return from === null ? `${alias} is new and will stand for ${to}.` : `${alias} moves from ${from} to ${to}.`
}

/** What moving an alias did. */
export function sentenceAfter(model: string, { alias, from, to }: AliasMove): string {
  if (to === null) return `${alias} of ${model} is removed; it stood for ${from}.`
  return from === null ? `${alias} of ${model} stands for ${to} now.` : `${alias} of ${model} moved from ${from} to ${to}.`
}

/** Names that every model is offered, in this order. */
export const usualAliases = ['production', 'candidate'] as const

/** Names of aliases to offer: the usual ones, then those that the model has. */
export function offeredAliases(known: readonly string[]): string[] {
  return [...new Set([...usualAliases, ...known])]
}
