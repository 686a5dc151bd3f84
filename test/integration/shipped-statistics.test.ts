import { execFileSync } from 'node:child_process'
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { bundleProgram } from '../../build/bundle-program.ts'
import { statisticsFiles } from '../../build/statistics-entry.ts'
import { temporaryDirectory } from '../harness/fleet.ts'
import type { ShippedOracle } from '../harness/shipped-oracle.ts'

/** Entry points whose process counts or judges with the shared statistics. */
const programs = { agent: ['runtime'], console: ['ingest-writer', 'muster'] } as const
const chunksOf = (file: string): string[] => [...readFileSync(file, 'utf8').matchAll(/chunk-[\w-]+\.mjs/g)].map(([name]) => name)

function oracle(statistics: string): ShippedOracle {
  const said = execFileSync(process.execPath, ['test/harness/shipped-oracle.ts', statistics], { encoding: 'utf8' })
  return JSON.parse(said) as ShippedOracle
}

describe.each(['agent', 'console'] as const)('the built %s', (name) => {
  test('gives every oracle case within its tolerance, by the code that its processes load', async () => {
    const directory = join(temporaryDirectory(), name)
    const sizes = await bundleProgram(name, directory)
    // Packages with native files lie beside an installed program.
    symlinkSync(resolve('node_modules'), join(directory, 'node_modules'))
    const statistics = join(directory, 'statistics.mjs')
    const { cases, failures, answered } = oracle(statistics)
    expect([cases, failures]).toEqual([69, []])
    expect(answered.length).toBeGreaterThan(40)
    expect(statisticsFiles()).toEqual(expect.arrayContaining(answered))
    for (const program of programs[name]) {
      const shared = chunksOf(join(directory, `${program}.mjs`)).filter((chunk) => chunksOf(statistics).includes(chunk))
      expect(shared.length, `${program} and the statistics have a chunk in common`).toBeGreaterThan(0)
    }
    const { length } = answered
    process.stdout.write(`${name}: ${cases} oracle cases within tolerance, ${length} files, ${sizes.get('statistics.mjs')! / 1000} kB\n`)

    // A build that computes something else is found.
    const spoilt = join(directory, 'spoilt.mjs')
    const lines = ["export * from './statistics.mjs'", "import { drift$psi as right } from './statistics.mjs'"]
    writeFileSync(spoilt, [...lines, 'export const drift$psi = { ...right, psi: (...of) => right.psi(...of) * 1.000001 }'].join('\n'))
    expect(oracle(spoilt).failures.map(({ id }) => id)).toContain('counts_basic_4')
  })
})
