import { afterAll, beforeEach } from 'vitest'
import { casesOfTitle, formerCases, suiteCases } from './suite-cases.ts'
import './key-cases.ts'
import './rollback-cases.ts'
import './static-cases.ts'
import './target-cases.ts'
import './workflow-cases.ts'

/** As much of a task of the runner as counting needs. */
interface Ran {
  name: string
  type: string
  mode: string
  result?: { state: string } | undefined
  tasks?: readonly Ran[]
}

function testsOf(task: Ran): Ran[] {
  return task.type === 'test' ? [task] : (task.tasks ?? []).flatMap(testsOf)
}

// All cases run in this one file, so that it can say whether the suite is whole: each of the 53 names has a case of ours, and all of them passed.
let whole: Ran | null = null
beforeEach(({ task }) => {
  whole = task.file
})
afterAll(() => {
  const named = Object.values(suiteCases).flat()
  const tests = whole === null ? [] : testsOf(whole)
  const of = (name: string): Ran[] => tests.filter((one) => casesOfTitle(one.name).includes(name))
  const passed = named.filter((name) => of(name).length > 0 && of(name).every(({ result }) => result?.state === 'pass'))
  console.log(`TUF conformance: ${passed.length} of ${named.length} cases, in ${tests.filter(({ mode }) => mode === 'run').length} tests`)
  const missing = named.filter((name) => of(name).length === 0)
  const known = new Set([...named, ...formerCases])
  const strange = tests.flatMap(({ name }) => casesOfTitle(name)).filter((name) => !known.has(name))
  if (named.length !== 53 || missing.length > 0 || strange.length > 0)
    throw new Error(
      `${named.length} names of cases; without a test of ours: ${missing.join(', ')}; unknown to the suite: ${strange.join(', ')}`,
    )
})
