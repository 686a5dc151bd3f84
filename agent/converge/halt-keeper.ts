import type { Clock } from '../../shared/domain/clock.ts'
import { messageOf, Problem, reportOf } from '../../shared/domain/problem.ts'
import { decodeSigned } from '../../shared/protocol/decode.ts'
import { payloadTypes, type Envelope } from '../../shared/protocol/envelope.ts'
import { haltList, type HaltList, type HaltMessage } from '../../shared/protocol/halt.ts'
import type { Happening } from '../telemetry/events.ts'
import { openWithKey, type TrustedKey } from '../trust/verify.ts'
import type { Journal } from './journal.ts'
import { signedTime } from './signed-time.ts'

interface HaltParts {
  fleet: string
  journal: Journal
  assignmentKeys: readonly TrustedKey[]
  clock: Clock
  /** True: whoever signs may become another one by what the console says next. */
  hasRoot?(): boolean
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
  /** The newest list that was refused: other keys may count soon. */
  refused: HaltMessage | null = null

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
    const isSecond = this.refused === message
    this.refused = null
    try {
      const accepted = this.#accept(message.envelope)
      if (accepted === null) return false
      const { list, keyid } = accepted
      // On a full disk it holds in this process all the same: to keep from something needs no room.
      const time = signedTime(journal.state, this.#parts.assignmentKeys, { at: list.issuedAt, by: keyid })
      journal.saveOrHold({ ...journal.state, halt: list, haltKeyid: keyid, ...time })
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
      if (problem.code === 'assignment.signature-invalid' && !isSecond) {
        this.refused = message
        // The list may be faster than the root that names its key.
        if (this.#parts.hasRoot?.() === true) return false
      }
      tell({ name: 'halt.refused', severity: 'error', message: problem.message, problem: reportOf(problem) })
      return false
    }
  }

  /** null: it is no newer list than the one that counts. */
  #accept(envelope: Envelope): { list: HaltList; keyid: string } | null {
    const { fleet, assignmentKeys } = this.#parts
    const opened = openWithKey(envelope, payloadTypes.halt, assignmentKeys)
    if (opened === null)
      throw new Problem('assignment.signature-invalid', 'The halt list carries no valid signature of an assignment key of this fleet.')
    const list = decodeSigned(haltList, new TextDecoder('utf-8', { fatal: true }).decode(opened.bytes), 'halt list')
    if (list.fleet !== fleet) throw new Problem('assignment.wrong-target', `The halt list is for ${list.fleet}, not for ${fleet}.`)
    // The counter of a key that the fleet has taken back holds nobody up.
    const by = this.#parts.journal.state.haltKeyid
    const floor = by === undefined || assignmentKeys.some(({ keyid }) => keyid === by) ? this.counter : 0
    return list.counter > floor ? { list, keyid: opened.keyid } : null
  }
}

function keysOf(list: HaltList | null): ReadonlySet<string> {
  return new Set((list?.halts ?? []).map(({ deployment, digest }) => haltKey(deployment, digest)))
}
