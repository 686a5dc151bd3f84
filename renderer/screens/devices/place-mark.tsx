import { StateMark } from '../../components/state-mark.tsx'
import { placeState } from './device-words.ts'

/** The step that a deployment is at on a device; of a device that is not connected it is only known how it was. */
export function PlaceMark({ state, hasProblem, isOnline }: { state: string | null; hasProblem: boolean; isOnline: boolean }) {
  if (state === null) return <StateMark state="offline" word="not reported" />
  if (!isOnline) return <StateMark state="offline" word={`${state} when last seen`} />
  return <StateMark state={placeState(state, hasProblem)} word={state} />
}
