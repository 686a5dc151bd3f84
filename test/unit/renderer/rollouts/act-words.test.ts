import { describe, expect, test } from 'vitest'
import { actCommand, actVerbs, actWords, plainChoice } from '../../../../renderer/screens/rollouts/live/act-words.ts'
import { comparisonScene, runningScene, waitingScene } from '../../../harness/rollout-scenes.ts'

const NOW = 1_800_000_000_000
const running = runningScene(7, NOW).show

describe('what an act would do now', () => {
  test('pause, halt, stop and revert say what the core says', () => {
    for (const verb of ['pause', 'halt', 'stop', 'revert'] as const) expect(actWords(running, { verb }).does).toBe(running.effects[verb])
  })

  test('letting through names the wave that begins, and what its gate still says', () => {
    expect(actWords(running, { verb: 'letThrough', wave: 1 }).does).toBe(
      'Wave 3 begins: 48 devices, up to 50 %. The gate says: Waits for the comparison: slow answers need about 2,340 more requests.',
    )
    expect(actWords(running, { verb: 'letThrough', wave: 3 }).does).toBe('The rollout is done after it.')
  })

  test('promoting counts the devices that have the version, beside or active', () => {
    const { show } = comparisonScene(7, NOW)
    expect(actWords(show, { verb: 'promote' }).does).toMatch(/^digits 1\.1\.0 becomes the active version on the 5 devices that have it\./)
    expect(actWords(show, { verb: 'discard' }).does).toMatch(/^digits 1\.1\.0 is taken away from 5 devices/)
  })

  test('a start that needs approval says that nothing is sent yet', () => {
    const { show } = waitingScene(7, NOW)
    expect(actWords(show, { verb: 'start' }).does).toMatch(/^Nothing is sent yet: it waits for approval first\./)
    expect(actWords({ ...show, needsApproval: null }, { verb: 'start' }).does).toMatch(/^The first wave gets the order/)
  })

  test('only what takes something away is drawn as dangerous', () => {
    expect(actVerbs.filter((verb) => actWords(running, { verb }).isDangerous)).toEqual(['revert', 'discard', 'remove'])
  })
})

test('an act is the same on the command line; waves count from 1', () => {
  expect(actCommand(running, { verb: 'revert' })).toBe('npm run -s muster -- rollouts revert 7 --yes')
  expect(actCommand(running, { verb: 'letThrough', wave: 1 })).toBe('npm run -s muster -- rollouts let-through 7 2')
  expect(actCommand(running, { verb: 'pause' }, { why: "it's late", halt: true, despiteAlerts: false })).toBe(
    String.raw`npm run -s muster -- rollouts pause 7 --halt --reason 'it'\''s late'`,
  )
  expect(actCommand(running, { verb: 'halt' }, { ...plainChoice, why: 'It burns' })).toBe(
    "npm run -s muster -- rollouts pause 7 --halt --reason 'It burns'",
  )
  expect(actCommand(running, { verb: 'retry', query: 'id = cam-1' })).toBe("npm run -s muster -- rollouts retry 7 --query 'id = cam-1'")
})
