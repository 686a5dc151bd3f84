import { nextDeviceState, nextRolloutState, type DeviceHappening, type RolloutHappening } from '../../../../shared/domain/rollout/life.ts'
import type { RolloutRun } from '../rollout-run.ts'
import { applyEvent } from './apply-event.ts'
import type { Decision, NewEvent, Offer } from './facts.ts'
import type { Live } from './live.ts'
import { copyTally, type Tally } from './tally.ts'

/** The engine, as logs name it. */
export const engineActor = 'muster'

type Detail = NewEvent['detail']

/** A decision in the making: what is decided counts at once for what is decided next, and the rollout itself stays as it is. */
export interface Draft {
  readonly run: RolloutRun
  readonly tally: Tally
  readonly events: readonly NewEvent[]
  /** Money of what this decision offers so far. */
  readonly moneyOffered: number
  /** Something happens to the rollout as a whole. */
  rollout(happening: RolloutHappening, sentence: string, detail?: Detail): void
  device(device: string, happening: DeviceHappening, sentence: string, detail?: Detail): void
  wave(wave: number, kind: 'wave-opened' | 'wave-reached' | 'wave-activated' | 'wave-passed' | 'verdict', says: Says): void
  /** Anything else. */
  mark(kind: string, sentence: string, about?: { device?: string; wave?: number; detail?: Detail }): void
  order(offer: Offer): void
  giveBack(device: string): void
  /** Something may change at a time, by the clock alone. */
  wake(at: number): void
  done(): Decision
}

interface Says {
  sentence: string
  detail?: Detail
}

/** Begins a decision over a rollout. @param by who decides */
export function openDraft(live: Live, by: { now: number; actor: string }): Draft {
  const { now, actor } = by
  const decision: Decision = { events: [], offers: [], reverts: [], wakeAt: null }
  // Most looks decide nothing: the copy is made for the first event.
  let own: Live | null = null
  const current = (): Live => own ?? live
  const emit = (event: Omit<NewEvent, 'actor'>): void => {
    own ??= { run: { ...live.run, devices: new Map(live.run.devices) }, tally: copyTally(live.tally) }
    const written: NewEvent = { ...event, actor, sentence: cut(event.sentence) }
    applyEvent(own, { ...written, seq: own.run.seq + 1, rollout: own.run.id, at: now })
    decision.events.push(written)
  }
  return {
    get run() {
      return current().run
    },
    get tally() {
      return current().tally
    },
    events: decision.events,
    get moneyOffered() {
      return (current().tally.moneyMillionths - live.tally.moneyMillionths) / 1e6
    },
    rollout(kind, sentence, detail = {}) {
      const from = current().run.state
      emit({ kind, device: null, wave: null, from, to: nextRolloutState(from, kind), sentence, detail })
    },
    device(device, kind, sentence, detail = {}) {
      const { state, wave } = current().run.devices.get(device)!
      emit({ kind, device, wave, from: state, to: nextDeviceState(state, kind), sentence, detail })
    },
    wave(wave, kind, { sentence, detail = {} }) {
      emit({ kind, device: null, wave, from: null, to: null, sentence, detail })
    },
    mark(
      kind,
      sentence,
      { device = null, wave = null, detail = {} }: { device?: string | null; wave?: number | null; detail?: Detail } = {},
    ) {
      emit({ kind, device, wave, from: null, to: null, sentence, detail })
    },
    order: (offer) => void decision.offers.push(offer),
    giveBack: (device) => void decision.reverts.push(device),
    wake(at) {
      if (at > now) decision.wakeAt = Math.min(decision.wakeAt ?? at, at)
    },
    done: () => decision,
  }
}

/** Sentences of the log have a limit; a problem that a device describes at length does not stop the engine. */
function cut(sentence: string): string {
  return sentence.length <= 1000 ? sentence : `${sentence.slice(0, 999)}…`
}
