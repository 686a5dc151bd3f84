import { formatCount } from '../../../components/format.ts'
import { StateMark } from '../../../components/state-mark.tsx'

/** Where a version runs: devices that report it, of those that are ordered to. @param isSpelled where no title says that these are devices */
export function DevicesMark({ devices, isSpelled = false }: { devices: { desired: number; active: number }; isSpelled?: boolean }) {
  const { desired, active } = devices
  if (desired === 0 && active === 0) return <span className="dim">{isSpelled ? 'runs nowhere' : 'none'}</span>
  const count = desired === 0 ? `${formatCount(active)}, not ordered` : `${formatCount(active)} of ${formatCount(desired)}`
  const word = isSpelled ? `runs on ${count} devices` : count
  return <StateMark state={desired === 0 ? 'attention' : active >= desired ? 'ok' : 'working'} word={word} />
}
