import { expect, it } from 'vitest'
import { liveThrough, type HistoryCounts } from './random-history.ts'

const histories = process.env['MUSTER_FULL'] === '1' ? 1000 : 300

it(`over ${histories} random histories the rules hold at every step`, () => {
  const seen: HistoryCounts = {}
  for (let seed = 1; seed <= histories; seed++) {
    try {
      liveThrough(seed, seen)
    } catch (error) {
      throw new Error(`history ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
    }
  }
  console.log(`${histories} histories: ${JSON.stringify(Object.fromEntries(Object.entries(seen).sort(([a], [b]) => (a < b ? -1 : 1))))}`)
  // A history in which nothing happens shows nothing.
  const kinds = ['complete', 'revert', 'stop', 'pause', 'reopen', 'fall-back', 'lose', 'find', 'retry', 'activate', 'supersede', 'join']
  expect(kinds.filter((kind) => seen[kind] === undefined)).toEqual([])
}, 600_000)
