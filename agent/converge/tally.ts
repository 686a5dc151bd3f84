import type { Vital } from '../runtime/messages.ts'
import type { Beat } from '../supervise/generations.ts'
import type { Seen } from './watch.ts'

/** Generations that are remembered; a watch outlives a few. */
const MAX_GENERATIONS = 32
/** Growth counts once it was there in so many signs of life in a row: the buffers of one large request go again. */
const SUSTAINED_BEATS = 3

interface Generation {
  vitals: Map<string, Vital>
  /** Resident memory when it began to serve, bytes; null: it never did. */
  firstRss: number | null
  /** Growth in the latest signs of life, bytes. */
  growth: number[]
}

/** Counts what the generations told of each bundle: every generation counts from its own start, so they are added. */
export class Tally {
  readonly #generations = new Map<number, Generation>()

  note({ generation, isServing, rssBytes, vitals }: Beat): void {
    const known = this.#generations.get(generation) ?? { vitals: new Map<string, Vital>(), firstRss: null, growth: [] }
    this.#generations.set(generation, known)
    for (const vital of vitals) known.vitals.set(keyOf(vital), vital)
    if (isServing) {
      known.firstRss ??= rssBytes
      known.growth = [...known.growth, rssBytes - known.firstRss].slice(-SUSTAINED_BEATS)
    }
    const oldest = [...this.#generations.keys()].sort((a, b) => a - b)
    for (const number of oldest.slice(0, -MAX_GENERATIONS)) this.#generations.delete(number)
  }

  /** What was seen of a bundle in the generations from a number on. */
  counts(deployment: string, digest: string, from: number): Pick<Seen, 'inferences' | 'failed' | 'notFinite' | 'medianMs'> {
    const vitals = this.#from(from).flatMap((one) => one.vitals.get(keyOf({ deployment, digest })) ?? [])
    const sum = (key: 'inferences' | 'failed' | 'notFinite'): number => vitals.reduce((total, vital) => total + vital[key], 0)
    // Medians cannot be added: the one of most inferences speaks.
    const largest = vitals.reduce<Vital | null>((best, vital) => (best === null || vital.inferences > best.inferences ? vital : best), null)
    return { inferences: sum('inferences'), failed: sum('failed'), notFinite: sum('notFinite'), medianMs: largest?.medianMs ?? null }
  }

  /** Lasting growth of the generation that serves, bytes; 0 if it began before a number. */
  growth(from: number): number {
    const serving = this.#from(from).findLast(({ firstRss }) => firstRss !== null)
    return serving === undefined || serving.growth.length < SUSTAINED_BEATS ? 0 : Math.max(0, Math.min(...serving.growth))
  }

  #from(from: number): Generation[] {
    return [...this.#generations]
      .filter(([number]) => number >= from)
      .sort(([a], [b]) => a - b)
      .map(([, generation]) => generation)
  }
}

function keyOf({ deployment, digest }: Pick<Vital, 'deployment' | 'digest'>): string {
  return `${deployment}\n${digest}`
}
