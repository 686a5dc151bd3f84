import type { Socket } from 'node:net'
import { at, RUN_ENDED, slotState, type BoardMemory } from './memory.ts'
import { startWatcher, type Watcher } from './watcher.ts'

/** The answer to one request, as the board guards it. */
export interface Turn {
  /** The body of an inference request is being read. */
  read(): void
  /** The request is complete and waits until this moment, ms of the monotonic clock. */
  wait(until: number): void
  /** True if the answer may be written; false if the watcher has answered: the connection is to be closed. */
  claim(): boolean
}

/** For requests that come without a connection of their own, and where there is no board. */
export const freeTurn: Turn = { read: () => undefined, wait: () => undefined, claim: () => true }

/** Connections and runs of one generation, watched by a thread that starts with the first inference. */
export class DeadlineBoard {
  readonly #memory: BoardMemory
  readonly #free: number[]
  readonly #slots = new Map<Socket, Slot>()
  #watcher: Watcher | null = null
  #subjects: readonly string[] = []

  /** @param connections most connections at a time */
  constructor(connections: number) {
    this.#memory = {
      control: new Int32Array(new SharedArrayBuffer(16)),
      states: new Int32Array(new SharedArrayBuffer(4 * connections)),
      descriptors: new Int32Array(new SharedArrayBuffer(4 * connections)),
      deadlines: new Float64Array(new SharedArrayBuffer(8 * (1 + connections))),
    }
    this.#memory.control[at.pollMs] = 250
    this.#free = Array.from({ length: connections }, (_, slot) => connections - 1 - slot)
  }

  /** Names of what runs, for the last words of the process, and the shortest deadline of all, ms. */
  describe(subjects: readonly string[], shortestMs: number): void {
    this.#subjects = subjects
    // Twice within the shortest deadline, so that none can begin and pass unseen.
    Atomics.store(this.#memory.control, at.pollMs, Math.min(250, Math.max(5, Math.floor(shortestMs / 2))))
  }

  /** A connection is here. */
  open(socket: Socket): void {
    const slot = this.#free.pop()
    if (slot === undefined) return
    const { states, descriptors } = this.#memory
    descriptors[slot] = descriptorOf(socket)
    Atomics.store(states, slot, slotState.idle)
    this.#slots.set(socket, new Slot(this.#memory, slot))
  }

  /** A connection is gone: its number may soon mean another one. */
  close(socket: Socket): void {
    const slot = this.#slots.get(socket)
    if (slot === undefined) return
    this.#slots.delete(socket)
    Atomics.store(this.#memory.states, slot.index, slotState.free)
    this.#free.push(slot.index)
  }

  /** A request came on a connection; `left` when its answer is out. */
  entered(socket: Socket): void {
    this.#slots.get(socket)?.entered()
  }

  left(socket: Socket): void {
    this.#slots.get(socket)?.left()
  }

  turnOf(socket: Socket): Turn {
    return this.#slots.get(socket) ?? freeTurn
  }

  /** A run begins that must end until this moment; `subject` is a place in the names of `describe`. */
  runBegins(until: number, subject: number): void {
    const { control, deadlines } = this.#memory
    deadlines[0] = until
    control[at.subject] = subject
    Atomics.add(control, at.run, 1)
    if (this.#watcher === null) this.#watcher = startWatcher(this.#memory, this.#subjects)
    else if (Atomics.load(control, at.parked) === 1) {
      Atomics.store(control, at.parked, 0)
      Atomics.notify(control, at.parked)
    }
  }

  /** The run is over. Does not come back if the watcher has decided to end the process. */
  runEnds(): void {
    const { control } = this.#memory
    const run = Atomics.load(control, at.run)
    const next = run >= 2 ** 31 - 3 ? 0 : run + 1
    if (run === RUN_ENDED || Atomics.compareExchange(control, at.run, run, next) !== run) Atomics.wait(control, at.run, RUN_ENDED)
  }

  stop(): void {
    this.#watcher?.stop()
  }
}

class Slot implements Turn {
  readonly index: number
  readonly #memory: BoardMemory
  /** Requests without an answer: clients may send the next one before they have read the answer. */
  #outstanding = 0

  constructor(memory: BoardMemory, index: number) {
    this.#memory = memory
    this.index = index
  }

  entered(): void {
    this.#outstanding += 1
    // Whoever asks for something else than inference is answered at once, and never by the watcher.
    this.claim()
  }

  left(): void {
    this.#outstanding -= 1
    if (this.#outstanding === 0) Atomics.compareExchange(this.#memory.states, this.index, slotState.writing, slotState.idle)
  }

  read(): void {
    if (this.#outstanding === 1) Atomics.store(this.#memory.states, this.index, slotState.reading)
  }

  wait(until: number): void {
    if (this.#outstanding !== 1) return
    this.#memory.deadlines[1 + this.index] = until
    Atomics.store(this.#memory.states, this.index, slotState.waiting)
  }

  claim(): boolean {
    const { states } = this.#memory
    const state = Atomics.load(states, this.index)
    if (state === slotState.writing) return true
    return state !== slotState.answered && Atomics.compareExchange(states, this.index, state, slotState.writing) === state
  }
}

/** The number of the connection in this process, or -1 where the system has none: node:net keeps it in its handle. */
function descriptorOf(socket: Socket): number {
  const handle: unknown = Reflect.get(socket, '_handle')
  const descriptor: unknown = typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'fd') : undefined
  return typeof descriptor === 'number' ? descriptor : -1
}
