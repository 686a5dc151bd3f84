import { describe, expect, test } from 'vitest'
import { draftOf, pairsOf, settingsOf } from '../../../../../renderer/screens/configuration/rule-words.ts'
import type { ConfigSettings } from '../../../../../shared/rpc/contract/config.ts'

const settings: ConfigSettings = {
  ...{ windowSeconds: 30, samplesPerWindow: 0, lowConfidenceSamples: 5, lowConfidenceBelow: 0.75, outlierSamples: 2 },
  ...{ distributionSeconds: 0, detectorSamples: 1000, logLevel: null, flags: { night: true, mode: '7' } },
  masks: { patient_id: 'drop', age: 'round' },
}

describe('a rule in the editor', () => {
  test('comes back as it was, and what is not said is left out', () => {
    expect(settingsOf(draftOf(settings))).toEqual(settings)
    expect(settingsOf(draftOf({}))).toEqual({})
    expect(settingsOf({ ...draftOf({}), masks: [{ name: '', kind: 'drop' }] })).toEqual({})
  })

  test('is told in words', () => {
    expect(pairsOf(settings).map(({ name, value }) => `${name} ${value}`)).toEqual([
      'window 30 s',
      'samples per window 0',
      'unsure samples per window 5',
      'unsure below 0.75',
      'outlier samples per window 2',
      'distributions not counted',
      'inferences per false alarm 1000',
      'log level as the device is set',
      'night true',
      'mode "7"',
      'mask of patient_id drop',
      'mask of age round',
    ])
  })
})
