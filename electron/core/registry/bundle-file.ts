import { readFileSync, statSync } from 'node:fs'
import { bundleFile, type BundleFile } from '../../../shared/domain/bundle.ts'
import { knownSteps } from '../../../shared/domain/pipeline.ts'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import { firstIssue, parseJson } from '../../../shared/protocol/decode.ts'

const MAX_BYTES = 8 * 1024 * 1024

/**
 * Reads a `bundle.json`.
 * @throws Problem `bundle.invalid` naming the field, `bundle.step-unknown` naming the step
 */
export function readBundleFile(path: string): BundleFile {
  const value = jsonOf(path)
  const parsed = bundleFile.safeParse(value)
  if (parsed.success) return parsed.data
  const unknown = unknownStep(value)
  if (unknown !== null)
    throw new Problem(
      'bundle.step-unknown',
      `bundle.json asks for the ${unknown.part} step '${unknown.step.slice(0, 64)}'; known are ${unknown.known.join(', ')}.`,
    )
  throw new Problem('bundle.invalid', `bundle.json: ${firstIssue(parsed.error)}`)
}

function jsonOf(path: string): unknown {
  try {
    if (statSync(path).size > MAX_BYTES) throw new Problem('bundle.invalid', `bundle.json is larger than ${MAX_BYTES} bytes.`)
    return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path)), 'bundle.json')
  } catch (error) {
    if (error instanceof Problem && error.code === 'bundle.invalid') throw error
    throw new Problem('bundle.invalid', error instanceof Problem ? error.message : `bundle.json cannot be read: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

interface UnknownStep {
  part: 'preprocessing' | 'postprocessing'
  step: string
  known: readonly string[]
}

function unknownStep(value: unknown): UnknownStep | null {
  const preprocessing = fieldOf(value, 'preprocessing')
  const kind = fieldOf(preprocessing, 'kind')
  const isSecond = fieldOf(preprocessing, 'v') === 2
  const known = !isSecond ? knownSteps.features : kind === 'picture' ? knownSteps.picture : knownSteps.columns
  return (
    unknownIn(preprocessing, { part: 'preprocessing', known }) ??
    unknownIn(fieldOf(value, 'postprocessing'), { part: 'postprocessing', known: knownSteps.postprocessing })
  )
}

function unknownIn(value: unknown, of: Omit<UnknownStep, 'step'>): UnknownStep | null {
  const steps = fieldOf(value, 'steps')
  if (!Array.isArray(steps)) return null
  for (const entry of steps) {
    const step = fieldOf(entry, 'step')
    if (typeof step === 'string' && !of.known.includes(step)) return { ...of, step }
  }
  return null
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined
}
