import type { WriteDb } from '../store/open.ts'

/** Says of whom nothing may be stored. */
export type IsErased = (subject: string) => boolean

/** Asks the store each time: whoever is erased while a batch waits is not stored with it. */
export function openErasedSubjects(db: WriteDb): IsErased {
  const find = db.prepare('SELECT 1 FROM erased_subject WHERE subject = ?')
  return (subject) => find.get(subject) !== undefined
}
