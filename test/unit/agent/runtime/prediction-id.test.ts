import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ClientIds, MAX_CLIENT_IDS } from '../../../../agent/runtime/client-ids.ts'
import { KeyedMac } from '../../../../agent/runtime/keyed-mac.ts'
import { PredictionIds, readPredictionId, recordId, subjectTag } from '../../../../agent/runtime/prediction-id.ts'
import type { RowOutcome } from '../../../../shared/inference/outcome.ts'

const key = 'a key'
const tag = subjectTag('reader', 'a'.repeat(64))
const digit = (index: number, confidence: number | null): RowOutcome => ({ kind: 'class', index, label: String(index), confidence })
const make = (outcomes: RowOutcome[], rows = outcomes.length): string =>
  new PredictionIds(key, 7).make(tag, { predictedAt: 1_790_000_000_123, rows, outcomes })

describe('prediction ids', () => {
  test('one row is 47 characters, safe in a path, a query and a file name', () => {
    const id = make([digit(7, 0.75)])
    expect(id).toMatch(/^[A-Za-z0-9_-]{47}$/)
    expect(readPredictionId(key, id)).toEqual({
      tag,
      prediction: {
        predictedAt: 1_790_000_000_123,
        rows: 1,
        outcomes: [{ kind: 'class', index: 7, text: null, confidence: 49_151 / 65_535 }],
      },
    })
  })

  test('what goes in comes out', () => {
    const outcome = fc.oneof(
      fc
        .record({ index: fc.nat(100_000), confidence: fc.option(fc.double({ min: 0, max: 1, noNaN: true })) })
        .map(({ index, confidence }) => digit(index, confidence)),
      fc.string({ maxLength: 20, unit: 'binary' }).map((label): RowOutcome => ({ kind: 'class', index: -1, label, confidence: null })),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value): RowOutcome => ({ kind: 'value', value })),
    )
    fc.assert(
      fc.property(fc.array(outcome, { maxLength: 12 }), fc.nat(2 ** 31), (outcomes, rows) => {
        const { prediction } = readPredictionId(key, make(outcomes, rows))!
        expect(prediction.rows).toBe(rows)
        expect(prediction.outcomes.length).toBe(outcomes.length)
        for (const [row, carried] of prediction.outcomes.entries()) {
          const given = outcomes[row]!
          if (given.kind === 'value') expect(carried).toEqual(given)
          else {
            expect(carried).toMatchObject({
              kind: 'class',
              index: given.index,
              text: given.index < 0 ? Buffer.from(given.label).toString() : null,
            })
            if (carried.kind === 'class' && given.confidence !== null)
              expect(Math.abs(carried.confidence! - given.confidence)).toBeLessThanOrEqual(0.5 / 65_535 + 1e-12)
          }
        }
      }),
    )
  })

  test('the first 64 rows are carried, fewer if their texts are long', () => {
    expect(readPredictionId(key, make(Array.from({ length: 200 }, () => digit(3, 0.5))))!.prediction).toMatchObject({
      rows: 200,
      outcomes: { length: 64 },
    })
    const long = Array.from({ length: 20 }, (): RowOutcome => ({ kind: 'class', index: -1, label: 'é'.repeat(100), confidence: null }))
    expect(readPredictionId(key, make(long))!.prediction).toMatchObject({ rows: 20, outcomes: { length: 7 } })
  })

  test('nothing but an id made with the key is read', () => {
    const id = make([digit(7, 0.75)])
    for (let i = 0; i < id.length; i += 1) {
      const changed = id.slice(0, i) + (id[i] === 'A' ? 'B' : 'A') + id.slice(i + 1)
      const read = readPredictionId(key, changed)
      expect(read, `character ${i}`).toBeNull()
    }
    for (const wrong of ['', 'x', id.slice(0, -4), `${id}AAAA`, `${id}A`, `${id}=`, 'A'.repeat(5000), '💥', id.slice(0, 10)])
      expect(readPredictionId(key, wrong)).toBeNull()
    expect(readPredictionId('another key', id)).toBeNull()
  })

  test('a record carries at most 128 characters of an id', () => {
    expect(recordId('x'.repeat(128), 'x'.repeat(128))).toBe('x'.repeat(128))
    expect(recordId('x'.repeat(129), 'x'.repeat(129))).toMatch(/^sha256-[0-9a-f]{64}$/)
    expect(recordId('x'.repeat(115), 'token')).toMatch(/^x{115}~[0-9a-f]{12}$/)
    expect(recordId('x'.repeat(116), 'token')).toMatch(/^sha256-[0-9a-f]{64}~[0-9a-f]{12}$/)
  })

  test('two predictions under one id of a client are two in the records', () => {
    expect(recordId('order-7', 'token 1')).toBe(recordId('order-7', 'token 1'))
    expect(recordId('order-7', 'token 1')).not.toBe(recordId('order-7', 'token 2'))
  })
})

describe('ids of clients', () => {
  test('the oldest are forgotten beyond the bound, and a reused id stands for its newest prediction', () => {
    const ids = new ClientIds()
    for (let i = 0; i < MAX_CLIENT_IDS; i += 1) ids.add({ deployment: 'reader', id: `r${i}`, token: `t${i}` })
    ids.add({ deployment: 'reader', id: 'r0', token: 'newer' })
    ids.add({ deployment: 'sorter', id: 'r1', token: 'other' })
    expect([ids.find('reader', 'r0'), ids.find('reader', 'r1'), ids.find('sorter', 'r1'), ids.find('reader', 'r2')]).toEqual([
      'newer',
      null,
      'other',
      't2',
    ])
  })

  test('what comes from the generation before is older than what is known here', () => {
    const ids = new ClientIds()
    ids.add({ deployment: 'reader', id: 'a', token: 'here' })
    ids.carryOver([
      { deployment: 'reader', id: 'a', token: 'before' },
      { deployment: 'reader', id: 'b', token: 'before' },
    ])
    expect(ids.all()).toEqual([
      { deployment: 'reader', id: 'b', token: 'before' },
      { deployment: 'reader', id: 'a', token: 'here' },
    ])
  })
})

describe('the code behind an id', () => {
  test('is HMAC-SHA256, whatever the key and the length', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200, unit: 'binary' }), fc.uint8Array({ maxLength: 400 }), (secret, message) => {
        const bytes = Buffer.concat([message, Buffer.alloc(32)])
        new KeyedMac(secret).sign(bytes, message.length, 32)
        const expected = createHmac('sha256', secret).update(message).digest('hex')
        expect(bytes.subarray(message.length).toString('hex')).toBe(expected)
      }),
    )
  })
})
