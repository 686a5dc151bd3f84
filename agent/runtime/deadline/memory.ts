/**
 * The table that the runtime and its watcher share: which connection waits for an answer, until when, and whether the thread is inside a
 * run of a model. onnxruntime blocks the thread, so only another one can still answer, and end the process.
 *
 * INVARIANTS
 * 1. Only who moves a slot out of `waiting` by compare-and-exchange writes to its connection: the runtime (to `writing`) or the watcher
 *    (to `answered`). The runtime closes a connection that the watcher answered.
 * 2. `run` is odd inside a run and even outside. The watcher ends the process only after it has moved `run` from the odd number that it
 *    judged to `runEnded`; a runtime that comes back from a run and finds that stops there, and writes nothing any more.
 * 3. A deadline is written before the state or the number that says it counts.
 */
export interface BoardMemory {
  control: Int32Array<SharedArrayBuffer>
  states: Int32Array<SharedArrayBuffer>
  descriptors: Int32Array<SharedArrayBuffer>
  /** ms of the monotonic clock of the runtime; the first one is that of the run. */
  deadlines: Float64Array<SharedArrayBuffer>
}

/** Places in `control`. */
export const at = { run: 0, parked: 1, pollMs: 2, subject: 3 } as const
/** States of a connection: `reading` and `waiting` have a request without an answer; `writing` is not to be touched. */
export const slotState = { free: 0, idle: 1, reading: 2, waiting: 3, writing: 4, answered: 5 } as const
/** `run` after the watcher decided to end the process. */
export const RUN_ENDED = -1
