import { expect, test } from 'vitest'
import { Masks } from '../../../../../agent/runtime/masking/masks.ts'
import { Sampler } from '../../../../../agent/runtime/sampler.ts'
import { subjectRefOf } from '../../../../../electron/core/privacy/subject-ref.ts'
import { tensorFromPlain } from '../../../../../shared/inference/tensor.ts'
import { privacyRules } from '../../../../../shared/protocol/assignment.ts'
import { sampleManifest, samples } from '../../../../harness/manifest.ts'

const features = ['patient', 'age'].map((name) => ({ name, min: null, max: null }))
const manifest = sampleManifest(samples.diabetes100, { schema: { input: 'x', features, target: null } })
const inputs = [tensorFromPlain('x', 'FP32', [2, 2], [17, 41, 23, 50])]
const subjectsOf = (rules: object | undefined, about?: string) =>
  new Masks('secret', {}, rules === undefined ? undefined : privacyRules.parse(rules)).subjects.of({
    manifest,
    inputs,
    about: about ?? null,
  })

test('rows are about whom the marked field says, as the hash that the console makes too', () => {
  expect(subjectsOf({ salt: 'of-the-fleet', subjects: ['patient'] })).toEqual([
    subjectRefOf('of-the-fleet', '17'),
    subjectRefOf('of-the-fleet', '23'),
  ])
  expect(subjectsOf({ salt: 'another', subjects: ['patient'] })).not.toContain(subjectRefOf('of-the-fleet', '17'))
})

test('what the client says counts where no field tells, and nothing leaves without a salt', () => {
  const said = subjectRefOf('s', 'Mrs Doe')
  expect(subjectsOf({ salt: 's' }, 'Mrs Doe')).toEqual([said, said])
  expect(subjectsOf({ salt: 's', subjects: ['patient'] }, 'Mrs Doe')).toEqual([subjectRefOf('s', '17'), subjectRefOf('s', '23')])
  expect(subjectsOf({ salt: 's', subjects: ['elsewhere'] })).toBeNull()
  expect([subjectsOf(undefined, 'Mrs Doe'), subjectsOf({ salt: 's' })]).toEqual([null, null])
})

test('a sample carries the hash and never the name', () => {
  const masks = new Masks('secret', { patient: 'drop' }, privacyRules.parse({ salt: 's', subjects: ['patient'] }))
  const sampler = new Sampler(() => 0, masks, { random: 1, lowConfidence: 0, lowConfidenceBelow: 0, outlier: 0 })
  const subject = { deployment: 'd', digest: 'a'.repeat(64), model: 'm', version: '1' }
  const named = [tensorFromPlain('x', 'FP32', [1, 2], [70_717, 41])]
  sampler.offer(subject, { id: 'p', predictedAt: 1, manifest, inputs: named, outputs: [], confidence: null, isOutlier: false })
  const [record] = sampler.take()
  expect(record!.body).toMatchObject({
    subjects: [subjectRefOf('s', '70717')],
    masked: { patient: 'drop' },
    inputs: [{ data: [null, 41] }],
  })
  expect(JSON.stringify(record)).not.toContain('70717')
})
