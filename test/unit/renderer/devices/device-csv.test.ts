import { describe, expect, test } from 'vitest'
import { allRows } from '../../../../renderer/screens/devices/all-rows.ts'
import { deviceColumns } from '../../../../renderer/screens/devices/device-columns.tsx'
import { devicesCsv } from '../../../../renderer/screens/devices/device-csv.ts'
import { sortableColumns, type DeviceTableRow } from '../../../../shared/rpc/contract/device-views.ts'
import type { OutputOf } from '../../../../shared/rpc/contract.ts'

const row = (device: string, part: Partial<DeviceTableRow> = {}): DeviceTableRow =>
  ({
    device,
    health: 'ok',
    sentence: `${device} runs digits 1.0.0, as ordered.`,
    status: 'online',
    site: 'lyon',
    labels: { site: 'lyon' },
    deployments: [],
    agentVersion: '0.1.0',
    lastSeenAt: Date.parse('2026-01-02T03:04:05Z'),
    enrolledAt: 0,
    os: 'linux',
    arch: 'x64',
    hostname: 'host',
    cpus: 4,
    memoryBytes: 8_000_000_000,
    diskFreeBytes: null,
    runtimeVersion: null,
    ...part,
  }) as DeviceTableRow

describe('devices as CSV', () => {
  test('the columns that are shown, in their order, with units in their names', () => {
    expect(devicesCsv(['device', 'lastSeenAt', 'memoryBytes', 'diskFreeBytes'], [row('cam-1')])).toBe(
      'device,last_seen_at,memory_bytes,disk_free_bytes\r\ncam-1,2026-01-02T03:04:05.000Z,8000000000,\r\n',
    )
  })

  test('the id is always there, and unknown columns are passed over', () => {
    expect(devicesCsv(['os', 'constructor'], [row('cam-1')])).toBe('device,os\r\ncam-1,linux\r\n')
  })

  test('text of a device is no formula', () => {
    expect(devicesCsv(['hostname'], [row('cam-1', { hostname: '=HYPERLINK("x")' })])).toContain(`"'=HYPERLINK(""x"")"`)
  })

  test('every column of the table can be exported and sorted by the core', () => {
    for (const { id } of deviceColumns) {
      const head = devicesCsv([id], [row('cam-1')]).split('\r\n')[0]!
      expect(head.split(',').length).toBeGreaterThan(id === 'device' ? 0 : 1)
      expect(sortableColumns).toContain(id)
    }
  })
})

describe('all rows of a query', () => {
  const answer = (rows: DeviceTableRow[], total: number): OutputOf<'devices.table'> => ({
    rows,
    total,
    fleet: total,
    counts: { ok: 0, working: 0, attention: 0, failed: 0, offline: 0 },
  })

  test('page by page to the end, each device once although the order moved, with progress', async () => {
    const all = Array.from({ length: 1100 }, (_, i) => row(`cam-${i}`))
    const shares: number[] = []
    const asked: (number | undefined)[] = []
    const rows = await allRows(
      ({ offset = 0, limit = 0, query }) => {
        expect(query).toBe('site = lyon')
        asked.push(offset)
        // On the second page the last device of the first one stands again.
        const from = offset === 500 ? 499 : offset
        return Promise.resolve(answer(all.slice(from, from + limit), 1100))
      },
      { query: 'site = lyon' },
      { signal: new AbortController().signal, onProgress: (share) => shares.push(share) },
    )
    expect(asked).toEqual([0, 500, 1000])
    expect(new Set(rows.map(({ device }) => device)).size).toBe(rows.length)
    expect(shares.at(-1)).toBe(1)
  })

  test('stops when told to', async () => {
    const controller = new AbortController()
    const work = allRows(
      () => {
        controller.abort()
        return Promise.resolve(
          answer(
            Array.from({ length: 500 }, (_, i) => row(`cam-${i}`)),
            1000,
          ),
        )
      },
      {},
      { signal: controller.signal, onProgress: () => undefined },
    )
    await expect(work).rejects.toThrow('abort')
  })
})
