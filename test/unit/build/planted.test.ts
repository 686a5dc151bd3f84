import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readPlantedBugs, withEdit } from '../../../build/planted/planted-bug.ts'

const bugs = await readPlantedBugs('.')

describe('planted bugs', () => {
  // Whether their detectors turn red is for the night: `npm run test:planted`. That they can still be planted is for every change.
  test.each(bugs)('$name can be planted in the code as it is, and its detector is there', ({ edits, detector }) => {
    for (const edit of edits) {
      const text = readFileSync(edit.file, 'utf8')
      expect(withEdit(text, edit)).not.toBe(text)
    }
    expect(existsSync(detector.file)).toBe(true)
  })

  test('have titles of their own', () => {
    expect(bugs.length).toBeGreaterThanOrEqual(12)
    expect(new Set(bugs.map(({ title }) => title)).size).toBe(bugs.length)
  })

  test('are not planted where the code has moved on, or in one of two places', () => {
    const edit = { file: 'x.ts', find: 'if (a)', put: 'if ($&)' }
    expect(withEdit('so: if (a) b', edit)).toBe('so: if ($&) b')
    expect(() => withEdit('if (c) b', edit)).toThrow('x.ts has 0 places that read: if (a)')
    expect(() => withEdit('if (a) b; if (a) c', edit)).toThrow('x.ts has 2 places')
  })
})
