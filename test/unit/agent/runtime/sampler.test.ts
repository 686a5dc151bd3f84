import { describe, expect, test } from 'vitest'
import { MAX_SAMPLE_BYTES, Sampler } from '../../../../agent/runtime/sampler.ts'
import type { Subject } from '../../../../agent/runtime/window.ts'
import { sampleBody } from '../../../../shared/protocol/telemetry.ts'
import type { Tensor } from '../../../../shared/inference/tensor.ts'

const subject: Subject = { deployment: 'reader', digest: 'a'.repeat(64), model: 'digits', version: '1.1.0' }
const floats = (...values: number[]): Tensor => ({
  name: 'x',
  datatype: 'FP32',
  shape: [1, values.length],
  data: Float32Array.from(values),
})
const texts = (...values: string[]): Tensor => ({ name: 't', datatype: 'BYTES', shape: [values.length], data: values })
const request = (id: string, inputs: Tensor[] = [floats(1)]) => ({ id, predictedAt: 1000, inputs, outputs: [floats(2)] })

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
      const sampler = new Sampler(random, 3)
      for (let i = 0; i < 10; i += 1) sampler.offer(subject, request(`r${i}`))
      const samples = bodies(sampler)
      expect(samples.reduce((sum, sample) => sum + sample.weight, 0)).toBeCloseTo(10)
      for (const sample of samples) kept.set(sample.id, (kept.get(sample.id) ?? 0) + 1)
    }
    // Binomial(4000, 0.3): five standard deviations are 145.
    for (let i = 0; i < 10; i += 1) expect(Math.abs((kept.get(`r${i}`) ?? 0) - rounds * 0.3)).toBeLessThan(145)
  })

  test('fewer requests than places are all kept, with weight 1; a window begins anew', () => {
    const sampler = new Sampler(seeded(1), 5)
    sampler.offer(subject, request('a', [floats(Number.NaN, Number.POSITIVE_INFINITY, 0.5)]))
    expect(bodies(sampler)).toEqual([
      {
        ...subject,
        id: 'a',
        predictedAt: 1000,
        weight: 1,
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
      const sampler = new Sampler(seeded(1), 1)
      const wasTaken = sampler.offer(subject, request('a', inputs))
      const sizes = sampler.take().map((sample) => JSON.stringify(sample.body).length <= MAX_SAMPLE_BYTES)
      expect([name, wasTaken, sizes]).toEqual([name, isTaken, isTaken ? [true] : []])
    }
  })

  test('a rate of 0 keeps nothing', () => {
    const sampler = new Sampler(seeded(1), 0)
    expect(sampler.offer(subject, request('a'))).toBe(true)
    expect(sampler.take()).toEqual([])
  })
})
