import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { PlantedBug } from './planted-bug.ts'

/** A detector that says nothing for so long has not noticed anything, ms. */
const LONGEST_MS = 300_000

/** What a run of one test said: `lost` if there is no word of it in the report. */
export interface DetectorRun {
  colour: 'green' | 'red' | 'lost'
  seconds: number
  /** First line of what failed, or of what the runner said. */
  said: string
}

const report = z.looseObject({
  testResults: z.array(
    z.looseObject({
      message: z.string().optional(),
      assertionResults: z.array(z.looseObject({ title: z.string(), status: z.string(), failureMessages: z.array(z.string()).nullish() })),
    }),
  ),
})

/** Runs one test in a tree, as a process group of its own that is gone afterwards. */
export async function runDetector(directory: string, detector: PlantedBug['detector']): Promise<DetectorRun> {
  const began = performance.now()
  const output = join(directory, 'planted-report.json')
  rmSync(output, { force: true })
  const words = [
    ...[join(directory, 'node_modules/vitest/vitest.mjs'), 'run', '--config', configOf(detector.file), detector.file],
    ...['--testNamePattern', escaped(detector.test), '--reporter=json', `--outputFile=${output}`],
  ]
  // CI tries a failed test once more; here the first word counts.
  const child = spawn(process.execPath, words, {
    cwd: directory,
    detached: true,
    env: { ...process.env, CI: '', MUSTER_FULL: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4000)))
  const late = setTimeout(() => endGroup(child.pid), LONGEST_MS)
  await new Promise<void>((resolve) => child.once('exit', () => resolve()))
  clearTimeout(late)
  // A planted bug may leave a process behind that its test would have ended.
  endGroup(child.pid)
  const seconds = Math.round((performance.now() - began) / 100) / 10
  return { ...judged(output, detector.test, said), seconds }
}

function judged(output: string, title: string, said: string): Pick<DetectorRun, 'colour' | 'said'> {
  const lost = { colour: 'lost' as const, said: firstLine(said) }
  if (!existsSync(output)) return lost
  const results = report.parse(JSON.parse(readFileSync(output, 'utf8'))).testResults
  const named = results.flatMap(({ assertionResults }) => assertionResults.filter((one) => isTitle(one.title, title)))
  const failed = named.find(({ status }) => status === 'failed')
  if (failed !== undefined) return { colour: 'red', said: firstLine(failed.failureMessages?.[0] ?? '') }
  // It began and never ended: the bug took the process of the test down, and the whole run with it.
  if (named.some(({ status }) => status === 'pending')) return { colour: 'red', said: 'the process of the test ended' }
  if (named.length === 0 || named.some(({ status }) => status !== 'passed'))
    return { ...lost, said: firstLine(results.map(({ message }) => message ?? '').join('\n')) || lost.said }
  return { colour: 'green', said: '' }
}

/** The numbers of cases in front may change; what the test says is what counts. */
function isTitle(found: string, wanted: string): boolean {
  return found === wanted || found.endsWith(`: ${wanted}`)
}

function configOf(file: string): string {
  return file.startsWith('test/faults/') ? 'test/faults/vitest.config.ts' : 'test/vitest.config.ts'
}

function escaped(title: string): string {
  return title.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
}

function firstLine(text: string): string {
  const line = text.split('\n').find((one) => one.trim() !== '') ?? ''
  return line.trim().slice(0, 160)
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Nobody is left in it, which is the rule.
  }
}
