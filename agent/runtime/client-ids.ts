import type { CarriedPrediction } from './messages.ts'

/** Ids that clients chose are remembered for so many predictions; the oldest goes first. */
export const MAX_CLIENT_IDS = 10_000

/** Predictions under ids that clients chose: id → token, in memory, bounded. A reused id stands for its newest prediction. */
export class ClientIds {
  readonly #tokens = new Map<string, CarriedPrediction>()

  /** Remembers a prediction; the oldest one is forgotten beyond the bound. */
  add(prediction: CarriedPrediction): void {
    const key = keyOf(prediction.deployment, prediction.id)
    this.#tokens.delete(key)
    this.#tokens.set(key, prediction)
    if (this.#tokens.size > MAX_CLIENT_IDS) {
      const oldest = this.#tokens.keys().next()
      if (oldest.done === false) this.#tokens.delete(oldest.value)
    }
  }

  /** Adds what an earlier generation remembered: what is known here already is newer. */
  carryOver(predictions: readonly CarriedPrediction[]): void {
    const own = [...this.#tokens.values()]
    this.#tokens.clear()
    for (const prediction of predictions) this.add(prediction)
    for (const prediction of own) this.add(prediction)
  }

  /** The token behind an id of a deployment. */
  find(deployment: string, id: string): string | null {
    return this.#tokens.get(keyOf(deployment, id))?.token ?? null
  }

  /** Everything remembered, oldest first. */
  all(): CarriedPrediction[] {
    return [...this.#tokens.values()]
  }
}

function keyOf(deployment: string, id: string): string {
  return `${deployment}\n${id}`
}
