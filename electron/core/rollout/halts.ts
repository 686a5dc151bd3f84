/** Keeps the retained halt list of the fleet to what rollouts say. */
export interface Halts {
  /**
   * Signs the list and puts it into the outbox, if it is another one than before. Call it in the transaction of the change.
   * @param halted bundles of rollouts that are paused with `halt`
   */
  set(halted: readonly { rollout: number; deployment: string; digest: string; since: number; reason: string }[], at: number): void
}
