import { describe, expect, test } from 'vitest'
import { everythingSelected, extended, isSelected, nothingSelected, toggled } from '../../../../renderer/components/grid/column.ts'
import { idQuery, selectedCount, selectionBatches, selectionQuery } from '../../../../renderer/screens/devices/selection-query.ts'
import { parseQuery } from '../../../../shared/domain/query/query.ts'
import { matches } from '../../../../shared/domain/query/match.ts'

const labels = new Set(['site'])
const selects = (query: string, device: string, site = 'lyon'): boolean =>
  matches(parseQuery(query, labels), { device, status: 'online', health: 'ok', labels: { site }, facts: null, active: [] })

const some = (...keys: string[]) => ({ ...nothingSelected, keys: new Set(keys) })
const allBut = (...keys: string[]) => ({ ...everythingSelected, except: new Set(keys) })

describe('a selection as a query', () => {
  test('single devices select exactly these', () => {
    const query = selectionQuery(some('cam-1', 'cam-2', 'and'), 'site = lyon')!
    expect(['cam-1', 'cam-2', 'and', 'cam-3'].map((id) => selects(query, id))).toEqual([true, true, true, false])
  })

  test('everything is the query of the list', () => {
    expect(selectionQuery(allBut(), 'site = lyon')).toBe('site = lyon')
    expect(selectionQuery(allBut(), '')).toBe('')
  })

  test.each(['', 'site = lyon', 'site = oslo or site = lyon'])('everything but some, of the list "%s"', (list) => {
    const query = selectionQuery(allBut('cam-1', 'cam-2'), list)!
    expect(['cam-1', 'cam-2', 'cam-3'].map((id) => selects(query, id))).toEqual([false, false, true])
    if (list !== '') expect(selects(query, 'cam-3', 'bergen')).toBe(false)
    expect(selects(selectionQuery(allBut('cam-1'), list)!, 'cam-1')).toBe(false)
  })

  test('too many single devices are no query, but batches that name each of them once', () => {
    const ids = Array.from({ length: 1000 }, (_, i) => `camera-in-hall-${String(i).padStart(4, '0')}`)
    expect(selectionQuery(some(...ids), '')).toBeNull()
    const batches = selectionBatches(some(...ids), '', 5000)
    expect(batches.every(({ query }) => query.length <= 4000)).toBe(true)
    expect(batches.reduce((sum, { devices }) => sum + devices, 0)).toBe(1000)
    const named = batches.flatMap(({ query }) => [...query.matchAll(/camera-in-hall-\d{4}/g)].map(([id]) => id))
    expect(named).toEqual(ids)
    expect(batches.map(({ query }) => selects(query, ids[0]!))).toEqual(batches.map((_, i) => i === 0))
  })

  test('one batch for everything, with how many that is', () => {
    expect(selectionBatches(allBut('cam-1'), 'site = lyon', 10)).toEqual([{ query: '(site = lyon) and not id = cam-1', devices: 9 }])
  })

  test('counts', () => {
    expect([selectedCount(some('a', 'b'), 10), selectedCount(allBut(), 10), selectedCount(allBut('a'), 10)]).toEqual([2, 10, 9])
    expect(idQuery(['cam-1'])).toBe('id = cam-1')
  })
})

describe('taking rows in and out', () => {
  test('of a few, and of everything', () => {
    const one = toggled(nothingSelected, 'a')
    expect([isSelected(one, 'a'), isSelected(one, 'b'), isSelected(toggled(one, 'a'), 'a')]).toEqual([true, false, false])
    const most = toggled(everythingSelected, 'a')
    expect([isSelected(most, 'a'), isSelected(most, 'b'), isSelected(toggled(most, 'a'), 'a')]).toEqual([false, true, true])
    expect(isSelected(extended(most, ['a']), 'a')).toBe(true)
    expect(isSelected(extended(one, ['b']), 'b')).toBe(true)
  })
})
