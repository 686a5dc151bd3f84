import type { ReadDb } from '../open.ts'

export interface DeviceMemoryQuestion {
  devices: readonly string[]
  from: number
  /** Exclusive. */
  through: number
}

/** Mean memory of agent and runtime of each device in a time, bytes; devices that measured nothing are left out. */
export function deviceMemory(db: ReadDb, { devices, from, through }: DeviceMemoryQuestion): Map<string, number> {
  const rows = db.prepare<[string, number, number], { device: string; bytes: number | null }>(
    `SELECT wanted.value AS device, avg(json_extract(resources.body, '$.agentRssBytes')) AS bytes
    FROM json_each(?) AS wanted CROSS JOIN resources ON resources.device = wanted.value AND resources.at >= ? AND resources.at < ?
    GROUP BY wanted.value`,
  )
  const memory = new Map<string, number>()
  for (const { device, bytes } of rows.iterate(JSON.stringify(devices), from, through)) if (bytes !== null) memory.set(device, bytes)
  return memory
}
