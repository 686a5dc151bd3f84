import { useQuery } from '../../data/use-query.ts'
import { hasJoined, joinedDevice, type MadeCode } from './code-life.ts'
import { idQuery } from './selection-query.ts'

/** The device that joined with a code, once it did, and whether it is connected. */
export function useJoined(code: MadeCode): { device: string; isConnected: boolean } | null {
  const isBound = code.device !== null
  const newest = useQuery('devices.table', { sort: { column: 'enrolledAt', descending: true }, limit: 50 }, { enabled: !isBound })
  const timeline = useQuery('devices.timeline', { device: code.device ?? '', limit: 50 }, { enabled: isBound })
  const found = isBound ? (hasJoined(timeline.data?.entries ?? [], code) ? code.device : null) : joinedDevice(newest.data?.rows ?? [], code)
  const row = useQuery('devices.table', { query: idQuery([found ?? '']), limit: 1 }, { enabled: found !== null }).data?.rows[0]
  return found === null ? null : { device: found, isConnected: row?.status === 'online' }
}
