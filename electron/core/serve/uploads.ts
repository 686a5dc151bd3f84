import { randomBytes } from 'node:crypto'
import { createWriteStream, mkdirSync, rmSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import { isDiskFull } from '../../../shared/store/sqlite-rules.ts'

/** Methods that open an upload. Whoever may call the one may send its bytes. */
export type UploadMethod = 'models.beginUpload' | 'reports.beginUpload'

interface Upload {
  ticket: string
  method: UploadMethod
  fileName: string
  sizeBytes: number
  path: string
  begunAt: number
  state: 'open' | 'receiving' | 'complete'
}

export interface Uploads {
  /** Opens an upload of exactly so many bytes. */
  begin(fileName: string, sizeBytes: number, method?: UploadMethod): { ticket: string; path: string }
  /** What an upload was opened with; null: there is none. */
  methodOf(ticket: string): UploadMethod | null
  /** Writes the body of `PUT /uploads/<ticket>` to the file of the ticket. */
  receive(ticket: string, request: IncomingMessage): Promise<void>
  /** The complete file of a ticket. @throws Problem `input.invalid` */
  take(ticket: string): { path: string; fileName: string }
  /** The name that was announced for a ticket; null if there is no such upload. */
  nameOf(ticket: string): string | null
  discard(tickets: readonly string[]): void
  close(): void
}

const LIFETIME_MS = 30 * 60_000
/** Of each method: whoever checks reports does not stand in the way of whoever imports models. */
const MOST_OPEN: Record<UploadMethod, number> = { 'models.beginUpload': 64, 'reports.beginUpload': 16 }

/** Files on their way into the console. They are kept in one folder that is emptied at the start: what an upload left behind is nobody's. */
export function openUploads(directory: string, now: () => number): Uploads {
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const uploads = new Map<string, Upload>()

  const discard = (ticket: string): void => {
    const upload = uploads.get(ticket)
    if (upload === undefined) return
    uploads.delete(ticket)
    rmSync(upload.path, { force: true })
  }
  const find = (ticket: string): Upload => {
    const upload = uploads.get(ticket)
    if (upload === undefined)
      throw new Problem('input.invalid', `There is no upload '${ticket}', or it has expired.`, { hint: 'Begin the upload again.' })
    return upload
  }

  return {
    begin(fileName, sizeBytes, method = 'models.beginUpload') {
      for (const upload of uploads.values()) if (now() - upload.begunAt > LIFETIME_MS) discard(upload.ticket)
      const most = MOST_OPEN[method]
      if ([...uploads.values()].filter((upload) => upload.method === method).length >= most)
        throw new Problem('input.invalid', `${most} uploads are open already.`, { hint: 'Wait until one of them ends.' })
      const ticket = randomBytes(16).toString('hex')
      uploads.set(ticket, { ticket, method, fileName, sizeBytes, path: join(directory, ticket), begunAt: now(), state: 'open' })
      return { ticket, path: `/uploads/${ticket}` }
    },
    async receive(ticket, request) {
      const upload = find(ticket)
      if (upload.state !== 'open') throw new Problem('input.invalid', 'This upload was sent already.', { hint: 'Begin a new upload.' })
      upload.state = 'receiving'
      let received = 0
      try {
        await pipeline(
          request,
          async function* (chunks: AsyncIterable<Buffer>) {
            for await (const chunk of chunks) {
              received += chunk.length
              if (received > upload.sizeBytes)
                throw new Problem('input.too-large', `More than the ${upload.sizeBytes} bytes that were announced.`)
              yield chunk
            }
          },
          createWriteStream(upload.path, { mode: 0o600 }),
        )
        if (received !== upload.sizeBytes)
          throw new Problem('input.invalid', `${received} bytes came of the ${upload.sizeBytes} that were announced.`)
        upload.state = 'complete'
      } catch (error) {
        discard(ticket)
        if (isDiskFull(error)) throw new Problem('store.disk-full', `No space for the upload of ${upload.fileName}.`, { cause: error })
        if (error instanceof Problem) throw error
        throw new Problem('input.invalid', `The upload of ${upload.fileName} broke off: ${messageOf(error)}`, {
          hint: 'Send it again.',
          cause: error,
        })
      }
    },
    take(ticket) {
      const upload = find(ticket)
      if (upload.state !== 'complete')
        throw new Problem('input.invalid', `The bytes of ${upload.fileName} have not been sent.`, {
          hint: 'PUT them to /uploads/<ticket> first.',
        })
      return { path: upload.path, fileName: upload.fileName }
    },
    methodOf: (ticket) => uploads.get(ticket)?.method ?? null,
    nameOf: (ticket) => uploads.get(ticket)?.fileName ?? null,
    discard: (tickets) => tickets.forEach(discard),
    close: () => rmSync(directory, { recursive: true, force: true }),
  }
}
