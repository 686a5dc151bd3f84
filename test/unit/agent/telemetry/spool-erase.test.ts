import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { UnspooledRecord } from '../../../../agent/runtime/messages.ts'
import { openEraser } from '../../../../agent/telemetry/eraser.ts'
import { CARRY_OUT } from '../../../../agent/usb/receipt.ts'
import { runtimeConfig } from '../../../../shared/protocol/assignment.ts'
import { batchNameOf } from '../../../../shared/protocol/carry.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'
import { eventRecord, sampleRecord, testSpool } from '../../../harness/spool.ts'

const ANNA = 'a'.repeat(32)
const BERT = 'b'.repeat(32)
const subject = { deployment: 'digits', digest: 'd'.repeat(64), model: 'digits', version: '1.0.0' }

const about = (id: string, subjects: (string | null)[]): UnspooledRecord => {
  const record = sampleRecord(`sample-of-${id}`)
  return { ...record, body: { ...(record.body as object), subjects } }
}
const label = (id: string, whom?: string) => ({
  ...{ id, row: 0, predictedAt: 1, predicted: '3', actual: '4', confidence: null },
  ...(whom === undefined ? {} : { subject: whom }),
})
const labels = (...items: ReturnType<typeof label>[]): UnspooledRecord => ({ kind: 'labels', measuredAt: 1, body: { ...subject, items } })

function opened() {
  const directory = temporaryDirectory()
  const file = join(directory, 'spool.db')
  const spool = testSpool(file)
  onTestFinished(() => spool.close())
  const bytes = (): string => [file, `${file}-wal`].map((name) => (existsSync(name) ? readFileSync(name, 'latin1') : '')).join('')
  return { directory, file, spool, bytes }
}

test('case 55: a subject leaves the spool and its log, what others have in the same record stays, and every number is accounted for', () => {
  const { spool, bytes } = opened()
  spool.append([about('anna', [ANNA]), about('both', [BERT, ANNA]), about('bert', [BERT, null]), eventRecord('kept')])
  spool.append([labels(label('label-of-anna', ANNA), label('label-of-bert', BERT)), labels(label('only-anna', ANNA))])
  expect(spool.erase([ANNA])).toBe(4)
  for (const gone of ['sample-of-anna', 'sample-of-both', 'label-of-anna', 'only-anna']) expect(bytes()).not.toContain(gone)
  const { records, from, through } = spool.batch(0)!
  const seen = new Set(records.map(({ seq }) => seq))
  for (const record of records) {
    if (record.kind !== 'drop') continue
    const drop = record['body'] as { from: number; through: number; reason: string }
    expect(drop.reason).toBe('erased')
    for (let seq = drop.from; seq <= drop.through; seq += 1) seen.add(seq)
  }
  expect(Array.from({ length: through - from + 1 }, (_, i) => from + i).filter((seq) => !seen.has(seq))).toEqual([])
  expect(JSON.stringify(records)).toContain('sample-of-bert')
  expect(JSON.stringify(records)).toContain('label-of-bert')
})

test('what is written about an erased subject later goes no further, also after a start', () => {
  const { file, spool } = opened()
  spool.erase([ANNA])
  spool.append([about('anna', [ANNA]), labels(label('a', ANNA), label('b'))])
  expect(spool.batch(0)!.records).toMatchObject([{ kind: 'labels', body: { items: [{ id: 'b' }] } }])
  spool.close()
  const again = testSpool(file)
  onTestFinished(() => again.close())
  again.append([about('anna', [ANNA])])
  expect(again.batch(0)!.records).toHaveLength(1)
  expect([...again.erased]).toEqual([ANNA])
})

test('an order erases once, says what it did, and takes damaged spools with it', () => {
  const { directory, file, spool } = opened()
  const damaged = `${file}.damaged-2026`
  writeFileSync(damaged, 'nobody knows who is in it')
  let told = 0
  const eraser = openEraser({ directory, spool, onErased: () => void (told += 1), log: () => undefined })
  eraser.ordered(runtimeConfig.parse({}))
  expect([eraser.erased(), existsSync(damaged)]).toEqual([[], true])
  const order = runtimeConfig.parse({ privacy: { salt: 's', erase: [ANNA] } })
  eraser.ordered(order)
  eraser.ordered(order)
  expect([eraser.erased(), existsSync(damaged), told]).toEqual([[ANNA], false, 1])
  // It was confirmed: the next order does not name it any more.
  eraser.ordered(runtimeConfig.parse({ privacy: { salt: 's' } }))
  expect(eraser.erased()).toEqual([])
})

test('case 55: what was written for a stick goes with the order: it is a copy of the spool', () => {
  const { directory, spool } = opened()
  spool.append([about('anna', [ANNA]), about('bert', [BERT])])
  mkdirSync(join(directory, CARRY_OUT))
  const batch = join(directory, CARRY_OUT, batchNameOf(1))
  writeFileSync(batch, JSON.stringify(spool.batch(spool.acked)))
  expect(readFileSync(batch, 'utf8')).toContain('sample-of-anna')
  const eraser = openEraser({ directory, spool, onErased: () => undefined, log: () => undefined })
  eraser.ordered(runtimeConfig.parse({ privacy: { salt: 's', erase: [ANNA] } }))
  expect([eraser.erased(), existsSync(batch)]).toEqual([[ANNA], false])
  // What others have in it waits in the spool, and goes with the next stick.
  expect(JSON.stringify(spool.batch(spool.acked))).toContain('sample-of-bert')
})
