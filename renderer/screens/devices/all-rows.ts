import type { InputOf, OutputOf } from '../../../shared/rpc/contract.ts'
import type { DeviceTableRow } from '../../../shared/rpc/contract/device-views.ts'

/** The most that the core gives at once. */
const PAGE = 500

/** Asks for every device that a query selects, page by page. @param onProgress share from 0 to 1 */
export async function allRows(
  ask: (input: InputOf<'devices.table'>) => Promise<OutputOf<'devices.table'>>,
  input: Omit<InputOf<'devices.table'>, 'offset' | 'limit'>,
  { signal, onProgress }: { signal: AbortSignal; onProgress(share: number): void },
): Promise<DeviceTableRow[]> {
  const rows = new Map<string, DeviceTableRow>()
  for (let offset = 0; ; offset += PAGE) {
    signal.throwIfAborted()
    const page = await ask({ ...input, offset, limit: PAGE })
    // A device that moved within the order between two pages is kept once.
    for (const row of page.rows) rows.set(row.device, row)
    onProgress(page.total === 0 ? 1 : Math.min(1, (offset + page.rows.length) / page.total))
    if (page.rows.length < PAGE) return [...rows.values()]
  }
}
