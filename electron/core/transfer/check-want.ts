import { Problem } from '../../../shared/domain/problem.ts'
import { BlockSet } from '../../../shared/protocol/bitmap.ts'
import type { BlockWantMessage } from '../../../shared/protocol/block.ts'
import type { Catalog } from './catalog.ts'
import { blockCount, type BlockLayout } from './layout.ts'
import type { Ask } from './member.ts'

/** A request that is in order: of which bundle, for which blocks. */
export interface CheckedWant {
  bundle: string
  layout: BlockLayout
  ask: Ask
}

/**
 * Checks a request against what the device may fetch and what the artifact is like; pure but for reading manifests.
 * @returns the checked request, or the Problem to refuse it with: `transfer.not-offered` (not assigned, or no such artifact of this
 * size in this manifest) or `message.malformed` (wrong sender, block count or bitmap)
 */
export function checkWant(
  device: string,
  message: BlockWantMessage,
  known: { catalog: Catalog; isAssigned(device: string, bundle: string): boolean },
): CheckedWant | Problem {
  if (message.device !== device) return new Problem('message.malformed', `A request of ${message.device} came on the topic of ${device}.`)
  const bundle = message.manifest ?? message.artifact
  if (!known.isAssigned(device, bundle)) return new Problem('transfer.not-offered', `Bundle ${bundle} is not assigned to ${device}.`)
  const layout = known.catalog.entry(message.manifest, message.artifact, message.sizeBytes)
  if (layout === null) {
    const place = message.manifest === null ? 'among the manifests' : `in manifest ${message.manifest}`
    return new Problem('transfer.not-offered', `There is no artifact ${message.artifact} of ${message.sizeBytes} bytes ${place}.`)
  }
  const blocks = blockCount(layout)
  if (message.blocks !== blocks)
    return new Problem('message.malformed', `Artifact ${message.artifact} has ${blocks} blocks, not ${message.blocks}.`)
  const missing = decodeBitmap(message.missing, blocks)
  if (missing === null)
    return new Problem('message.malformed', `The bitmap of artifact ${message.artifact} does not fit its ${blocks} blocks.`)
  return { bundle, layout, ask: { round: message.round, window: message.window, missing } }
}

/** Looks at the length before it decodes: what a device sends never decides how much is allocated. */
function decodeBitmap(text: string, blocks: number): BlockSet | null {
  if (text.length !== 4 * Math.ceil(Math.ceil(blocks / 8) / 3)) return null
  return BlockSet.from(blocks, Buffer.from(text, 'base64'))
}
