import { Problem, reportOf, type ProblemReport } from '../../../../shared/domain/problem.ts'
import { assignRoles, fileRoles, type FileRole } from './file-roles.ts'

/** A file that a person gave to an import. */
export interface GivenFile {
  id: string
  name: string
  sizeBytes: number
  role: FileRole | null
  /** Share that is sent, 0 to 1. */
  share: number
  /** Set when the whole file is with the core. */
  ticket: string | null
  problem: ProblemReport | null
  /** Its weights are in the model that is sent. */
  isJoined: boolean
}

/** What the desk works with: how a file is sent and taken away again. */
export interface UploadParts {
  send(file: File, options: { signal: AbortSignal; onProgress(share: number): void; onTicket(ticket: string): void }): Promise<string>
  /** The model with the weights that lie in the other files; `null`: it has all of them inside. @throws Problem */
  join(model: File, others: readonly File[]): Promise<{ file: File; joined: readonly File[] } | null>
  discard(tickets: string[]): void
  makeId(): string
  /** Told after every change. */
  onChange(files: readonly GivenFile[]): void
}

interface Sending {
  file: File
  abort: AbortController
  ticket: string | null
}

/**
 * Files on their way to the core.
 *
 * INVARIANTS
 * 1. At most one file has a role; only files with a role are sent.
 * 2. Every ticket that the core gave is discarded once, unless a job has taken it.
 * 3. What is told of a sending that was replaced or dropped changes nothing.
 * 4. A model goes with the weights that were given by then; when those change, it is sent anew.
 */
export class UploadDesk {
  #files: readonly GivenFile[] = []
  readonly #parts: UploadParts
  readonly #sendings = new Map<string, Sending>()

  constructor(parts: UploadParts) {
    this.#parts = parts
  }

  files(): readonly GivenFile[] {
    return this.#files
  }

  /** Takes files; one whose role is taken replaces the file that has it. */
  add(given: readonly File[]): void {
    const taken = new Set(this.#files.flatMap(({ role }) => (role === null ? [] : [role])))
    const names = given.map(({ name }) => name)
    const added = assignRoles(names, taken).map(({ role }, i): GivenFile => {
      const { name, size } = given[i]!
      return { id: this.#parts.makeId(), name, sizeBytes: size, role, share: 0, ticket: null, problem: null, isJoined: false }
    })
    const replaced = this.#files.filter((one) => one.role !== null && added.some(({ role }) => role === one.role))
    this.#drop(replaced.map(({ id }) => id))
    this.#become([...this.#files.filter((one) => !replaced.includes(one)), ...added])
    for (const [i, { id }] of added.entries()) this.#sendings.set(id, { file: given[i]!, abort: new AbortController(), ticket: null })
    for (const { id, role } of added) if (role !== null) this.#send(id)
    const lacksWeights = this.#files.some(({ role, problem }) => role === 'model' && problem !== null)
    if (lacksWeights && added.some(({ role }) => role === null)) this.#sendModelAgain()
  }

  /** Says what a file is; the file that was it takes the role that becomes free. */
  setRole(id: string, role: FileRole): void {
    const one = this.#files.find((file) => file.id === id)
    if (one === undefined) return
    const changesWeights = one.isJoined || role === 'model' || one.role === 'model'
    this.#become(this.#files.map((file) => (file.id === id ? { ...file, role } : file.role === role ? { ...file, role: one.role } : file)))
    if (one.role === null && one.ticket === null && role !== 'model') this.#send(id)
    if (changesWeights) this.#sendModelAgain()
  }

  /** Stops sending a file and takes it away from the core. */
  remove(id: string): void {
    const removed = this.#files.find((one) => one.id === id)
    this.#drop([id])
    const kept = this.#files.filter((one) => one.id !== id)
    this.#become(removed?.role === 'model' ? kept.map((one) => ({ ...one, isJoined: false })) : kept)
    if (removed?.isJoined === true) this.#sendModelAgain()
  }

  clear(): void {
    this.#drop([...this.#sendings.keys()])
    this.#become([])
  }

  retry(id: string): void {
    const sending = this.#sendings.get(id)
    if (sending === undefined) return
    this.#drop([id])
    this.#sendings.set(id, sending)
    this.#send(id)
  }

  /** From here on the files belong to a job: leaving the page discards nothing. */
  handToJob(): void {
    for (const sending of this.#sendings.values()) sending.ticket = null
  }

  /** Sends everything again: a job that failed has used the files up. */
  sendAgain(): void {
    for (const { id, role } of this.#files) if (role !== null) this.#send(id)
  }

  #send(id: string): void {
    const file = this.#sendings.get(id)?.file
    if (file === undefined) return
    const sending: Sending = { file, abort: new AbortController(), ticket: null }
    this.#sendings.set(id, sending)
    const tell = (part: Partial<GivenFile>): void => {
      if (this.#sendings.get(id) === sending) this.#become(this.#files.map((one) => (one.id === id ? { ...one, ...part } : one)))
    }
    tell({ share: 0, ticket: null, problem: null })
    const { signal } = sending.abort
    const put = (whole: File): Promise<string> =>
      this.#parts.send(whole, {
        signal,
        onProgress: (share) => tell({ share }),
        onTicket: (ticket) => {
          // Dropped before the core had answered: nobody else knows of this ticket.
          if (signal.aborted) this.#parts.discard([ticket])
          else sending.ticket = ticket
        },
      })
    const isModel = this.#files.some((one) => one.id === id && one.role === 'model')
    const sent = isModel ? this.#joined(file, signal).then(put) : put(file)
    sent.then(
      (ticket) => tell({ share: 1, ticket }),
      (thrown: unknown) => tell({ problem: thrown instanceof Problem ? thrown.toReport() : reportOf(thrown) }),
    )
  }

  /** The model as it is sent; the files that its weights were in are marked. */
  async #joined(model: File, signal: AbortSignal): Promise<File> {
    const others = this.#files.flatMap(({ id, role }) => (role === null ? [this.#sendings.get(id)!.file] : []))
    const mark = (joined: readonly File[]): void => {
      if (signal.aborted) return
      const isJoined = (id: string): boolean => joined.some((one) => one === this.#sendings.get(id)?.file)
      this.#become(this.#files.map((one) => ({ ...one, isJoined: isJoined(one.id) })))
    }
    mark([])
    const found = await this.#parts.join(model, others)
    signal.throwIfAborted()
    mark(found?.joined ?? [])
    return found?.file ?? model
  }

  #sendModelAgain(): void {
    const model = this.#files.find(({ role }) => role === 'model')
    if (model !== undefined) this.retry(model.id)
  }

  #drop(ids: readonly string[]): void {
    const tickets = ids.flatMap((id) => {
      const sending = this.#sendings.get(id)
      this.#sendings.delete(id)
      sending?.abort.abort()
      return sending?.ticket === null || sending === undefined ? [] : [sending.ticket]
    })
    if (tickets.length > 0) this.#parts.discard(tickets)
  }

  #become(files: readonly GivenFile[]): void {
    const place = ({ role }: GivenFile): number => (role === null ? fileRoles.length : fileRoles.indexOf(role))
    this.#files = [...files].sort((a, b) => place(a) - place(b))
    this.#parts.onChange(this.#files)
  }
}

/** Tickets of the files that are with the core, by what they are. */
export function ticketsOf(files: readonly GivenFile[]): Partial<Record<FileRole, string>> {
  return Object.fromEntries(files.flatMap(({ role, ticket }) => (role === null || ticket === null ? [] : [[role, ticket]])))
}
