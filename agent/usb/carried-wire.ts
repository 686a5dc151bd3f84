import { open } from 'node:fs/promises'
import * as fs from 'node:fs'
import { promisify } from 'node:util'
import { constants, zstdCompress } from 'node:zlib'
import { artifactsOf } from '../../shared/domain/bundle.ts'
import { Problem } from '../../shared/domain/problem.ts'
import { BlockSet } from '../../shared/protocol/bitmap.ts'
import type { BlockWantMessage } from '../../shared/protocol/block.ts'
import { artifactPath } from '../../shared/protocol/carry.ts'
import type { BlockWire } from '../artifact/block-wire.ts'
import { layoutOf, type ArtifactLayout } from '../artifact/layout.ts'
import { readBlock } from '../artifact/partial-file.ts'
import type { Bundles } from '../converge/bundles.ts'
import type { CarriedFolder } from './carried-folder.ts'

const compress = promisify(zstdCompress)
/** The disk is faster than any wire, so the least work is the best level. */
const compression = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

/** The wire of blocks, with a folder in front of it for as long as one is laid in. */
export interface CarriedWire extends BlockWire {
  /** Blocks of what the folder holds come from there; null: it is taken away. */
  lay(folder: CarriedFolder | null): void
}

interface Round {
  id: string
  sent: Set<number>
}

/**
 * Joins a folder to the wire.
 *
 * INVARIANTS
 * 1. A block from the folder takes the way of one from the broker: the receiver knows no difference, and checks it in the same place.
 * 2. Blocks are read one request at a time; a request repeats a block only if nothing else of it is left.
 */
export function createCarriedWire(broker: BlockWire, bundles: () => Pick<Bundles, 'manifest'>): CarriedWire {
  const handlers = new Set<(artifact: string, block: number, payload: Uint8Array) => void>()
  const joined = new Set<() => void>()
  let folder: CarriedFolder | null = null
  let rounds = new Map<string, Round>()
  let turn: Promise<void> = Promise.resolve()

  const holds = (artifact: string): boolean => folder !== null && folder.find(artifactPath(artifact)) !== null

  async function serve(from: CarriedFolder, want: BlockWantMessage): Promise<void> {
    const layout = layoutFor(want, bundles())
    const asked = BlockSet.from(want.blocks, Buffer.from(want.missing, 'base64'))
    if (asked === null || asked.count === 0) return
    const known = rounds.get(want.artifact)
    const round = known?.id === want.round ? known : { id: want.round, sent: new Set<number>() }
    rounds.set(want.artifact, round)
    const missing = [...asked]
    const fresh = missing.filter((block) => !round.sent.has(block))
    const waiting = missing.length - fresh.length
    const blocks = fresh.length === 0 ? missing.slice(0, want.window) : fresh.slice(0, Math.max(0, want.window - waiting))
    const file = await open(`${from.directory}/${artifactPath(want.artifact)}`, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW)
    try {
      for (const block of blocks) {
        if (folder !== from) return
        const place = layout.blocks[block]!
        const bytes = await readBlock(file, place.start, place.bytes)
        if (bytes === null) throw new Problem('usb.changed', `Artifact ${want.artifact} became shorter while it was read.`)
        const payload = layout.encoding === 'identity' ? bytes : await compress(bytes, compression)
        round.sent.add(block)
        for (const handler of handlers) handler(want.artifact, block, payload)
      }
    } finally {
      await file.close()
    }
  }

  return {
    get connected() {
      return broker.connected || folder !== null
    },
    want(message) {
      const from = folder
      if (from === null || !holds(message.artifact)) return broker.want(message)
      // Whoever asks is answered by blocks; a stick that was pulled out is a silence, as of a broker that is gone.
      turn = turn.then(() => serve(from, message)).catch(() => undefined)
      return turn
    },
    subscribe: (artifact) => (holds(artifact) || !broker.connected ? Promise.resolve() : broker.subscribe(artifact)),
    unsubscribe: (artifact) => (broker.connected ? broker.unsubscribe(artifact) : Promise.resolve()),
    onBlock(handler) {
      handlers.add(handler)
      const off = broker.onBlock(handler)
      return () => {
        handlers.delete(handler)
        off()
      }
    },
    onConnected(handler) {
      joined.add(handler)
      const off = broker.onConnected(handler)
      return () => {
        joined.delete(handler)
        off()
      }
    },
    lay(next) {
      folder = next
      rounds = new Map()
      // Also when it is taken away: what was asked of it is asked of the broker, if there is one.
      if (next !== null || broker.connected) for (const handler of joined) handler()
    },
  }
}

function layoutFor(want: BlockWantMessage, bundles: Pick<Bundles, 'manifest'>): ArtifactLayout {
  const { artifact: sha256, sizeBytes, manifest } = want
  const entry = manifest === null ? null : artifactsOf(bundles.manifest(manifest)).find((one) => one.entry.sha256 === sha256)?.entry
  if (entry === undefined) throw new Problem('bundle.invalid', `The bundle ${String(manifest)} lists no artifact ${sha256}.`)
  return layoutOf({ sha256, sizeBytes, manifest, entry })
}
