import { describe, expect, it } from 'vitest'
import { judgeWatch, type Seen } from '../../../../agent/converge/watch.ts'
import { Tally } from '../../../../agent/converge/tally.ts'
import { probationRules, type ProbationRules } from '../../../../shared/protocol/assignment.ts'

const MiB = 1024 * 1024
const nothing: Seen = {
  ...{ inferences: 0, failed: 0, notFinite: 0, medianMs: null, growthBytes: 0 },
  ...{ strikes: 0, lastStrike: '', outgrew: null, elapsedMs: 0 },
}

const cases: { name: string; rules?: Partial<ProbationRules>; probeMs?: number | null; seen: Partial<Seen>; verdict: string | RegExp }[] = [
  { name: 'nothing seen yet', seen: {}, verdict: 'on' },
  { name: 'enough inferences', seen: { inferences: 500 }, verdict: 'passed' },
  { name: 'one too few', seen: { inferences: 499 }, verdict: 'on' },
  { name: 'enough time, without any inference', seen: { elapsedMs: 600_000 }, verdict: 'passed' },
  { name: '19 inferences say nothing of a share', seen: { inferences: 19, failed: 19 }, verdict: 'on' },
  {
    name: 'of 20 inferences 2 failed',
    seen: { inferences: 20, failed: 2 },
    verdict: '2 of 20 inferences failed (10 %); 5 % are allowed.',
  },
  { name: 'of 20 inferences 1 failed: just the limit', seen: { inferences: 20, failed: 1 }, verdict: 'on' },
  {
    name: 'fewer than 20 are wanted: the share is judged at the end',
    rules: { inferences: 4 },
    seen: { inferences: 4, failed: 1 },
    verdict: '1 of 4 inferences failed (25 %); 5 % are allowed.',
  },
  { name: 'failures win over the end of the watch', seen: { inferences: 500, failed: 26 }, verdict: /^26 of 500/ },
  {
    name: 'one NaN where none is allowed',
    seen: { inferences: 1, notFinite: 1 },
    verdict: '1 of 1 answers had NaN or infinity; 0 % are allowed.',
  },
  { name: 'some NaN are allowed', rules: { maxNotFiniteShare: 0.5 }, seen: { inferences: 1, notFinite: 1 }, verdict: 'on' },
  {
    name: 'more NaN than allowed',
    rules: { maxNotFiniteShare: 0.5 },
    seen: { inferences: 20, notFinite: 11 },
    verdict: '11 of 20 answers had NaN or infinity; 50 % are allowed.',
  },
  { name: 'slow, but too few to say so', probeMs: 10, seen: { inferences: 49, medianMs: 1000 }, verdict: 'on' },
  {
    name: 'five times slower than the probe',
    probeMs: 10,
    seen: { inferences: 50, medianMs: 50.1 },
    verdict: 'The median latency is 50.1 ms; 50 ms are allowed, 5 times the 10 ms of the probe.',
  },
  { name: 'a fast model has room below the floor', probeMs: 0.1, seen: { inferences: 50, medianMs: 9.9 }, verdict: 'on' },
  {
    name: 'above the floor',
    probeMs: 0.1,
    seen: { inferences: 50, medianMs: 10.1 },
    verdict: /10.1 ms; 10 ms are allowed, 5 times the 2 ms/,
  },
  { name: 'no golden set: no ratio', probeMs: null, seen: { inferences: 50, medianMs: 9999 }, verdict: 'on' },
  {
    name: 'the ratio is not watched',
    rules: { maxLatencyRatio: null },
    probeMs: 1,
    seen: { inferences: 50, medianMs: 9999 },
    verdict: 'on',
  },
  {
    name: 'over the budget of latency',
    rules: { latencyMs: 20 },
    probeMs: null,
    seen: { inferences: 50, medianMs: 21 },
    verdict: 'The median latency is 21 ms; 20 ms are allowed.',
  },
  { name: 'grew, not yet a leak', seen: { growthBytes: 256 * MiB }, verdict: 'on' },
  {
    name: 'a leak',
    seen: { growthBytes: 257 * MiB },
    verdict: 'The runtime grew by 257 MiB; 256 MiB are allowed before it counts as a leak.',
  },
  {
    name: 'over the budget of memory',
    rules: { memoryBytes: 40 * MiB },
    seen: { growthBytes: 41 * MiB },
    verdict: 'The runtime grew by 41 MiB; 40 MiB are allowed.',
  },
  { name: 'over a small budget, as any runtime that warms up', rules: { memoryBytes: 1 }, seen: { growthBytes: 32 * MiB }, verdict: 'on' },
  { name: 'two crashes', seen: { strikes: 2, lastStrike: 'it was ended by SIGSEGV' }, verdict: 'on' },
  {
    name: 'three crashes',
    seen: { strikes: 3, lastStrike: 'it was ended by SIGSEGV' },
    verdict: '3 crashes of the runtime, 2 are allowed; the last: it was ended by SIGSEGV.',
  },
  {
    name: 'ended for its memory once',
    seen: { strikes: 1, outgrew: 'it holds 900 MiB; 512 MiB are allowed' },
    verdict: 'The runtime was ended for its memory: it holds 900 MiB; 512 MiB are allowed.',
  },
]

describe('the judgement of a watch', () => {
  it.each(cases)('$name', ({ rules, probeMs, seen, verdict }) => {
    const judged = judgeWatch(probationRules.parse(rules ?? {}), probeMs ?? null, { ...nothing, ...seen })
    expect(judged.is === 'failed' ? judged.message : judged.is).toEqual(
      verdict instanceof RegExp ? expect.stringMatching(verdict) : verdict,
    )
  })
})

describe('the tally', () => {
  const vital = (digest: string, inferences: number, medianMs: number) => ({
    deployment: 'q',
    digest,
    inferences,
    failed: 1,
    notFinite: 0,
    medianMs,
  })
  const beat = (generation: number, rssMiB: number, vitals: ReturnType<typeof vital>[], isServing = true) => ({
    generation,
    isServing,
    rssBytes: rssMiB * MiB,
    vitals,
  })

  it('adds the generations of a bundle, from the one on where it began', () => {
    const tally = new Tally()
    tally.note(beat(1, 100, [vital('a', 900, 1)]))
    tally.note(beat(2, 100, [vital('a', 10, 3)]))
    tally.note(beat(2, 100, [vital('a', 30, 4), vital('b', 7, 1)]))
    tally.note(beat(3, 100, [vital('a', 5, 9)]))
    expect(tally.counts('q', 'a', 2)).toEqual({ inferences: 35, failed: 2, notFinite: 0, medianMs: 4 })
    expect(tally.counts('q', 'a', 0).inferences).toBe(935)
    expect(tally.counts('r', 'a', 0)).toEqual({ inferences: 0, failed: 0, notFinite: 0, medianMs: null })
  })

  it('counts growth that stays, of the generation that serves, from its first sign of life', () => {
    const tally = new Tally()
    tally.note(beat(1, 100, []))
    for (const rss of [400, 120, 500]) tally.note(beat(1, rss, []))
    expect(tally.growth(0)).toBe(20 * MiB)
    tally.note(beat(1, 600, []))
    tally.note(beat(1, 550, []))
    expect(tally.growth(0)).toBe(400 * MiB)
    tally.note(beat(2, 900, [], false))
    expect(tally.growth(0)).toBe(400 * MiB)
    tally.note(beat(2, 300, []))
    expect([tally.growth(0), tally.growth(3)]).toEqual([0, 0])
  })
})
