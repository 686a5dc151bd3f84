import { registerHooks } from 'node:module'
import { argv, stdout } from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { statisticsName } from '../../build/statistics-entry.ts'

// `node shipped-oracle.ts <statistics.mjs of a built program>`: every oracle case, computed by what was built. Each file of `shared/stats` that
// the cases ask for is answered with what the built module exports of it; no source of ours takes part in the numbers.

/** What came of it. */
export interface ShippedOracle {
  cases: number
  failures: { id: string; differences: string[] }[]
  /** Files of `shared/stats` that were answered from the build. */
  answered: string[]
}

const SOURCES = new URL('../../shared/stats/', import.meta.url).href
const shipped = (await import(pathToFileURL(argv[2]!).href)) as Record<string, Record<string, unknown>>
const answered = new Set<string>()
Object.assign(globalThis, { shippedStatistics: shipped })

registerHooks({
  load(url, context, next) {
    if (!url.startsWith(SOURCES)) return next(url, context)
    const name = statisticsName(fileURLToPath(url).slice(fileURLToPath(SOURCES).length))
    const exported = Object.keys(shipped[name] ?? {})
    if (exported.length === 0) throw new Error(`the build has no ${name}`)
    answered.add(url.slice(SOURCES.length))
    const source = exported.map((one) => `export const ${one} = globalThis.shippedStatistics[${JSON.stringify(name)}].${one}`).join('\n')
    return { format: 'module', source, shortCircuit: true }
  },
})

const { oracleFunctions } = await import('../unit/shared/stats/oracle-functions.ts')
const { differences, oracleCases } = await import('../unit/shared/stats/oracle.ts')
const failures = oracleCases.flatMap((one) => {
  const found = differences(oracleFunctions[one.fn]!(one), one.expected, one.tol)
  return found.length === 0 ? [] : [{ id: one.id, differences: found }]
})
const result: ShippedOracle = { cases: oracleCases.length, failures, answered: [...answered].toSorted() }
stdout.write(JSON.stringify(result))
