import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nightlySizes, nightlySteps } from '../../../build/nightly/nightly-steps.ts'

const files = nightlySteps.flatMap((step) => step.files)

test('every file of the night is there', () => {
  expect(files.filter((file) => !existsSync(file))).toEqual([])
})

test('every test that has a full size runs at night, and the night sets its size', () => {
  const tests = readdirSync('test', { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => file !== 'test/unit/build/nightly.test.ts')
    .map((file) => ({
      file,
      sizes: [...readFileSync(file, 'utf8').matchAll(/process\.env\['(MUSTER_[A-Z_]+)'\]/g)].map((match) => match[1]!),
    }))
    .filter(({ sizes }) => sizes.includes('MUSTER_FULL') || sizes.some((name) => name in nightlySizes))
  // The switches under load run with every change as well; at night those of test/faults do, at full size.
  const byDay = ['test/integration/switches.test.ts']
  const left = tests.filter(({ file }) => !byDay.includes(file) && !files.some((one) => file === one || file.startsWith(`${one}/`)))
  expect(left).toEqual([])
  expect(tests.length).toBeGreaterThan(8)
})
