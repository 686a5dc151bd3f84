import { emptyData, elementCount, type Tensor, type TensorData } from '../../shared/inference/tensor.ts'
import { Problem } from '../../shared/domain/problem.ts'
import type { Run, RunLane } from './run-lane.ts'
import type { Served } from './served.ts'

interface Rider {
  inputs: readonly Tensor[]
  rows: number
  until: number
  resolve(run: Run): void
  reject(error: unknown): void
}

interface Ride {
  riders: Rider[]
  rows: number
  /** Names, datatypes and row shapes: only equal ones ride together. */
  form: string
  timer: NodeJS.Timeout
}

/**
 * Joins waiting requests to one run of a model, along the first dimension, and splits the outputs again.
 *
 * INVARIANTS
 * 1. A rider is in exactly one ride, and is resolved or rejected exactly once.
 * 2. A joined run that fails, or gives other rows than it got, is run again one by one: nobody pays for the input of another.
 */
export class Batcher {
  readonly #lane: RunLane
  readonly #rides = new Map<Served, Ride>()
  /** Bundles whose outputs do not follow their rows, whatever they declare. */
  readonly #unjoinable = new Set<Served>()

  constructor(lane: RunLane) {
    this.#lane = lane
  }

  /** As `RunLane.run`; waits for company first, if the rules of serving say so. */
  run(served: Served, of: { inputs: readonly Tensor[]; rows: number; until: number }): Promise<Run> {
    const { batchRows, batchDelayMs, queueRequests } = served.serving
    if (batchRows === 0 || of.rows >= batchRows || !served.isBatchable || this.#unjoinable.has(served))
      return this.#lane.run(served, of.inputs, of.until)
    const form = formOf(of.inputs)
    const open = this.#rides.get(served)
    if (open !== undefined && (open.form !== form || open.rows + of.rows > batchRows)) this.#leave(served, open)
    if (served.waiting + (this.#rides.get(served)?.riders.length ?? 0) >= queueRequests) {
      return Promise.reject(
        new Problem('inference.overloaded', `${queueRequests} requests wait for ${served.subject.deployment}; this one was not taken.`),
      )
    }
    return new Promise((resolve, reject) => {
      let ride = this.#rides.get(served)
      if (ride === undefined) {
        const begun: Ride = { riders: [], rows: 0, form, timer: setTimeout(() => this.#leave(served, begun), batchDelayMs) }
        ride = begun
        this.#rides.set(served, ride)
      }
      ride.riders.push({ ...of, resolve, reject })
      ride.rows += of.rows
      if (ride.rows >= batchRows) this.#leave(served, ride)
    })
  }

  #leave(served: Served, ride: Ride): void {
    if (this.#rides.get(served) !== ride) return
    this.#rides.delete(served)
    clearTimeout(ride.timer)
    const [first] = ride.riders
    if (first !== undefined && ride.riders.length === 1) return this.#alone(served, first)
    void this.#together(served, ride)
  }

  #alone(served: Served, rider: Rider): void {
    this.#lane.run(served, rider.inputs, rider.until).then(rider.resolve, rider.reject)
  }

  async #together(served: Served, { riders, rows }: Ride): Promise<void> {
    let run: Run
    try {
      run = await this.#lane.run(served, joined(riders, rows), Math.max(...riders.map((rider) => rider.until)))
      if (!run.outputs.every((output) => output.shape[0] === rows)) {
        this.#unjoinable.add(served)
        throw new Problem('inference.failed', 'The outputs have other rows than the inputs.')
      }
    } catch (error) {
      const isQueue = error instanceof Problem && (error.code === 'inference.overloaded' || error.code === 'inference.deadline-exceeded')
      for (const rider of riders) {
        if (isQueue) rider.reject(error)
        else this.#alone(served, rider)
      }
      return
    }
    let from = 0
    for (const rider of riders) {
      const part = { from, to: from + rider.rows }
      rider.resolve({ outputs: run.outputs.map((output) => rowsOf(output, part)), runMs: (run.runMs * rider.rows) / rows, isJoined: true })
      from = part.to
    }
  }
}

function formOf(inputs: readonly Tensor[]): string {
  return inputs.map(({ name, datatype, shape }) => `${name} ${datatype} ${shape.slice(1).join()}`).join('\n')
}

function joined(riders: readonly Rider[], rows: number): Tensor[] {
  return riders[0]!.inputs.map((first, i) => {
    const shape = [rows, ...first.shape.slice(1)]
    const data = emptyData(first.datatype, elementCount(shape))
    let offset = 0
    for (const { inputs } of riders) {
      copyInto(data, inputs[i]!.data, offset)
      offset += inputs[i]!.data.length
    }
    return { name: first.name, datatype: first.datatype, shape, data }
  })
}

function copyInto(into: TensorData, from: TensorData, offset: number): void {
  if (Array.isArray(into) || Array.isArray(from)) for (let i = 0; i < from.length; i += 1) into[offset + i] = from[i]!
  // Both are of one class, as their datatypes are equal; the types of `set` do not say it.
  else new Uint8Array(into.buffer).set(new Uint8Array(from.buffer, from.byteOffset, from.byteLength), offset * into.BYTES_PER_ELEMENT)
}

function rowsOf(output: Tensor, { from, to }: { from: number; to: number }): Tensor {
  const width = elementCount(output.shape.slice(1))
  // A copy: a kept answer must not keep those of others.
  return { ...output, shape: [to - from, ...output.shape.slice(1)], data: output.data.slice(from * width, to * width) }
}
