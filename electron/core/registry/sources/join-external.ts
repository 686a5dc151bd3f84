import { closeSync, constants, fsyncSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Problem } from '../../../../shared/domain/problem.ts'
import { externalLocations, planJoin, type JoinPlan, type Piece } from '../../../../shared/onnx/external-data.ts'
import { storeProblem } from '../../../../shared/store/sqlite-rules.ts'
import { readerAt } from '../inspect-onnx.ts'
import { openSibling, sizeOfSibling } from './plain-file.ts'

/** A model in a folder, and where the joined file is made. */
export interface JoinRequest {
  directory: string
  name: string
  /** A file that does not exist yet. */
  to: string
  signal: AbortSignal
  progress: (fraction: number, note: string) => void
}

/** What was joined: the files beside the model, and the bytes of the file that was made. */
export interface Joined {
  files: string[]
  sizeBytes: number
}

const COPY_BYTES = 1024 * 1024

/** Names of the files that hold weights of a model; empty: all of them are inside. @throws Problem `model.*`, `source.unsafe` */
export function externalFiles(directory: string, name: string): string[] {
  const { fd, sizeBytes } = openSibling(directory, name)
  try {
    return externalLocations({ size: sizeBytes, read: readerAt(fd, name) })
  } finally {
    closeSync(fd)
  }
}

/**
 * Joins the weights that lie beside a model with it into one new file, which is inspected like any other. Null: there are none, and nothing
 * was written. A file that is made half is taken away again.
 * @throws Problem `model.*`, `source.unsafe`, `source.folder`, `cancelled`, `store.disk-full`
 */
export async function joinExternalData(of: JoinRequest): Promise<Joined | null> {
  const model = openSibling(of.directory, of.name)
  try {
    const plan = planJoin({ size: model.sizeBytes, read: readerAt(model.fd, of.name) }, (location) => sizeOfSibling(of.directory, location))
    if (plan === null) return null
    await writeJoined(of, plan, model.fd)
    return { files: plan.locations, sizeBytes: plan.sizeBytes }
  } finally {
    closeSync(model.fd)
  }
}

async function writeJoined(of: JoinRequest, plan: JoinPlan, modelFd: number): Promise<void> {
  const out = openSync(of.to, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)
  // Exporters write the tensors of one file after each other: the last one stays open.
  const sibling: { name: string | null; fd: number } = { name: null, fd: -1 }
  const closeSibling = (): void => {
    if (sibling.name !== null) closeSync(sibling.fd)
    sibling.name = null
  }
  const fdOf = (location: string | null): number => {
    if (location === null) return modelFd
    if (sibling.name !== location) {
      closeSibling()
      sibling.fd = openSibling(of.directory, location).fd
      sibling.name = location
    }
    return sibling.fd
  }
  try {
    const copy = copier(of, plan, out)
    for (const piece of plan.pieces) await copy(piece, fdOf)
    fsyncSync(out)
  } catch (error) {
    rmSync(of.to, { force: true })
    throw storeProblem(error, of.to)
  } finally {
    closeSibling()
    closeSync(out)
  }
}

function copier({ signal, progress, name }: JoinRequest, { sizeBytes }: JoinPlan, out: number) {
  const buffer = Buffer.alloc(COPY_BYTES)
  let done = 0
  let told = 0
  const written = async (bytes: number): Promise<void> => {
    done += bytes
    if (done - told < COPY_BYTES) return
    told = done
    progress(done / sizeBytes, `joining the weights: ${(done / 1e6).toFixed(1)} of ${(sizeBytes / 1e6).toFixed(1)} MB`)
    await nextTurn()
    if (signal.aborted) throw new Problem('cancelled', 'It was cancelled; nothing was stored.')
  }
  return async (piece: Piece, fdOf: (location: string | null) => number): Promise<void> => {
    if ('bytes' in piece) {
      writeAll(out, piece.bytes)
      return written(piece.bytes.length)
    }
    const fd = fdOf(piece.location)
    for (let at = 0; at < piece.length;) {
      const read = readSync(fd, buffer, 0, Math.min(COPY_BYTES, piece.length - at), piece.at + at)
      if (read === 0) throw new Problem('model.invalid', `${piece.location ?? name} became shorter while it was read.`)
      writeAll(out, buffer.subarray(0, read))
      at += read
      await written(read)
    }
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at)
}
