import { formatCount } from '../../components/format.ts'
import { Portion } from '../../components/state-bar.tsx'

/** How many devices run a version, of those that are ordered to. More may run it while others were ordered something else and are not there yet. */
export function ActiveOfOrdered({ title, active, desired }: { title: string; active: number; desired: number }) {
  if (desired === 0) return <span className="dim">{formatCount(active)} still active, ordered nowhere</span>
  if (active > desired) {
    return (
      <span>
        {formatCount(active)} active, {formatCount(desired)} ordered
      </span>
    )
  }
  return <Portion part={active} whole={desired} label={`${title} active`} />
}
