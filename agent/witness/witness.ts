import { createHash } from 'node:crypto'
import { isConsistent } from '../../shared/domain/audit/merkle.ts'
import { messageOf, Problem, reportOf } from '../../shared/domain/problem.ts'
import { checkpoint, type Checkpoint, type CheckpointMessage, type KeptCheckpoint, type LogHead } from '../../shared/protocol/checkpoint.ts'
import { decodeSigned } from '../../shared/protocol/decode.ts'
import { payloadTypes } from '../../shared/protocol/envelope.ts'
import type { Journal } from '../converge/journal.ts'
import type { Happening } from '../telemetry/events.ts'
import { openEnvelope, type TrustedKey } from '../trust/verify.ts'

interface WitnessParts {
  fleet: string
  journal: Journal
  assignmentKeys(): readonly TrustedKey[]
  tell(happening: Happening): void
}

/** Keeps what the console signed about its audit log, so that the log cannot be taken back unseen. */
export interface Witness {
  /** Takes a checkpoint as it came. @returns true if another one is kept now */
  take(message: CheckpointMessage): boolean
  /** The two newest as the console signed them. */
  checkpoints(): KeptCheckpoint[]
  /** The largest log that is known, and the one before it. */
  kept(): { witness: LogHead | null; witnessBefore: LogHead | null }
}

/**
 * INVARIANTS
 * 1. The two newest checkpoints are in the journal, with their signatures, before they are reported.
 * 2. One that does not extend the newest that is kept is refused and told. Only a checkpoint that names the kept one as accepted by an admin
 *    (as after a backup was restored) takes its place.
 */
export function openWitness(parts: WitnessParts): Witness {
  const { journal, tell } = parts
  /** A retained message comes again with every connection: it is told once. */
  const told = new Set<string>()
  const tellOnce = (key: string, happening: Happening): void => {
    if (told.has(key)) return
    if (told.size >= MOST_TOLD) told.clear()
    told.add(key)
    tell(happening)
  }

  const accept = (message: CheckpointMessage): boolean => {
    const offered = opened(parts, message)
    const [known] = journal.state.checkpoints
    if (known !== undefined && known.size === offered.size && known.root === offered.root) return false
    const conflict = known === undefined || isAccepted(offered, known) ? null : conflictOf(offered, known)
    if (conflict !== null) {
      const detail = { known: known!.size, offered: offered.size }
      tellOnce(`${offered.size} ${offered.root}`, { name: 'checkpoint.conflict', severity: 'error', message: conflict, detail })
      return false
    }
    const { size, root, issuedAt } = offered
    const kept = [{ size, root, issuedAt, envelope: message.envelope }, ...journal.state.checkpoints].slice(0, MOST_KEPT)
    // On a full disk it holds in this process all the same.
    journal.saveOrHold({ ...journal.state, checkpoints: kept })
    return true
  }
  return {
    take(message) {
      try {
        return accept(message)
      } catch (error) {
        const problem = error instanceof Problem ? error : new Problem('message.malformed', messageOf(error), { cause: error })
        const happening = { name: 'checkpoint.refused', severity: 'error', message: problem.message, problem: reportOf(problem) } as const
        tellOnce(`${problem.code} ${message.id}`, happening)
        return false
      }
    },
    checkpoints: () => journal.state.checkpoints,
    kept() {
      const [witness, before] = journal.state.checkpoints.map(({ size, root }) => ({ size, root }))
      return { witness: witness ?? null, witnessBefore: before ?? null }
    },
  }
}

const MOST_KEPT = 2
const MOST_TOLD = 100

function opened({ fleet, assignmentKeys }: WitnessParts, { envelope }: CheckpointMessage): Checkpoint {
  const bytes = openEnvelope(envelope, payloadTypes.checkpoint, assignmentKeys())
  if (bytes === null)
    throw new Problem('assignment.signature-invalid', 'The checkpoint carries no valid signature of an assignment key of this fleet.')
  const offered = decodeSigned(checkpoint, new TextDecoder('utf-8', { fatal: true }).decode(bytes), 'checkpoint')
  if (offered.fleet !== fleet) throw new Problem('assignment.wrong-target', `The checkpoint is of ${offered.fleet}, not of ${fleet}.`)
  return offered
}

function isAccepted({ accepted }: Checkpoint, known: LogHead): boolean {
  return accepted.some(({ size, root }) => size === known.size && root === known.root)
}

/** Why a checkpoint cannot be of the log that is known, as a sentence; null: nothing speaks against it. */
function conflictOf(offered: Checkpoint, known: LogHead): string | null {
  const knows = `This device knows an audit log of ${known.size} entries`
  if (offered.size === known.size) return `${knows}; the console now signs another one of the same length.`
  if (offered.size < known.size) return `${knows}; the console now signs one of ${offered.size}.`
  const { previous } = offered
  if (previous === null || previous.size < known.size)
    return `${knows}; the console goes on from ${previous === null ? 'none' : `one of ${previous.size}`}, as if it had never signed that.`
  // It has missed some in between: nothing here can tell, and the console compares.
  if (previous.size > known.size) return null
  const proof = previous.proof.map((hash) => new Uint8Array(Buffer.from(hash, 'base64')))
  const isSame = previous.root === known.root
  const extended = { from: known.size, to: offered.size, fromRoot: hex(known.root), toRoot: hex(offered.root), proof }
  return isSame && isConsistent(sha256, extended)
    ? null
    : `${knows}; the one of ${offered.size} that the console signs does not go on from it.`
}

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))
const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()
