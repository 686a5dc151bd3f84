import { readFileSync } from 'node:fs'

interface OracleCase {
  id: string
  input: Record<string, never>
  expected: Record<string, never>
}
interface OracleFile {
  cases: OracleCase[]
  data: { iris: { X: number[][] }; wine: { X: number[][] }; diabetes_lr: { y_true: number[]; y_pred: number[] }; latency_ms: number[] }
}

const file = JSON.parse(readFileSync(new URL('../../../fixtures/oracles/statistics.json', import.meta.url), 'utf8')) as OracleFile

/** Data sets that oracle cases refer to. */
export const oracleData = file.data

/** Input and expected values of a case; the caller says what they are. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the fixture is ours, and each test knows the form of its case
export function oracle<Input, Expected>(id: string): { input: Input; expected: Expected } {
  const found = file.cases.find((one) => one.id === id)
  if (found === undefined) throw new Error(`no oracle case ${id}`)
  return { input: found.input as Input, expected: found.expected as Expected }
}
