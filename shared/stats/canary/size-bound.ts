import { betaQuantile } from '../math/beta.ts'

const LEVEL = 0.95

/**
 * The highest failure rate that so many failures among so many devices leave possible, one-sided at 95 % (Clopper, Pearson 1934); without failures it
 * is 1 - 0.05^(1/n), about 3 / n. 1 without devices: they show nothing.
 * @throws RangeError unless 0 <= failures <= devices, both whole
 */
export function sizeBound(failures: number, devices: number): number {
  if (!Number.isSafeInteger(failures) || !Number.isSafeInteger(devices) || failures < 0 || failures > devices) {
    throw new RangeError(`${failures} of ${devices} are no failures`)
  }
  return failures === devices ? 1 : betaQuantile(LEVEL, failures + 1, devices - failures)
}
