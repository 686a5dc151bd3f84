import { plural } from '../../components/format.ts'
import { useCommand } from '../../data/use-command.ts'
import { showDone } from '../../shell/notices.tsx'
import type { InputOf } from '../../../shared/rpc/contract.ts'

/** A part of a selection that one command can name. */
export interface Batch {
  query: string
  devices: number
}

/** What can be done to many devices at once. A failure in the middle is told by its notice; what was done before it stays. */
export function useBulk() {
  const set = useCommand('devices.setLabels')
  const restore = useCommand('devices.restoreLabels')
  const remove = useCommand('devices.removeMany')
  return {
    isBusy: set.isRunning || remove.isRunning,
    /** @param labels null clears */
    async setLabels(batches: readonly Batch[], labels: Record<string, string | null>): Promise<void> {
      const previous: InputOf<'devices.restoreLabels'>['previous'] = []
      let devices = 0
      for (const { query } of batches) {
        const changed = await set.run({ query, labels })
        previous.push(...changed.previous)
        devices += changed.devices.length
      }
      const names = Object.entries(labels).map(([key, value]) =>
        value === null ? `${key} is cleared` : `${key} is ${value === '' ? 'set' : value}`,
      )
      showDone(`${names.join(', ')} on ${plural(devices, 'device')}.`, { undo: () => void restore.run({ previous }) })
    },
    async remove(batches: readonly Batch[]): Promise<void> {
      let devices = 0
      for (const { query, devices: expect } of batches) devices += (await remove.run({ query, expect })).devices.length
      showDone(`${plural(devices, 'device')} ${devices === 1 ? 'is' : 'are'} out of the fleet.`)
    },
  }
}
