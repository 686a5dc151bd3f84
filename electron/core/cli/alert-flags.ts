import { Problem } from '../../../shared/domain/problem.ts'

/** A number that is an id. @throws Problem `usage` */
export function idOf(what: string, text: string): number {
  const id = Number(text)
  if (!Number.isSafeInteger(id) || id < 1)
    throw new Problem('usage', `'${text}' is no number of ${what === 'alert' ? 'an alert' : `a ${what}`}.`)
  return id
}

/** One of some words. @throws Problem `usage` */
export function oneOf<Word extends string>(flag: string, text: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === text)
  if (found === undefined) throw new Problem('usage', `${flag}: '${text}' is none of ${words.join(', ')}.`)
  return found
}
