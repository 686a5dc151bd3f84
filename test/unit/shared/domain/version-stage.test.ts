import { describe, expect, test } from 'vitest'
import { mayAct, nextVersionStage, versionActs, versionStages } from '../../../../shared/domain/version-stage.ts'

describe('stages of a version', () => {
  test('the table has these ways and no other', () => {
    const ways = versionStages.flatMap((from) =>
      versionActs.flatMap((act) => (mayAct(from, act) ? [`${from} ${act} ${nextVersionStage(from, act)}`] : [])),
    )
    expect(ways).toEqual([
      ...['draft evaluate evaluated', 'draft approve approved', 'draft release released', 'draft withdraw withdrawn'],
      ...['evaluated approve approved', 'evaluated release released', 'evaluated withdraw withdrawn'],
      ...['approved release released', 'approved withdraw withdrawn'],
      ...['released approve released', 'released withdraw withdrawn'],
      'withdrawn approve approved',
    ])
  })

  test('a pair that is not there is a bug', () => {
    expect(() => nextVersionStage('withdrawn', 'release')).toThrow("'release' is not allowed in 'withdrawn'")
    for (const from of versionStages)
      for (const act of versionActs) if (!mayAct(from, act)) expect(() => nextVersionStage(from, act)).toThrow('not allowed')
  })
})
