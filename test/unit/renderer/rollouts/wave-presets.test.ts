import { describe, expect, test } from 'vitest'
import {
  movedWave,
  presetOf,
  presetWaves,
  wavePresetNames,
  withWave,
} from '../../../../renderer/screens/rollouts/wizard/plan/wave-presets.ts'
import { gateRules, rolloutPlan } from '../../../../shared/domain/rollout/plan.ts'

const of = { sites: ['lyon', 'new york', 'and'] }

describe('presets of waves', () => {
  test.each(wavePresetNames)('%s is a plan that can be read, and is known again', (preset) => {
    const waves = presetWaves(preset, of)
    expect(rolloutPlan.safeParse({ deployment: 'digits', model: 'digits', version: '1.0.0', waves }).success).toBe(true)
    expect(presetOf(waves)).toBe(preset)
    expect(waves.at(-1)!.size).toEqual({ kind: 'rest' })
  })

  test('stay known when only a gate changes, and no more when a size does', () => {
    const [one, ...others] = presetWaves('steps', of)
    expect(presetOf([{ ...one!, gate: gateRules.parse({ success: 1 }) }, ...others])).toBe('steps')
    expect(presetOf([{ ...one!, size: { kind: 'count', devices: 2 } }, ...others])).toBeNull()
  })

  test('by site quote what the query language would read as its own', () => {
    const queries = presetWaves('sites', of).map(({ size }) => (size.kind === 'query' ? size.query : size.kind))
    expect(queries).toEqual(['site = "lyon"', 'site = "new york"', 'site = "and"', 'rest'])
  })

  test('by hand let a person decide after each wave but the last', () => {
    expect(presetWaves('hand', of).map(({ gate }) => gate.byPerson)).toEqual([true, true, true, false])
  })
})

test('a wave is added before the one that takes the rest, and moved within the list', () => {
  const waves = presetWaves('canary', of)
  expect(withWave(waves).map(({ size }) => size.kind)).toEqual(['percent', 'percent', 'rest'])
  const steps = presetWaves('steps', of)
  expect(movedWave(steps, 0, 2).map(({ size }) => (size.kind === 'percent' ? size.percent : size.kind))).toEqual([10, 50, 'count', 'rest'])
  expect(movedWave(steps, 3, -1)[0]!.size.kind).toBe('rest')
  expect(movedWave(steps, 9, 0)).toEqual(steps)
})
