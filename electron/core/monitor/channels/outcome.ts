/** How an attempt to deliver ended. */
export type Outcome =
  | {
      ok: true
      /** What was answered, where the sender wanted to read it. */
      answer?: string
    }
  | Failure

/** An attempt that failed. */
export interface Failure {
  ok: false
  /** Stable word for the cause. */
  code: string
  message: string
  /** Trying again would end the same: a person must change something. */
  isFinal: boolean
  /** The receiver said that it is gone for good. */
  disables?: boolean
  /** What the receiver asked for, ms. */
  retryAfterMs?: number
  /** Status that the receiver answered with; left out: it did not answer. */
  status?: number
}

/** A failure that may pass. */
export function failed(code: string, message: string): Failure {
  return { ok: false, code, message: message.slice(0, 2000), isFinal: false }
}

/** A failure that stays until somebody changes the channel. */
export function refused(code: string, message: string): Failure {
  return { ok: false, code, message: message.slice(0, 2000), isFinal: true }
}
