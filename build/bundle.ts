import { cpSync } from 'node:fs'
import { bundleProgram } from './bundle-program.ts'
import { copyReportFonts } from './report-fonts.ts'

for (const name of ['agent', 'console'] as const) {
  const directory = `dist/${name}`
  for (const [file, bytes] of await bundleProgram(name, directory))
    process.stdout.write(`${directory}/${file}  ${(bytes / 1024).toFixed(0)} kB\n`)
  if (name === 'agent') continue
  // The sample fleet of the first run finds its models and rows beside the program, and a PDF report its fonts.
  cpSync('build/samples', `${directory}/samples`, { recursive: true })
  copyReportFonts(`${directory}/fonts`)
}
