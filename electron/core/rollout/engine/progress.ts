import type { DeviceHappening } from '../../../../shared/domain/rollout/life.ts'
import type { RolloutMethod } from '../../../../shared/domain/rollout/plan.ts'
import type { RolloutDevice } from '../rollout-run.ts'
import type { DeviceFacts } from './facts.ts'

type Reported = Pick<DeviceFacts, 'place' | 'problem'>

/** What a report means for a device that is on its way; null: nothing new. A device only goes forward: a bundle that is fetched again is no news. */
export function progressOf(device: RolloutDevice, { place, problem }: Reported, method: RolloutMethod): DeviceHappening | null {
  const isBeside = device.last?.slot === 'beside'
  const isComing = device.state === 'offered' || device.state === 'fetching'
  switch (place) {
    case 'not-taken':
      return null
    case 'fetching':
      return device.state === 'offered' ? 'fetch' : null
    case 'on-disk':
      return isComing ? 'stage' : null
    case 'beside':
      return isBeside ? besideHappening(device, method) : null
    case 'probing':
      if (isBeside) return isComing ? 'stage' : null
      return device.state === 'probing' ? null : 'probe'
    case 'active':
      return 'commit'
    case 'refused':
      return problem !== null && isUnfit(problem) ? 'reject' : 'fail'
    case 'back':
      return 'fail'
  }
}

function besideHappening({ state }: RolloutDevice, method: RolloutMethod): DeviceHappening | null {
  if (method === 'shadow') return state === 'shadowing' ? null : 'shadow'
  if (method === 'split') return state === 'splitting' ? null : 'split'
  return state === 'staged' ? null : 'stage'
}

/** The version showed itself to be bad there; everything else that does not pass by itself is the device that does not fit. */
const faultsOfVersion = /^(probe|watch|revert)\.|^(runtime\.crashed|internal)$/

/** True if the device cannot take the version, whatever is tried. */
export function isUnfit({ code, isPassing }: NonNullable<DeviceFacts['problem']>): boolean {
  return !isPassing && !faultsOfVersion.test(code)
}
