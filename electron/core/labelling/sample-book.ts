import type { Manifest } from '../../../shared/domain/bundle.ts'
import type { SampleBounds, SampleReader } from '../store/telemetry/samples.ts'
import { candidatesOf, type Candidate } from './candidate.ts'

/** The newest samples, and of them what reading takes about a second at the most, once. */
const bounds: SampleBounds = { samples: 10_000, characters: 48 * 1024 * 1024 }
const MOST_CANDIDATES = 20_000

/** What is known of the sampled rows, without their inputs. */
export interface SampleBook {
  /** Every row once, also where several samples hold it. */
  all(): Iterable<Candidate>
  find(task: string): Candidate | undefined
  /** Predictions of people who were erased: nothing of them stays in memory. */
  forget(isGone: (candidate: Candidate) => boolean): void
}

/**
 * Keeps the facts of the newest samples in memory: they do not change, so a question reads only what came since the last one.
 * INVARIANTS
 * 1. A row stands in it once. Where a shadow's disagreement and a stratum both kept it, it is of the stratum, and knows of the disagreement.
 * 2. A row whose sample was taken away is not in it after the next question.
 */
export function openSampleBook(samples: SampleReader, manifestOf: (digest: string) => Manifest | null): SampleBook {
  const known = new Map<string, Candidate>()
  let last = 0
  const put = (candidate: Candidate): void => {
    const before = known.get(candidate.task)
    known.delete(candidate.task)
    known.set(candidate.task, before === undefined ? candidate : merged(before, candidate))
  }
  const refresh = (): void => {
    const range = samples.range()
    // A table that was emptied counts from 1 again.
    if (range === null || range.newest < last || range.oldest > last) {
      known.clear()
      last = 0
    } else for (const [task, { sample }] of known) if (sample === null || sample < range.oldest) known.delete(task)
    const found = samples.newest(last, bounds)
    last = Math.max(last, found[0]?.id ?? 0)
    for (const sample of found.reverse()) candidatesOf(sample, manifestOf(sample.body.digest)).forEach(put)
    for (const task of known.keys()) {
      if (known.size <= MOST_CANDIDATES) break
      known.delete(task)
    }
  }
  return {
    all() {
      refresh()
      return known.values()
    },
    forget(isGone) {
      for (const [task, candidate] of known) if (isGone(candidate)) known.delete(task)
    },
    find(task) {
      refresh()
      return known.get(task)
    },
  }
}

/** Two samples of one row: the stratum decides what it stands for. */
export function merged(a: Candidate, b: Candidate): Candidate {
  const base = a.reason === 'disagreement' ? b : a
  return { ...base, other: base.other ?? a.other ?? b.other }
}
