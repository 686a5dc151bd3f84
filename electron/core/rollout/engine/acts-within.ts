import type { Draft } from './draft.ts'
import { versionOf } from './failing.ts'
import { isFailure } from './tally.ts'
import { capital, waveWords } from './words.ts'

/** Lets a wave through its gate, whatever that says. */
export function actLetThrough(draft: Draft, wave: number, why: string): void {
  const { name } = draft.run.plan.waves[wave]!
  draft.mark('gate-let-through', `${capital(waveWords(wave, name))} is let through its gate.${why}`, { wave })
}

/** Ends a comparison: the version becomes active where it is, or is taken away again. Who has not got it does not get it. */
export function actDecide(draft: Draft, kind: 'promote' | 'discard', why: string): void {
  if (kind === 'discard') return draft.rollout('revert', `${versionOf(draft)} is discarded.${why}`, { decided: 'discard', why })
  draft.mark('promoted', `${versionOf(draft)} is promoted on the devices that have it.${why}`, { detail: { why } })
  for (const { device, state } of [...draft.run.devices.values()])
    if (state === 'pending')
      draft.device(device, 'skip', `${device} is out of the rollout: the comparison ended before it had the version.`, { reason: 'ended' })
}

/** Changes which rollout wins on devices of both. */
export function actPriority(draft: Draft, priority: number): void {
  draft.mark('priority', `The priority is ${priority}; it was ${draft.run.plan.priority}.`, { detail: { priority } })
}

/** Offers the version once more to devices that failed, whatever the number of their tries, and ends their waiting. */
export function actRetry(draft: Draft, devices: readonly string[]): void {
  for (const id of devices) {
    const device = draft.run.devices.get(id)
    if (device === undefined) continue
    if (isFailure(device.state)) {
      draft.device(id, 'retry', `${id} is to be tried again.`, { isByPerson: true })
    } else if (device.state === 'pending' && device.notBefore !== null)
      draft.mark('penalty-lifted', `${id} does not wait any more.`, { device: id, wave: device.wave })
  }
}

/** Adds to the log. */
export function actNote(draft: Draft, text: string): void {
  draft.mark('note', text)
}
