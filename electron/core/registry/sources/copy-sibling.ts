import { closeSync, constants, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Problem } from '../../../../shared/domain/problem.ts'
import { storeProblem } from '../../../../shared/store/sqlite-rules.ts'
import { openSibling } from './plain-file.ts'

const COPY_BYTES = 1024 * 1024

/**
 * Copies a file of a folder that others fill, as it is when it is opened: what they put in its place later is not read.
 * @throws Problem `source.unsafe`, `source.folder`, `source.too-large`, `cancelled`, `store.disk-full`
 */
export async function copySibling(
  from: { directory: string; name: string; maxBytes: number },
  to: string,
  { signal, progress }: { signal: AbortSignal; progress: (fraction: number, note: string) => void },
): Promise<void> {
  const { fd, sizeBytes } = openSibling(from.directory, from.name)
  let out: number | null = null
  try {
    if (sizeBytes > from.maxBytes)
      throw new Problem('source.too-large', `${from.name} has ${sizeBytes} bytes; at most ${from.maxBytes} are taken.`)
    out = openSync(to, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)
    const buffer = Buffer.alloc(COPY_BYTES)
    for (let at = 0; at < sizeBytes;) {
      const read = readSync(fd, buffer, 0, Math.min(COPY_BYTES, sizeBytes - at), at)
      if (read === 0) throw new Problem('source.folder', `${from.name} became shorter while it was read.`)
      for (let done = 0; done < read;) done += writeSync(out, buffer, done, read - done)
      at += read
      progress(at / sizeBytes, `reading ${from.name}`)
      await nextTurn()
      if (signal.aborted) throw new Problem('cancelled', 'It was cancelled; nothing was stored.')
    }
  } catch (error) {
    if (out !== null) rmSync(to, { force: true })
    throw storeProblem(error, to)
  } finally {
    closeSync(fd)
    if (out !== null) closeSync(out)
  }
}
