import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { withoutDescriptions } from '../../../build/without-descriptions.ts'

test('descriptions of schemas are left out, and nothing else', () => {
  const source = [
    String.raw`a: z.string().max(5).describe('It\'s (a) text.').optional(),`,
    'b: z.int()',
    '  .describe(',
    '    "more",',
    '  ),',
    'c: z.int().describe(`plain`),',
    'd: z.int().describe(`not ${here}`), describe(name)',
  ].join('\n')
  expect(withoutDescriptions(source)).toBe(
    ['a: z.string().max(5).optional(),', 'b: z.int()', '  ,', 'c: z.int(),', 'd: z.int().describe(`not ${here}`), describe(name)'].join(
      '\n',
    ),
  )
})

test('contracts of the interface lose what they say in words', () => {
  const source = readFileSync('shared/rpc/contract/rollouts.ts', 'utf8')
  expect(source).toContain('.describe(')
  expect(withoutDescriptions(source)).not.toContain('.describe(')
})
