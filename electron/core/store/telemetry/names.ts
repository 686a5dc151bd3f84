import type { WriteDb } from '../open.ts'
import type { CountedSubject } from './slice.ts'

/** Small numbers for the names in records. */
export interface Names {
  /**
   * Forgets what was looked up. A batch that is taken back takes its new names with it, and their numbers go to others: nothing is
   * remembered from one batch to the next.
   */
  beginBatch(): void
  device(name: string): number
  subject(of: CountedSubject): number
  boot(name: string): number
}

/** Prepares the tables of names. */
export function openNames(db: WriteDb): Names {
  const plain = (table: 'device' | 'boot') => {
    const find = db.prepare<[string], number>(`SELECT id FROM ${table} WHERE name = ?`).pluck()
    const add = db.prepare<[string], number>(`INSERT INTO ${table} (name) VALUES (?) RETURNING id`).pluck()
    const known = new Map<string, number>()
    const idOf = (name: string): number => {
      const id = known.get(name) ?? find.get(name) ?? add.get(name)!
      known.set(name, id)
      return id
    }
    return { known, idOf }
  }
  const [device, boot] = [plain('device'), plain('boot')]
  const find = db
    .prepare<string[], number>('SELECT id FROM subject WHERE deployment = ? AND digest = ? AND model = ? AND version = ?')
    .pluck()
  const add = db
    .prepare<string[], number>('INSERT INTO subject (deployment, digest, model, version) VALUES (?, ?, ?, ?) RETURNING id')
    .pluck()
  const subjects = new Map<string, number>()
  return {
    beginBatch() {
      device.known.clear()
      boot.known.clear()
      subjects.clear()
    },
    device: device.idOf,
    boot: boot.idOf,
    subject({ deployment, digest, model, version }) {
      const key = `${deployment} ${digest} ${model} ${version}`
      const values = [deployment, digest, model, version]
      const id = subjects.get(key) ?? find.get(...values) ?? add.get(...values)!
      subjects.set(key, id)
      return id
    },
  }
}
