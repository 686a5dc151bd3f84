import type { ReadDb } from '../open.ts'

export interface DeviceMemoryQuestion {
  devices: readonly string[]
  from: number
  /** Exclusive. */
  through: number
  /** Devices that count from a later time on. */
  since?: ReadonlyMap<string, number>
}

/** Mean memory of agent and runtime of each device in a time, bytes; devices that measured nothing are left out. */
export function deviceMemory(db: ReadDb, { devices, from, through, since }: DeviceMemoryQuestion): Map<string, number> {
  const rows = db.prepare<[string, number], { device: string; bytes: number | null }>(
    `SELECT wanted.value ->> 0 AS device, avg(json_extract(resources.body, '$.agentRssBytes')) AS bytes
    FROM json_each(?) AS wanted CROSS JOIN resources ON resources.device = wanted.value ->> 0
      AND resources.at >= wanted.value ->> 1 AND resources.at < ?
    GROUP BY wanted.value ->> 0`,
  )
  const wanted = devices.map((device) => [device, Math.max(from, since?.get(device) ?? from)])
  const memory = new Map<string, number>()
  for (const { device, bytes } of rows.iterate(JSON.stringify(wanted), through)) if (bytes !== null) memory.set(device, bytes)
  return memory
}
