import { describe, expect, test } from 'vitest'
import { agreementOf } from '../../../../../electron/core/labelling/agreement.ts'
import { exportLabels } from '../../../../../electron/core/labelling/export-labels.ts'
import { importLabels } from '../../../../../electron/core/labelling/import-labels.ts'
import { progressOf } from '../../../../../electron/core/labelling/progress.ts'
import { queueOf } from '../../../../../electron/core/labelling/queue.ts'
import { labelRow, settleRow, skipRow, undoLast } from '../../../../../electron/core/labelling/votes.ts'
import { wilsonInterval } from '../../../../../shared/stats/proportion-interval.ts'
import { Problem } from '../../../../../shared/domain/problem.ts'
import { DIGEST, openTestDesk, type TestDesk } from '../../../../harness/labelling-desk.ts'

const all = { devices: null }

function queue({ desk }: TestDesk, by = 'ann', include: 'open' | 'disputed' | 'labelled' | 'skipped' = 'open') {
  return queueOf(desk.context, { scope: all, reason: undefined, include, by, limit: 100 })
}
const tasksOf = (made: TestDesk, by?: string): string[] => queue(made, by).tasks.map(({ task }) => task)
const codeOf = (work: () => unknown): string => {
  try {
    work()
    return 'done'
  } catch (error) {
    return error instanceof Problem ? error.code : String(error)
  }
}

describe('the queue of the labelling desk', () => {
  test('disagreements come first, then what the model was unsure of or never taught, then random rows', () => {
    const made = openTestDesk()
    made.put({ id: 'random', weight: 100, confidence: 0.95 })
    made.put({ id: 'outlier', reason: 'outlier', weight: 1, confidence: 0.9 })
    made.put({ id: 'unsure', reason: 'low-confidence', weight: 2, confidence: 0.4 })
    made.put({ id: 'two', reason: 'disagreement', other: { digest: 'b'.repeat(64), version: '2.0.0', outcomes: ['barbera'] } })
    const { tasks } = queue(made)
    expect(tasks.map(({ prediction, reason }) => [prediction, reason])).toEqual([
      ['two', 'disagreement'],
      ['outlier', 'outlier'],
      ['unsure', 'low-confidence'],
      ['random', 'random'],
    ])
    expect(tasks[0]).toMatchObject({
      why: '1.0.0 says barolo, 2.0.0 says barbera: a label tells which is right.',
      labels: ['barolo', 'grignolino', 'barbera'],
    })
    expect(tasks.every(({ information }, i) => i === 0 || information <= tasks[i - 1]!.information)).toBe(true)
  })

  test('a row that two samples hold comes once, and is of its stratum', () => {
    const made = openTestDesk()
    made.put({ id: 'p', weight: 5 })
    made.put({ id: 'p', reason: 'disagreement', other: { digest: 'b'.repeat(64), version: '2.0.0', outcomes: ['barbera'] } })
    expect(queue(made).tasks.map(({ task, reason, other }) => [task, reason, other?.outcome])).toEqual([
      ['cam-1/p/0', 'disagreement', 'barbera'],
    ])
    labelRow(made.desk.context, { task: 'cam-1/p/0', by: 'ann', label: 'barolo' })
    expect(made.store.desk.find({ device: 'cam-1', prediction: 'p', row: 0 })).toMatchObject({
      reason: 'random',
      weight: 5,
      actual: 'barolo',
    })
  })

  test('labelled, skipped and fed-back rows are not asked again; new samples are', () => {
    const made = openTestDesk()
    for (const id of ['a', 'b', 'c', 'd']) made.put({ id })
    made.feedback.add('cam-1/d/0')
    labelRow(made.desk.context, { task: 'cam-1/a/0', by: 'ann', label: 'barolo' })
    skipRow(made.desk.context, { task: 'cam-1/b/0', by: 'ann' })
    expect(tasksOf(made)).toEqual(['cam-1/c/0'])
    expect(tasksOf(made, 'bob').sort()).toEqual(['cam-1/b/0', 'cam-1/c/0'])
    made.put({ id: 'e' })
    expect(tasksOf(made).sort()).toEqual(['cam-1/c/0', 'cam-1/e/0'])
    expect(codeOf(() => labelRow(made.desk.context, { task: 'cam-1/d/0', by: 'ann', label: 'barolo' }))).toBe('labelling.feedback-counts')
  })

  test('a row whose sample was taken away is gone from the queue; one that was begun can be finished', () => {
    const made = openTestDesk()
    made.desk.set({ labellersNeeded: 2 })
    for (const id of ['a', 'b']) made.put({ id })
    labelRow(made.desk.context, { task: 'cam-1/a/0', by: 'ann', label: 'barolo' })
    made.telemetry.exec('DELETE FROM sample')
    expect(tasksOf(made, 'bob')).toEqual(['cam-1/a/0'])
    expect(queue(made, 'bob').tasks[0]!.fields).toHaveLength(13)
    labelRow(made.desk.context, { task: 'cam-1/a/0', by: 'bob', label: 'barolo' })
    expect(queue(made, 'bob', 'labelled').tasks.map(({ settled }) => settled)).toEqual(['barolo'])
    expect(codeOf(() => labelRow(made.desk.context, { task: 'cam-1/b/0', by: 'bob', label: 'barolo' }))).toBe('labelling.not-found')
    made.put({ id: 'n' })
    expect(tasksOf(made, 'bob')).toEqual(['cam-1/n/0'])
  })

  test('samples of a bundle that the registry does not know can be labelled', () => {
    const made = openTestDesk({ manifest: null })
    made.put({ id: 'a' })
    expect(queue(made).tasks[0]).toMatchObject({ task: 'cam-1/a/0', predicted: null, labels: [], kind: 'table' })
    expect(labelRow(made.desk.context, { task: 'cam-1/a/0', by: 'ann', label: 'anything' })).toBe('anything')
    expect(progressOf(made.desk.context, all)).toMatchObject({ labelled: 1, accuracy: null, weighted: null })
  })
})

describe('votes', () => {
  test('several labellers settle, dispute and decide a row', () => {
    const made = openTestDesk()
    const { context } = made.desk
    made.desk.set({ labellersNeeded: 2 })
    made.put({ id: 'a' })
    const task = 'cam-1/a/0'
    expect(labelRow(context, { task, by: 'ann', label: 'barolo' })).toBeNull()
    expect(queue(made, 'bob').tasks[0]).toMatchObject({ task, why: 'Somebody has labelled it; one label more may settle it.' })
    expect(labelRow(context, { task, by: 'bob', label: 'barbera' })).toBeNull()
    expect(progressOf(context, all)).toMatchObject({ labelled: 0, disputed: 1 })
    expect(queue(made, 'eve', 'disputed').tasks.map((one) => one.task)).toEqual([task])
    expect(settleRow(context, { task, by: 'eve', label: 'barbera' })).toBe('barbera')
    expect(progressOf(context, all)).toMatchObject({ labelled: 1, disputed: 0 })
    expect(agreementOf(context, all)).toEqual({
      rows: 1,
      agreement: 0,
      kappa: -1,
      pairs: [{ a: 'ann', b: 'bob', rows: 1, agreement: 0, kappa: 0 }],
      labellers: [
        { by: 'ann', labels: 1, skipped: 0, agreement: 0 },
        { by: 'bob', labels: 1, skipped: 0, agreement: 1 },
      ],
    })
  })

  test('undo takes back step by step, each person their own', () => {
    const made = openTestDesk()
    const { context } = made.desk
    for (const id of ['a', 'b']) made.put({ id })
    labelRow(context, { task: 'cam-1/a/0', by: 'ann', label: 'barolo' })
    labelRow(context, { task: 'cam-1/a/0', by: 'ann', label: 'barbera' })
    skipRow(context, { task: 'cam-1/b/0', by: 'ann' })
    labelRow(context, { task: 'cam-1/b/0', by: 'bob', label: 'barolo' })
    const undo = (by: string) => undoLast(context, { by, scope: all })
    expect(undo('ann')).toEqual({ task: 'cam-1/b/0', was: null })
    expect(undo('ann')).toEqual({ task: 'cam-1/a/0', was: 'barbera' })
    expect(made.store.desk.find({ device: 'cam-1', prediction: 'a', row: 0 })).toMatchObject({ state: 'settled', actual: 'barolo' })
    expect(undo('ann')).toEqual({ task: 'cam-1/a/0', was: 'barolo' })
    expect(undo('ann')).toBeNull()
    expect(made.store.desk.find({ device: 'cam-1', prediction: 'a', row: 0 })).toBeNull()
    expect(made.store.desk.find({ device: 'cam-1', prediction: 'b', row: 0 })).toMatchObject({ state: 'settled' })
    expect(tasksOf(made)).toEqual(['cam-1/a/0'])
  })

  test('a decision that is taken back leaves the dispute', () => {
    const made = openTestDesk()
    const { context } = made.desk
    made.desk.set({ labellersNeeded: 2 })
    made.put({ id: 'a' })
    const task = 'cam-1/a/0'
    labelRow(context, { task, by: 'ann', label: 'barolo' })
    labelRow(context, { task, by: 'bob', label: 'barbera' })
    settleRow(context, { task, by: 'eve', label: 'barolo' })
    expect(undoLast(context, { by: 'eve', scope: all })).toEqual({ task, was: 'barolo' })
    expect(made.store.desk.find({ device: 'cam-1', prediction: 'a', row: 0 })!.state).toBe('disputed')
  })

  test('another number of labellers makes the states anew', () => {
    const made = openTestDesk()
    made.put({ id: 'a' })
    labelRow(made.desk.context, { task: 'cam-1/a/0', by: 'ann', label: 'barolo' })
    made.desk.set({ labellersNeeded: 2 })
    expect(progressOf(made.desk.context, all)).toMatchObject({ labelled: 0, open: 1 })
    made.desk.set({ labellersNeeded: 1 })
    expect(progressOf(made.desk.context, all)).toMatchObject({ labelled: 1, open: 0 })
  })

  test('labels are read as everywhere: by name, by position, never an unknown one', () => {
    const made = openTestDesk()
    for (const id of ['a', 'b']) made.put({ id })
    expect(labelRow(made.desk.context, { task: 'cam-1/a/0', by: 'ann', label: 1 })).toBe('grignolino')
    expect(codeOf(() => labelRow(made.desk.context, { task: 'cam-1/b/0', by: 'ann', label: 'merlot' }))).toBe('feedback.bad-label')
    expect(made.store.desk.find({ device: 'cam-1', prediction: 'b', row: 0 })).toBeNull()
  })
})

describe('what labels say', () => {
  test('the accuracy of the labelled rows and its interval are those of the counts', () => {
    const made = openTestDesk()
    for (let i = 0; i < 20; i += 1) made.put({ id: `p${i}`, weight: 3 })
    expect(progressOf(made.desk.context, all)).toMatchObject({
      accuracy: null,
      weighted: null,
      weightedMissing: 'No sampled row has a label yet.',
    })
    for (let i = 0; i < 20; i += 1) labelRow(made.desk.context, { task: `cam-1/p${i}/0`, by: 'ann', label: i < 17 ? 'barolo' : 'barbera' })
    const { accuracy, weighted, open, labelled } = progressOf(made.desk.context, all)
    expect({ open, labelled, accuracy }).toEqual({ open: 0, labelled: 20, accuracy: { value: 0.85, rows: 20, ...wilsonInterval(17, 20)! } })
    expect(weighted).toMatchObject({ value: 0.85 })
    expect(weighted!.effectiveRows).toBeCloseTo(20, 9)
  })

  test('the weighted share stands for all requests, also while the hard rows are labelled first', () => {
    const made = openTestDesk()
    // 900 requests of which the model gets all right, 100 of low confidence of which it gets half.
    for (let i = 0; i < 10; i += 1) made.put({ id: `sure${i}`, weight: 90, confidence: 0.95 })
    for (let i = 0; i < 50; i += 1) made.put({ id: `low${i}`, weight: 2, confidence: 0.4, reason: 'low-confidence' })
    for (let i = 0; i < 50; i += 1)
      labelRow(made.desk.context, { task: `cam-1/low${i}/0`, by: 'ann', label: i % 2 === 0 ? 'barolo' : 'barbera' })
    const before = progressOf(made.desk.context, all)
    expect(before.accuracy!.value).toBe(0.5)
    expect(before.weighted).toBeNull()
    expect(before.weightedMissing).toBe('No label yet among the random samples (90 % of the requests).')
    for (let i = 0; i < 4; i += 1) labelRow(made.desk.context, { task: `cam-1/sure${i}/0`, by: 'ann', label: 'barolo' })
    expect(progressOf(made.desk.context, all).weighted!.value).toBeCloseTo(0.95, 12)
  })

  test('quality goes by time and version, without rows that feedback knows, and disagreements weigh nothing', () => {
    const made = openTestDesk()
    made.put({ id: 'a', predictedAt: 1000 })
    made.put({ id: 'b', predictedAt: 61_000 })
    made.put({ id: 'c', predictedAt: 62_000 })
    made.put({
      id: 'x',
      predictedAt: 63_000,
      reason: 'disagreement',
      weight: 9,
      other: { digest: 'b'.repeat(64), version: '2.0.0', outcomes: ['barbera'] },
    })
    for (const id of ['a', 'b', 'c', 'x'])
      labelRow(made.desk.context, { task: `cam-1/${id}/0`, by: 'ann', label: id === 'x' ? 'barbera' : 'barolo' })
    made.feedback.add('cam-1/c/0')
    const parts = made.desk.quality({ devices: null, digests: [DIGEST], from: 0, through: 120_000 }, { bucketMs: 60_000, by: 'version' })
    expect(parts.map(({ key, state }) => [key.bucket, key.deployment, key.digest, state.rows, state.right, state.weighted.rows])).toEqual([
      [0, 'quality', DIGEST, 1, 1, 1],
      [60_000, 'quality', DIGEST, 2, 1, 1],
    ])
    expect(made.desk.quality({ devices: ['other'], from: 0, through: 120_000 }, { bucketMs: null, by: 'all' })).toEqual([])
  })
})

describe('labels of files and programs', () => {
  test('are taken by prediction, also by the id that a client chose; what cannot be taken is told', () => {
    const made = openTestDesk()
    made.put({ id: 'a' })
    made.put({ id: 'mine~0123abcd' })
    made.put({ id: 'twice', device: 'cam-1' })
    made.put({ id: 'twice', device: 'cam-2' })
    made.put({ id: 'known' })
    made.feedback.add('cam-1/known/0')
    const labels = [
      { prediction: 'a', row: 0, label: 'barolo' },
      { prediction: 'mine', row: 0, label: 'barbera' },
      { prediction: 'twice', row: 0, label: 'barolo' },
      { prediction: 'twice', row: 0, label: 'barolo', device: 'cam-2' },
      { prediction: 'known', row: 0, label: 'barolo' },
      { prediction: 'a', row: 3, label: 'barolo' },
      { prediction: 'a', row: 0, label: 'merlot' },
    ]
    const first = importLabels(made.desk.context, { labels, by: 'team' })
    expect({ taken: first.taken, unchanged: first.unchanged, total: first.refusedTotal }).toEqual({ taken: 3, unchanged: 0, total: 4 })
    expect(first.refused.map(({ index, code }) => [index, code])).toEqual([
      [2, 'input.invalid'],
      [4, 'labelling.feedback-counts'],
      [5, 'labelling.not-found'],
      [6, 'feedback.bad-label'],
    ])
    const again = importLabels(made.desk.context, { labels: labels.slice(0, 2), by: 'team' })
    expect(again).toEqual({ taken: 0, unchanged: 2, refused: [], refusedTotal: 0 })
    expect(undoLast(made.desk.context, { by: 'team', scope: all })).toBeNull()
  })

  test('an import finds samples that are older than those which the desk looks at', () => {
    const made = openTestDesk()
    made.put({ id: 'old' })
    expect(tasksOf(made)).toEqual(['cam-1/old/0'])
    // What the desk has in memory is bounded; the store is not.
    made.telemetry.exec("UPDATE sample SET prediction = 'older', body = json_set(body, '$.id', 'older')")
    const made2 = importLabels(made.desk.context, { labels: [{ prediction: 'older', row: 0, label: 'barolo' }], by: 'team' })
    expect(made2.taken).toBe(1)
  })

  test('an export holds the labels with their inputs, page by page', () => {
    const made = openTestDesk()
    for (const id of ['a', 'b', 'c']) {
      made.put({ id, values: Array.from({ length: 13 }, (_, i) => (i === 1 ? null : i)), masked: { f1: 'drop' } })
      labelRow(made.desk.context, { task: `cam-1/${id}/0`, by: 'ann', label: 'barolo' })
    }
    const first = exportLabels(made.desk.context, { scope: all, after: undefined, limit: 2 })
    const second = exportLabels(made.desk.context, { scope: all, after: first.next!, limit: 2 })
    expect([first.rows.length, second.rows.length, second.next]).toEqual([2, 1, null])
    expect(second.columns).toEqual(first.columns)
    const row = Object.fromEntries(first.columns.map((name, i) => [name, first.rows[0]![i]]))
    expect(row).toMatchObject({
      device: 'cam-1',
      prediction: 'a',
      row: 0,
      predicted: 'barolo',
      label: 'barolo',
      source: 'desk',
      f0: 0,
      f1: null,
      f2: 2,
    })
  })
})
