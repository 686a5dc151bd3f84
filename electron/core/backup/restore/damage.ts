import Database from 'better-sqlite3'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../../../../shared/domain/problem.ts'
import { storeProblem } from '../../../../shared/store/sqlite-rules.ts'
import { storeNames, type StoreName } from '../snapshot.ts'

/** What is wrong with a store; null: it is sound. Nothing is changed. */
export function faultOf(dataDirectory: string, name: StoreName): Problem | null {
  const file = join(dataDirectory, name)
  const stat = fs.statSync(file, { throwIfNoEntry: false })
  if (stat === undefined) return new Problem('store.missing', `There is no ${name}.`)
  if (stat.size === 0) return new Problem('store.corrupt', `${name} is empty.`)
  let db: Database.Database | null = null
  try {
    db = new Database(file, { readonly: true, fileMustExist: true, timeout: 1000 })
    const check = db.pragma('quick_check(1)', { simple: true })
    return check === 'ok' ? null : new Problem('store.corrupt', `${name} is damaged: ${String(check)}`)
  } catch (error) {
    const problem = storeProblem(error, name)
    if (problem instanceof Problem) return problem
    throw error
  } finally {
    db?.close()
  }
}

/** Stores that are damaged or missing. A disk that is full, read-only or in use is no damage: nothing is moved for it. */
export function damagedStores(dataDirectory: string): StoreName[] {
  return storeNames.filter((name) => {
    const code = faultOf(dataDirectory, name)?.code
    return code === 'store.corrupt' || code === 'store.missing'
  })
}
