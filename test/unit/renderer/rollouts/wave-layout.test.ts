import { describe, expect, test } from 'vitest'
import { layOutWave } from '../../../../renderer/screens/rollouts/live/wave-layout.ts'
import { shownWave } from '../../../../renderer/screens/rollouts/live/shown-wave.ts'
import { runningScene } from '../../../harness/rollout-scenes.ts'

describe('the cells of a wave', () => {
  test('stand in rows from the left, large where there are few', () => {
    const scene = layOutWave(7, { width: 100, maxHeight: 100 })
    expect(scene).toMatchObject({ pitch: 20, side: 16, height: 40 })
    expect([...scene.xs]).toEqual([8, 28, 48, 68, 88, 8, 28])
    expect([...scene.ys]).toEqual([8, 8, 8, 8, 8, 28, 28])
  })

  test('get smaller until they fit the height', () => {
    const scene = layOutWave(2000, { width: 300, maxHeight: 170 })
    expect(scene.height).toBe(170)
    expect(scene.pitch).toBe(5)
  })

  test('are the smallest where nothing fits, and all of them are there', () => {
    const scene = layOutWave(2000, { width: 30, maxHeight: 20 })
    expect(scene.pitch).toBe(3)
    expect(scene.xs).toHaveLength(2000)
    expect(Math.max(...scene.xs)).toBeLessThan(30)
  })

  test('a wave of nobody has no height', () => {
    expect(layOutWave(0, { width: 100, maxHeight: 100 }).height).toBe(0)
  })
})

describe('the wave that is shown', () => {
  const views = runningScene(7, 1_800_000_000_000).show.waveViews
  test('is the one at its gate, unless a person chose another', () => {
    expect(shownWave(views, 0)?.wave).toBe(1)
    expect(shownWave(views, 4)?.wave).toBe(3)
  })
  test('is the next one where none is open, and the last one at the end', () => {
    expect(
      shownWave(
        views.map((view) => (view.state === 'at-gate' ? { ...view, state: 'passed' } : view)),
        0,
      )?.wave,
    ).toBe(2)
    expect(
      shownWave(
        views.map((view) => ({ ...view, state: 'passed' })),
        0,
      )?.wave,
    ).toBe(3)
  })
  test('is none where there are no waves, whatever the address says', () => {
    expect(shownWave([], 3)).toBeUndefined()
  })
})
