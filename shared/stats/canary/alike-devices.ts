import { betaShare } from '../math/beta.ts'
import type { RateCell, RateWindow } from './design-effect.ts'
import { deviceShares, outlyingDevices } from './outlying-devices.ts'

/** Both arms without the devices that are far above the others of an arm. */
export interface AlikeDevices {
  windows: readonly RateWindow[]
  /** Devices left out. */
  leftOut: number
  /**
   * No evidence of the others is more than this: 1 / P(so many bad devices of the canary, if each is one as often as one of the baseline). Where half of a
   * small canary is bad, nobody can say that they are the odd ones there. Infinite where no device that is left is as bad as those.
   */
  mostEvidence: number
  /** None of the canary is left out: all that it did is compared with the better part of the baseline. */
  isCanaryWhole: boolean
  /** What is left of the canary may be a device that would have been left out among others: no evidence against it is more than none. */
  isLone: boolean
}

/** So many devices of the canary are compared with each other. */
const LEAST_LEFT = 2

/** A device is left out of both arms, as it may have been in both. Null: none is. */
export function alikeDevices(windows: readonly RateWindow[]): AlikeDevices | null {
  const [canary, baseline] = [windows.flatMap((window) => window.canary), windows.flatMap((window) => window.baseline)]
  const [ofCanary, ofBaseline] = [outlyingDevices(canary), outlyingDevices(baseline)]
  const out = new Set([...ofCanary.devices, ...ofBaseline.devices])
  if (out.size === 0) return null
  const isAlike = ({ device }: RateCell): boolean => !out.has(device)
  const rest = windows.map((window) => ({ canary: window.canary.filter(isAlike), baseline: window.baseline.filter(isAlike) }))
  const [shares, others] = [deviceShares(canary), deviceShares(baseline)]
  const left = shares.filter(({ device }) => !out.has(device))
  const isCanaryWhole = left.length === shares.length
  const found = { windows: rest, leftOut: out.size, isCanaryWhole, isLone: left.length < LEAST_LEFT }
  if (found.isLone) return { ...found, mostEvidence: 1 }
  const isBad = ({ share }: { share: number }): boolean => share >= ofBaseline.from
  const bad = shares.filter(isBad).length
  const chance = left.some(isBad) ? betaShare(others.filter(isBad).length / others.length, bad, shares.length - bad + 1) : 0
  return { ...found, mostEvidence: chance === 0 ? Number.MAX_VALUE : 1 / chance }
}
