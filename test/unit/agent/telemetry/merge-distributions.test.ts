import Database from 'better-sqlite3'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { mergeDistributions } from '../../../../agent/telemetry/merge-distributions.ts'
import { distributionBody, type DistributionBody } from '../../../../shared/protocol/telemetry.ts'
import { NumericCounter, type NumericReference } from '../../../../shared/stats/reference/numeric-counter.ts'
import {
  addDistribution,
  packDistribution,
  unpackDistribution,
  type Distribution,
} from '../../../../shared/stats/reference/distribution.ts'
import type { MonitoredReferences } from '../../../../shared/stats/reference/monitored.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'
import { allRecords, testSpool } from '../../../harness/spool.ts'

const edges = Array.from({ length: 99 }, (_, i) => i)
const reference = (name: string): NumericReference => ({
  ...{ kind: 'numeric', name, edges, counts: edges.map(() => 10).concat(10), missing: 0, infinite: 0 },
  ...{ min: -1, max: 101, mean: 50, standardDeviation: 30 },
})
const references: MonitoredReferences = { features: ['a', 'b'].map(reference), outcome: null, confidence: reference('confidence') }
const subject = { deployment: 'cellar', digest: 'a'.repeat(64), model: 'wine', version: '1.0.0' }

function window(number: number, names: readonly string[] = ['a', 'b'], more: object = {}, values = 30): DistributionBody {
  const counts = (name: string) => {
    const counter = new NumericCounter(reference(name))
    for (let i = 0; i < values; i += 1) counter.addNumber((i * 17 + number * 5) % 110)
    return counter.counts()
  }
  const counted: Distribution = {
    ...{ rows: 30, outcome: null, confidence: counts('confidence') },
    features: new Map(names.map((name) => [name, counts(name)])),
    estimate: { rows: 30, tp: 20, fp: 10, fn: 0, tn: 0, variance: 5 },
  }
  const span = { startedAt: number * 300_000, endedAt: (number + 1) * 300_000 }
  return distributionBody.parse({ ...subject, ...span, ...packDistribution(counted), every: 1, omitted: 0, ...more })
}

/** The same, but against the references, as the console adds them. */
function sumOf(bodies: readonly DistributionBody[]): Distribution {
  const sum = unpackDistribution(bodies[0]!, references)
  for (const body of bodies.slice(1)) addDistribution(sum, unpackDistribution(body, references))
  return sum
}

describe('distributions of one subject merge', () => {
  it('as the console adds them, also where one has other features', () => {
    for (const [a, b] of [
      [window(0), window(1)],
      [window(0, ['a']), window(2, ['b'])],
    ] as const) {
      const merged = mergeDistributions(a, b)!
      expect(distributionBody.parse(merged)).toEqual(merged)
      expect(unpackDistribution(merged, references)).toEqual(sumOf([a, b]))
      expect([merged.startedAt, merged.endedAt]).toEqual([0, b.endedAt])
    }
  })

  it('and no others: another bundle, other bins, more than a day, or too large for a record', () => {
    const first = window(0)
    expect(mergeDistributions(first, window(1, ['a'], { digest: 'b'.repeat(64) }))).toBeNull()
    expect(mergeDistributions(first, window(300))).toBeNull()
    const other = window(1)
    other.features[0]!.key = '0'.repeat(16)
    expect(mergeDistributions(first, other)).toBeNull()
    const many = (prefix: string) =>
      window(
        0,
        Array.from({ length: 128 }, (_, i) => `${prefix}${'-'.repeat(240)}${i}`),
        {},
        4000,
      )
    expect(mergeDistributions(many('a'), many('a'))).not.toBeNull()
    // 256 features of such names take more than 128 KiB.
    expect(mergeDistributions(many('a'), many('b'))).toBeNull()
  })
})

describe('a full spool', () => {
  it('merges distributions that were never sent before it drops one, and those before it touches windows', () => {
    const file = join(temporaryDirectory(), 'spool.db')
    const spool = testSpool(file, { maxBytes: 30_000 })
    const bodies = Array.from({ length: 60 }, (_, i) => window(i))
    for (const body of bodies) spool.append([{ kind: 'distribution', measuredAt: body.endedAt, body }])
    const kept = allRecords(spool)
      .filter(({ kind }) => kind === 'distribution')
      .map(({ body }) => distributionBody.parse(body))
    expect(kept.length).toBeLessThan(bodies.length)
    expect(sumOf(kept)).toEqual(sumOf(bodies))
    expect(
      allRecords(spool)
        .filter(({ kind }) => kind === 'drop')
        .every(({ body }) => 'mergedInto' in Object(body)),
    ).toBe(true)
    spool.close()
  })

  it('a spool of before gets its place for detectors when it is opened', () => {
    const file = join(temporaryDirectory(), 'spool.db')
    testSpool(file).close()
    const db = new Database(file)
    db.exec('DROP TABLE detector; DROP TABLE erased; PRAGMA user_version = 20')
    db.close()
    const spool = testSpool(file)
    spool.append([], new Map([['a\n1', '{}']]))
    expect(spool.detectors()).toEqual(new Map())
    spool.append([{ kind: 'distribution', measuredAt: 1, body: window(0) }], new Map([['a\n1', '{}']]))
    expect(spool.detectors()).toEqual(new Map([['a\n1', '{}']]))
    spool.close()
  })
})
