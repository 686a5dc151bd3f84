import { describe, expect, test } from 'vitest'
import { Masks } from '../../../../agent/runtime/masking/masks.ts'
import { MAX_SAMPLE_BYTES, Sampler, type SampleRates } from '../../../../agent/runtime/sampler.ts'
import type { Subject } from '../../../../agent/runtime/window.ts'
import { sampleBody } from '../../../../shared/protocol/telemetry.ts'
import type { Tensor } from '../../../../shared/inference/tensor.ts'
import { sampleManifest, samples } from '../../../harness/manifest.ts'

const subject: Subject = { deployment: 'reader', digest: 'a'.repeat(64), model: 'digits', version: '1.1.0' }
const floats = (...values: number[]): Tensor => ({
  name: 'x',
  datatype: 'FP32',
  shape: [1, values.length],
  data: Float32Array.from(values),
})
const texts = (...values: string[]): Tensor => ({ name: 't', datatype: 'BYTES', shape: [values.length], data: values })
const manifest = sampleManifest(samples.diabetes100)
const request = (id: string, inputs: Tensor[] = [floats(1)], more: { confidence?: number | null; isOutlier?: boolean } = {}) => ({
  ...{ id, predictedAt: 1000, manifest, inputs, outputs: [floats(2)], confidence: null, isOutlier: false },
  ...more,
})
const samplerOf = (random: () => number, rates: Partial<SampleRates>): Sampler =>
  new Sampler(random, new Masks('key', {}), { random: 0, lowConfidence: 0, lowConfidenceBelow: 0.6, outlier: 0, ...rates })

/** mulberry32: a small generator with a seed, so that the test is the same every time. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const bodies = (sampler: Sampler) => sampler.take().map((record) => sampleBody.parse(record.body))

describe('sampler', () => {
  test('each request is kept with the same probability, and the weights add up to the requests', () => {
    const random = seeded(7)
    const kept = new Map<string, number>()
    const rounds = 4000
    for (let round = 0; round < rounds; round += 1) {
      const sampler = samplerOf(random, { random: 3 })
      for (let i = 0; i < 10; i += 1) sampler.offer(subject, request(`r${i}`))
      const samples = bodies(sampler)
      expect(samples.reduce((sum, sample) => sum + sample.weight, 0)).toBeCloseTo(10)
      for (const sample of samples) kept.set(sample.id, (kept.get(sample.id) ?? 0) + 1)
    }
    // Binomial(4000, 0.3): five standard deviations are 145.
    for (let i = 0; i < 10; i += 1) expect(Math.abs((kept.get(`r${i}`) ?? 0) - rounds * 0.3)).toBeLessThan(145)
  })

  test('fewer requests than places are all kept, with weight 1; a window begins anew', () => {
    const sampler = samplerOf(seeded(1), { random: 5 })
    sampler.offer(subject, request('a', [floats(Number.NaN, Number.POSITIVE_INFINITY, 0.5)]))
    expect(bodies(sampler)).toEqual([
      {
        ...subject,
        id: 'a',
        predictedAt: 1000,
        weight: 1,
        reason: 'random',
        confidence: null,
        inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 3], data: ['NaN', 'Infinity', 0.5] }],
        outputs: [{ name: 'x', datatype: 'FP32', shape: [1, 1], data: [2] }],
      },
    ])
    expect(sampler.take()).toEqual([])
  })

  test('what could exceed 64 KiB of JSON, or a text beyond the record, is no sample', () => {
    const cases: { name: string; inputs: Tensor[]; isTaken: boolean }[] = [
      { name: '2,000 floats', inputs: [floats(...Array.from({ length: 2000 }, () => -1.1754943508222875e-38))], isTaken: true },
      { name: '3,000 floats', inputs: [floats(...Array.from({ length: 3000 }, () => 1))], isTaken: false },
      { name: 'a text of 4,096', inputs: [texts('x'.repeat(4096))], isTaken: true },
      { name: 'a text of 4,097', inputs: [texts('x'.repeat(4097))], isTaken: false },
      { name: 'control characters', inputs: [texts(...Array.from({ length: 10 }, () => '\u0001'.repeat(1000)))], isTaken: true },
      { name: 'more control characters', inputs: [texts(...Array.from({ length: 12 }, () => '\u0001'.repeat(1000)))], isTaken: false },
    ]
    for (const { name, inputs, isTaken } of cases) {
      const sampler = samplerOf(seeded(1), { random: 1 })
      const wasTaken = sampler.offer(subject, request('a', inputs))
      const sizes = sampler.take().map((sample) => JSON.stringify(sample.body).length <= MAX_SAMPLE_BYTES)
      expect([name, wasTaken, sizes]).toEqual([name, isTaken, isTaken ? [true] : []])
    }
  })

  test('every request is in one stratum: outlier, else low confidence, else random; the weights of each add up to its requests', () => {
    const sampler = samplerOf(seeded(3), { random: 4, lowConfidence: 3, outlier: 2 })
    // Of 60: each fifth an outlier, each third of the others unsure.
    const kinds = Array.from({ length: 60 }, (_, i) => ({ isOutlier: i % 5 === 0, confidence: i % 3 === 0 ? 0.4 : 0.9 }))
    for (const [i, kind] of kinds.entries()) sampler.offer(subject, request(`r${i}`, [floats(i)], kind))
    const samples = bodies(sampler)
    const of = (reason: string) => {
      const some = samples.filter((sample) => sample.reason === reason)
      return [some.length, Math.round(some.reduce((sum, { weight }) => sum + weight, 0))]
    }
    expect([of('outlier'), of('low-confidence'), of('random')]).toEqual([
      [2, 12],
      [3, 16],
      [4, 32],
    ])
    expect(
      samples.every(({ reason, confidence }) => reason === 'outlier' || confidence === (reason === 'low-confidence' ? 0.4 : 0.9)),
    ).toBe(true)
  })

  test('a stratum of which nothing is asked for falls to the random ones, and what is not asked for at all is not kept', () => {
    const taken = (rates: Partial<SampleRates>) => {
      const sampler = samplerOf(seeded(1), rates)
      sampler.offer(subject, request('o', [floats(1)], { isOutlier: true, confidence: 0.1 }))
      sampler.offer(subject, request('u', [floats(1)], { confidence: 0.1 }))
      sampler.offer(subject, request('s', [floats(1)], { confidence: 0.9 }))
      return bodies(sampler).map(({ id, reason, weight }) => [id, reason, weight])
    }
    expect(taken({ random: 9 })).toEqual(['o', 'u', 's'].map((id) => [id, 'random', 1]))
    expect(taken({ lowConfidence: 9 })).toEqual(['o', 'u'].map((id) => [id, 'low-confidence', 1]))
    expect(taken({ outlier: 9 })).toEqual([['o', 'outlier', 1]])
    expect(taken({ outlier: 9, random: 9 })).toEqual([
      ['o', 'outlier', 1],
      ['u', 'random', 1],
      ['s', 'random', 1],
    ])
  })

  test('a rate of 0 keeps nothing', () => {
    const sampler = samplerOf(seeded(1), {})
    expect(sampler.offer(subject, request('a'))).toBe(true)
    expect(sampler.take()).toEqual([])
  })
})
