import type { ProbeResult, RuntimeDeployment } from '../runtime/messages.ts'

/** A set of bundles by what makes it the same set: rules of serving may differ. */
export type BundleSet = readonly Pick<RuntimeDeployment, 'deployment' | 'digest' | 'role'>[]

/** What of a loaded bundle can change without another generation. */
export type Tuning = Pick<RuntimeDeployment, 'deployment' | 'digest' | 'role' | 'serving'>

/** True if two sets need the same generation. */
export function isSameSet(one: BundleSet, other: BundleSet): boolean {
  const keyOf = (set: BundleSet): string =>
    set.map(({ deployment, digest, role }) => `${deployment} ${digest} ${role.kind === 'active'}`).join()
  return keyOf(one) === keyOf(other)
}

/** The set under changed roles and rules of serving. */
export function tuned(set: readonly RuntimeDeployment[], tunings: readonly Tuning[]): RuntimeDeployment[] {
  return set.map((one) => {
    const change = tunings.find(({ deployment, digest }) => deployment === one.deployment && digest === one.digest)
    return change === undefined ? one : { ...one, role: change.role, serving: change.serving }
  })
}

/** A generation that served once needs no second probe. */
export function passed({ deployment, digest }: RuntimeDeployment): ProbeResult {
  return { deployment, digest, problem: null, cases: 0, medianMs: null, memoryBytes: 0 }
}
