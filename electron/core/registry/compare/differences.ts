import type { Manifest, TensorSpec } from '../../../../shared/domain/bundle.ts'
import { answerSpecs, requestSpecs } from '../../../../shared/inference/pipeline.ts'
import type { ResultOf } from '../../../../shared/rpc/contract.ts'

type Difference = ResultOf<'models.compare'>['differences'][number]
type Part = Difference['part']

const MOST = 500
const MOST_TEXT = 500
const MOST_NAME = 256

/** What differs between two versions in what goes in, what comes out and how it is read; at most 500 entries. */
export function differencesOf(left: Manifest, right: Manifest): Difference[] {
  const named = (part: Part, of: (manifest: Manifest) => readonly (readonly [string, string])[]): Difference[] =>
    byName(part, of(left), of(right))
  return [
    ...named('task', ({ task }) => [['task', task]]),
    ...named('input', (manifest) => requestSpecs(manifest).map(tensorEntry)),
    ...named('output', (manifest) => answerSpecs(manifest).map(tensorEntry)),
    ...named('feature', ({ schema }) => schema.features.map(({ name }, i) => [name, `column ${i + 1}`])),
    ...named('label', ({ labels }) => labels.map((label, i) => [`class ${i}`, label])),
    ...named('preprocessing', ({ preprocessing }) => preprocessing.steps.map((step, i) => [`step ${i + 1}`, JSON.stringify(step)])),
    ...named('postprocessing', ({ postprocessing }) =>
      (postprocessing?.steps ?? []).map((step, i) => [`step ${i + 1}`, JSON.stringify(step)]),
    ),
    ...named('validation', (manifest) => ruleEntries(manifest)),
    ...named('opset', ({ onnx }) =>
      Object.entries(onnx.opsets).map(([domain, opset]) => [domain === '' ? 'ai.onnx' : domain, String(opset)]),
    ),
  ].slice(0, MOST)
}

/** True if whoever asks the one can ask the other, and reads the answer the same way. */
export function isInterchangeable(left: Manifest, right: Manifest): boolean {
  const spoken = (of: Manifest): string => {
    const { label, probabilities, value } = of.outcome
    return JSON.stringify([
      of.task,
      of.labels,
      requestSpecs(of).map(tensorEntry),
      answerSpecs(of).map(tensorEntry),
      label,
      probabilities,
      value,
    ])
  }
  return spoken(left) === spoken(right)
}

function ruleEntries({ validation }: Manifest): [string, string][] {
  const { input = {}, feature = {}, output = {} } = validation ?? {}
  return Object.entries({ input, feature, output }).flatMap(([stage, rules]) =>
    Object.entries(rules).map(([cause, rule]): [string, string] => [
      `${stage}.${cause}`,
      typeof rule === 'string' ? rule : JSON.stringify(rule),
    ]),
  )
}

function tensorEntry({ name, datatype, shape }: TensorSpec): [string, string] {
  return [name, `${datatype} [${shape.join(', ')}]`]
}

function byName(part: Part, left: readonly (readonly [string, string])[], right: readonly (readonly [string, string])[]): Difference[] {
  const before = new Map(left)
  const after = new Map(right)
  const found: Difference[] = []
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const [a, b] = [before.get(name), after.get(name)]
    if (a !== b)
      found.push({ part, name: name.slice(0, MOST_NAME), left: a?.slice(0, MOST_TEXT) ?? null, right: b?.slice(0, MOST_TEXT) ?? null })
    if (found.length >= MOST) break
  }
  return found
}
