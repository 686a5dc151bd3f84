import { join } from 'node:path'
import { openMetadataFiles } from '../../agent/trust/metadata-files.ts'
import { openTufClient } from '../../agent/trust/tuf-client.ts'
import { Problem } from '../../shared/domain/problem.ts'
import { temporaryDirectory } from './fleet.ts'
import { hashOf, type TufSimulator } from './tuf-simulator.ts'

const DAY_MS = 86_400_000

/** Our client as the conformance suite drives one: each act is a new start over what lies on the disk. */
export class TufDriver {
  readonly repository: TufSimulator
  readonly #files: ReturnType<typeof openMetadataFiles>
  readonly #cache = new Map<string, Buffer>()

  /** @param root the root that the device was given; else the newest one of the repository */
  constructor(repository: TufSimulator, root: Buffer = repository.published['root']!.at(-1)!.bytes) {
    this.repository = repository
    this.#files = openMetadataFiles(join(temporaryDirectory(), 'trust'))
    this.#files.write('root', root)
  }

  /** @returns 0, or 1 if it was refused; anything that is no problem of ours is thrown */
  async refresh(daysLater = 0): Promise<0 | 1> {
    return this.#outcome(() => this.#client(daysLater).refresh())
  }

  /** Fetches an artifact, unless what is here already is what the metadata names. */
  async download(path: string, daysLater = 0): Promise<0 | 1> {
    return this.#outcome(async () => {
      const target = await this.#client(daysLater).target(path)
      if (target === null) throw new Problem('bundle.signature-invalid', 'The metadata names no such target.')
      const isRight = (bytes: Buffer): boolean =>
        bytes.length === target.sizeBytes && Object.entries(target.hashes).every(([name, hash]) => isHash(name, bytes, hash))
      const cached = this.#cache.get(path)
      if (cached !== undefined && isRight(cached)) return
      this.repository.artifactsAsked.push(path)
      const bytes = this.repository.artifacts[path]
      if (bytes === undefined || !isRight(bytes)) throw new Problem('bundle.invalid', 'The bytes are not those that the metadata names.')
      this.#cache.set(path, bytes)
    })
  }

  downloads(): string[] {
    return [...this.#cache.values()].map(String)
  }

  /** Version of a role on the disk; null: there is none. */
  version(role: string): number | null {
    const bytes = this.#files.read(role)
    return bytes === null ? null : (JSON.parse(bytes.toString('utf8')) as { signed: { version: number } }).signed.version
  }

  bytes(role: string): Buffer | null {
    return this.#files.read(role)
  }

  trusted(): Record<string, number | null> {
    return Object.fromEntries(this.#files.roles().map((role) => [role, this.version(role)]))
  }

  #client(daysLater: number) {
    const { repository } = this
    return openTufClient({
      files: this.#files,
      source: { fetch: (name) => Promise.resolve(repository.fetch(name)) },
      now: () => repository.now + daysLater * DAY_MS,
    })
  }

  async #outcome(work: () => Promise<void>): Promise<0 | 1> {
    try {
      await work()
      return 0
    } catch (error) {
      if (error instanceof Problem) return 1
      throw error
    }
  }
}

function isHash(algorithm: string, bytes: Buffer, hash: string): boolean {
  try {
    return hashOf(algorithm, bytes) === hash
  } catch {
    // Nobody can check an algorithm that nobody knows.
    return false
  }
}
