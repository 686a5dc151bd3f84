import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { nightlySizes, nightlySteps } from './nightly-steps.ts'

// `npm run test:nightly`: what is too long for every change, at full size, then every planted bug (SECURITY.md, "Figures"). It takes hours.

const root = join(import.meta.dirname, '../..')

/** Runs a Node program with its output on ours. @returns whether it ended well */
async function isGreen(words: readonly string[], environment: Readonly<Record<string, string>>): Promise<boolean> {
  // What a person has set goes before the sizes of the night.
  const child = spawn(process.execPath, words, { cwd: root, stdio: 'inherit', env: { ...environment, ...process.env } })
  const [code] = (await once(child, 'exit')) as [number | null]
  return code === 0
}

const rows: { name: string; isGreen: boolean; minutes: number }[] = []

async function step(name: string, words: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<void> {
  process.stdout.write(`\n== ${name}\n`)
  const began = performance.now()
  rows.push({ name, isGreen: await isGreen(words, environment), minutes: (performance.now() - began) / 60_000 })
}

for (const { name, config, files } of nightlySteps)
  await step(name, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--config', config, ...files], nightlySizes)
await step('planted bugs', [join(root, 'build/planted/plant.ts')])

process.stdout.write('\n')
for (const row of rows) process.stdout.write(`${row.isGreen ? 'green' : 'RED  '}  ${row.minutes.toFixed(1).padStart(6)} min  ${row.name}\n`)
process.exitCode = rows.every((row) => row.isGreen) ? 0 : 1
