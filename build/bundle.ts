import { cpSync } from 'node:fs'
import { bundleProgram } from './bundle-program.ts'

for (const name of ['agent', 'console'] as const) {
  const directory = `dist/${name}`
  for (const [file, bytes] of await bundleProgram(name, directory))
    process.stdout.write(`${directory}/${file}  ${(bytes / 1024).toFixed(0)} kB\n`)
  // The sample fleet of the first run finds its models and rows beside the program.
  if (name === 'console') cpSync('build/samples', `${directory}/samples`, { recursive: true })
}
