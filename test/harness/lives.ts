import { onTestFinished } from 'vitest'
import { startLife, signedOrder, type Life, type OrderChange } from './converge.ts'
import { temporaryDirectory } from './fleet.ts'
import { until } from './local-api.ts'
import { samples } from './manifest.ts'
import { sampleBundle, type TestBundle } from './small-console.ts'

/** Versions 1 to 3 of digits, and wine: what the lives of a test can be ordered to serve. */
export const v1 = sampleBundle(samples.digits100)
export const v2 = sampleBundle(samples.digits110)
export const v3 = sampleBundle(samples.digits120)
export const wine = sampleBundle(samples.wine100)

/** Starts a life that ends with the test. */
export function live(directory = temporaryDirectory(), options: Parameters<typeof startLife>[2] = {}): Life {
  const life = startLife(directory, [v1, v2, v3, wine], options)
  onTestFinished(() => life.stop())
  return life
}

/** A deployment as the life reports it. */
export const state = (life: Life, deployment = 'q') => life.convergence.deployments()[deployment]

/** What its runtime serves: `digest` of each deployment, with a mark for those beside. */
export const serves = (life: Life): Record<string, string> =>
  Object.fromEntries(
    life.runtime.serving.map(({ deployment, digest, role }) => [
      role.kind === 'active' ? deployment : `${deployment} ${role.kind}`,
      digest,
    ]),
  )

/** Orders, and waits until it serves that. */
export async function converged(life: Life, counter: number, wanted: Record<string, TestBundle>, change: OrderChange = {}): Promise<void> {
  life.convergence.order(signedOrder(counter, wanted, change))
  const isThere = ([name, { digest }]: [string, TestBundle]): boolean =>
    state(life, name)?.state === 'active' && state(life, name)?.active?.digest === digest && serves(life)[name] === digest
  await until(() => Object.entries(wanted).every(isThere), 'converged')
}
