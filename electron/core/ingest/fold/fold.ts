/**
 * A kind of record that is added to sums in the order of its arrival.
 *
 * INVARIANTS
 * 1. A step adds the records above its cursor to the sums and moves the cursor, in one transaction of its caller: every record is in the sums
 *    exactly once or not yet, also after a kill between any two instructions.
 * 2. When a record arrived does not matter for where it counts: a late one goes into the buckets of its own time.
 * 3. Whoever reads sums adds the records above the cursor in the same snapshot, so an answer is never behind.
 */
export interface Fold {
  /** About how many records wait. */
  waiting(): number
  /** Takes at most so many records. @returns how many it took */
  step(most: number): number
}
