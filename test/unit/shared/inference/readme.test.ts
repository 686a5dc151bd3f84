import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { bundleFile } from '../../../../shared/domain/bundle.ts'
import { knownSteps, validation } from '../../../../shared/domain/pipeline.ts'

const page = readFileSync('shared/inference/README.md', 'utf8')

test('the examples of the page are what bundle.json takes', () => {
  const examples = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map((match) => bundleFile.safeParse(JSON.parse(match[1]!)))
  expect(examples.map(({ success }) => success)).toEqual([true, true])
})

test('every step and every cause has its line', () => {
  const said = new Set([...page.matchAll(/^\| `([a-z0-9.-]+)`/gm)].map((match) => match[1]!))
  const { input, feature, output } = validation.shape
  const causes = Object.entries({ input, feature, output }).flatMap(([stage, rules]) =>
    Object.keys(rules.unwrap().shape).map((cause) => `${stage}.${cause}`),
  )
  const steps = new Set<string>(Object.values(knownSteps).flatMap((names): string[] => names))
  const wanted = [...steps, ...causes, 'feature.not-finite']
  expect(wanted.filter((name) => !said.has(name))).toEqual([])
  expect([...said].filter((name) => !wanted.includes(name))).toEqual([])
})
