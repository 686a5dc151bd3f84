/** So many crashes of the serving runtime within the time below, ms, and the last switch is taken back. */
const CRASHES = 3
const WITHIN_MS = 60_000

/** Returns a function that notes a crash at a monotonic time (ms) and says whether it is the third within a minute; then it counts anew. */
export function createCrashWatch(): (at: number) => boolean {
  let times: number[] = []
  return (at) => {
    times = [...times.filter((time) => at - time < WITHIN_MS), at]
    if (times.length < CRASHES) return false
    times = []
    return true
  }
}
