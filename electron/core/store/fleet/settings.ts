import type { WriteDb } from '../open.ts'

/** What the fleet remembers of itself. */
export interface Settings {
  fleet: string
  fleetName: string
  limitBytesPerSecond: number | null
  consoleToken: string
}

export type SettingTable = ReturnType<typeof openSettingTable>

/** Settings by name, each a JSON value. */
export function openSettingTable(db: WriteDb) {
  const read = db.prepare<[string], { value: string }>('SELECT value FROM setting WHERE key = ?')
  const write = db.prepare('INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value')
  return {
    get<Key extends keyof Settings>(key: Key): Settings[Key] | undefined {
      const row = read.get(key)
      return row === undefined ? undefined : (JSON.parse(row.value) as Settings[Key])
    },
    set<Key extends keyof Settings>(key: Key, value: Settings[Key]): void {
      write.run(key, JSON.stringify(value))
    },
  }
}
