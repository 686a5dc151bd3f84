import { expect, test } from 'vitest'
import { preprocessing } from '../../../../shared/domain/pipeline.ts'
import { columnWords, postprocessingWords, preprocessingWords, validationWords } from '../../../../shared/inference/words.ts'
import { pipelineRules } from '../../../harness/pipeline.ts'

test('columns, steps and rules are told in sentences', () => {
  const columns = preprocessing.parse({
    ...{ v: 2, kind: 'columns' },
    columns: [
      { name: 'age', type: 'number', missing: { fill: 40 }, min: 0 },
      { name: 'city', type: 'text', categories: ['lyon', 'oslo'] },
      { name: 'member', type: 'boolean' },
    ],
    steps: [
      { step: 'scale', columns: ['age'], subtract: [40.5], divide: [13] },
      { step: 'one-hot', column: 'city', unseen: 'other' },
      { step: 'assemble', input: 'x' },
    ],
  })
  expect(columnWords(columns)).toEqual([
    { name: 'age', text: 'number, 0 to any, a missing one becomes 40.' },
    { name: 'city', text: 'text, one of "lyon", "oslo", never missing.' },
    { name: 'member', text: 'boolean.' },
  ])
  expect(preprocessingWords(columns)).toEqual([
    { name: 'scale', text: '40.5 is subtracted from age, then the result is divided by 13.' },
    { name: 'one-hot', text: 'city becomes one column of 0 and 1 per category; another value has a column of its own.' },
    { name: 'assemble', text: 'Fills the input x with all columns.' },
  ])
  const picture = preprocessing.parse({
    ...{ v: 2, kind: 'picture', picture: { name: 'image', form: 'encoded' } },
    steps: [
      { step: 'decode', colour: 'rgb' },
      { step: 'normalise', scale: [1], mean: [1, 2, 3], std: [2] },
    ],
  })
  expect([...columnWords(picture), ...preprocessingWords(picture)].map(({ text }) => text)).toEqual([
    'a PNG or JPEG file, at most 4194304 pixels.',
    'The picture is decoded as rgb.',
    'Values become (value × 1 − 1, 2, 3 (by channel)) ÷ 2.',
  ])
  const rules = pipelineRules({
    postprocessing: { v: 1, steps: [{ step: 'argmax', from: 'p', to: 'class' }] },
    validation: { v: 1, input: { missing: 'reject' }, output: { range: [{ output: 'p', max: 1, policy: 'flag' }] } },
  })
  expect([...postprocessingWords(rules), ...validationWords(rules)]).toEqual([
    { name: 'argmax', text: 'class is the position of the largest value of p.' },
    { name: 'input.missing', text: 'In the request, missing: the request is refused.' },
    { name: 'output.range', text: 'p outside any to 1: it is counted and flagged, and goes on.' },
  ])
})
