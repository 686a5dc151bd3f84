import { describe, expect, test } from 'vitest'
import { fileIn, folderOf, placeProblem } from '../../../../renderer/screens/models/version/export-place.ts'

describe('the place of an export', () => {
  test('is the usual name in the folder of the last one, by the separator of its system', () => {
    const version = { model: 'wine', version: '2.0.0' }
    expect(fileIn('/srv/exports', version)).toBe('/srv/exports/wine-2.0.0.muster')
    expect(fileIn(String.raw`C:\exports`, version)).toBe(String.raw`C:\exports\wine-2.0.0.muster`)
    expect([folderOf(' /srv/exports/wine.muster '), folderOf(String.raw`C:\exports\wine.muster`), folderOf('wine.muster')]).toEqual([
      ...['/srv/exports', String.raw`C:\exports`, ''],
    ])
    // The root itself: the separator stands between folder and name all the same.
    expect(fileIn(folderOf('/wine.muster'), version)).toBe('/wine-2.0.0.muster')
  })

  test('is a whole path of a .muster file', () => {
    expect(placeProblem('')).toBe('Name the file.')
    expect(placeProblem('wine.muster')).toMatch(/whole path/)
    expect(placeProblem('/srv/wine.txt')).toMatch(/must end in \.muster/)
    expect([
      placeProblem(' /srv/wine.muster '),
      placeProblem(String.raw`D:\wine.muster`),
      placeProblem(String.raw`\\host\share\w.muster`),
    ]).toEqual([...[null, null, null]])
  })
})
