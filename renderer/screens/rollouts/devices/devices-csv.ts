import { csvText } from '../../../../shared/domain/csv.ts'
import type { InputOf, OutputOf } from '../../../../shared/rpc/contract.ts'
import type { RolloutDeviceRow } from './device-columns.tsx'

/** The most that the core gives at once. */
const PAGE = 1000

/** Asks for every device of a rollout that matches, page by page. @param onProgress share from 0 to 1 */
export async function allDevices(
  ask: (input: InputOf<'rollouts.devices'>) => Promise<OutputOf<'rollouts.devices'>>,
  input: Omit<InputOf<'rollouts.devices'>, 'offset' | 'limit'>,
  { signal, onProgress }: { signal: AbortSignal; onProgress(share: number): void },
): Promise<RolloutDeviceRow[]> {
  const rows = new Map<string, RolloutDeviceRow>()
  for (let offset = 0; ; offset += PAGE) {
    signal.throwIfAborted()
    const { devices, total } = await ask({ ...input, offset, limit: PAGE })
    // A device that moved within the order between two pages is kept once.
    for (const row of devices) rows.set(row.device, row)
    onProgress(total === 0 ? 1 : Math.min(1, (offset + devices.length) / total))
    if (devices.length < PAGE) return [...rows.values()]
  }
}

const head = ['device', 'wave', 'state', 'since', 'attempts', 'share', 'bytes', 'active', 'previous', 'problem', 'problem_message', 'why']
const version = (of: RolloutDeviceRow['active']): string | null => (of === null ? null : `${of.model}@${of.version}`)

/** Devices of a rollout as CSV: moments are ISO, sizes are bytes, waves count from 1. */
export function devicesCsv(rows: readonly RolloutDeviceRow[]): string {
  return csvText(
    head,
    rows.map((row) => [
      ...[row.device, row.wave + 1, row.state, new Date(row.since).toISOString(), row.attempts, row.share, row.bytes],
      ...[version(row.active), version(row.previous), row.problem?.code ?? null, row.problem?.message ?? null, row.why],
    ]),
  )
}
