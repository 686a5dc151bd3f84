import type { Clock } from '../../shared/domain/clock.ts'
import { messageOf, Problem, reportOf } from '../../shared/domain/problem.ts'
import { decodeMessage } from '../../shared/protocol/decode.ts'
import { payloadTypes, type Envelope } from '../../shared/protocol/envelope.ts'
import { haltList, type HaltList, type HaltMessage } from '../../shared/protocol/halt.ts'
import type { Happening } from '../telemetry/events.ts'
import { openEnvelope, type TrustedKey } from '../trust/verify.ts'
import type { Journal } from './journal.ts'

interface HaltParts {
  fleet: string
  journal: Journal
  assignmentKeys: readonly TrustedKey[]
  clock: Clock
  tell(happening: Happening): void
}

/** Name of a bundle in a deployment, as `Situation.halted` holds it. */
export function haltKey(deployment: string, digest: string): string {
  return `${deployment} ${digest}`
}

/**
 * Keeps the newest halt list of the fleet: bundles that this device must not begin to use. It is in the journal, so that a device that starts without
 * a broker keeps to it as well. What serves already goes on serving.
 */
export class HaltKeeper {
  readonly #parts: HaltParts
  #halted: ReadonlySet<string>

  constructor(parts: HaltParts) {
    this.#parts = parts
    this.#halted = keysOf(parts.journal.state.halt)
  }

  /** Counter of the list that is kept to; 0: none ever came. */
  get counter(): number {
    return this.#parts.journal.state.halt?.counter ?? 0
  }

  get halted(): ReadonlySet<string> {
    return this.#halted
  }

  /** What is halted, for people. */
  list(): HaltList['halts'] {
    return this.#parts.journal.state.halt?.halts ?? []
  }

  /** Takes a list as it came. @returns true if another list counts now */
  take(message: HaltMessage): boolean {
    const { journal, tell } = this.#parts
    try {
      const list = this.#accept(message.envelope)
      if (list === null) return false
      // On a full disk it holds in this process all the same: to keep from something needs no room.
      journal.saveOrHold({ ...journal.state, halt: list, newestSignedAt: Math.max(journal.state.newestSignedAt, list.issuedAt) })
      this.#halted = keysOf(list)
      tell({
        name: 'halt.accepted',
        severity: 'info',
        message:
          list.halts.length === 0
            ? 'Nothing is halted any more.'
            : `Halted: ${list.halts.map(({ deployment, reason }) => `${deployment} (${reason})`).join('; ')}`.slice(0, 1000),
        detail: { counter: list.counter },
      })
      return true
    } catch (error) {
      const problem = error instanceof Problem ? error : new Problem('message.malformed', messageOf(error), { cause: error })
      tell({ name: 'halt.refused', severity: 'error', message: problem.message, problem: reportOf(problem) })
      return false
    }
  }

  /** null: it is no newer list than the one that counts. */
  #accept(envelope: Envelope): HaltList | null {
    const { fleet, assignmentKeys } = this.#parts
    const bytes = openEnvelope(envelope, payloadTypes.halt, assignmentKeys)
    if (bytes === null)
      throw new Problem('assignment.signature-invalid', 'The halt list carries no valid signature of an assignment key of this fleet.')
    const list = decodeMessage(haltList, new TextDecoder('utf-8', { fatal: true }).decode(bytes), 'halt list')
    if (list.fleet !== fleet) throw new Problem('assignment.wrong-target', `The halt list is for ${list.fleet}, not for ${fleet}.`)
    return list.counter > this.counter ? list : null
  }
}

function keysOf(list: HaltList | null): ReadonlySet<string> {
  return new Set((list?.halts ?? []).map(({ deployment, digest }) => haltKey(deployment, digest)))
}
