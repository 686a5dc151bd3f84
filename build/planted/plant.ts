import { join } from 'node:path'
import { messageOf } from '../../shared/domain/problem.ts'
import { readPlantedBugs, type NamedBug, type PlantedBug } from './planted-bug.ts'
import { runDetector, type DetectorRun } from './run-detector.ts'
import { makeScratchTree, type ScratchTree } from './scratch-tree.ts'

// `npm run test:planted [-- name …]`: plants every bug of test/planted in a copy of the tree, one after the other, and runs the test that must notice
// it. A test that stays green under its bug proves nothing, and neither does one that is red without it. For the night: it takes minutes.

interface Row {
  bug: string
  detector: string
  verdict: string
  isCaught: boolean
}

const root = join(import.meta.dirname, '../..')
const wanted = process.argv.slice(2)

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** Each detector without any bug: red then, it would be red with every bug. A busy machine gets a second try. */
const soundRuns = new Map<string, DetectorRun>()
async function soundRun(tree: ScratchTree, detector: PlantedBug['detector']): Promise<DetectorRun> {
  const key = `${detector.file} ${detector.test}`
  const known = soundRuns.get(key)
  if (known !== undefined) return known
  const first = await runDetector(tree.directory, detector)
  const run = first.colour === 'green' ? first : await runDetector(tree.directory, detector)
  soundRuns.set(key, run)
  return run
}

/** @returns what became of a bug, and the first line of what its detector said */
async function verdictOf(tree: ScratchTree, bug: NamedBug): Promise<Pick<Row, 'verdict' | 'isCaught'> & { said: string }> {
  const sound = await soundRun(tree, bug.detector)
  if (sound.colour !== 'green') return { verdict: `${sound.colour} WITHOUT THE BUG`, isCaught: false, said: sound.said }
  let takeOut: () => void
  try {
    takeOut = tree.plant(bug)
  } catch (error) {
    return { verdict: 'DOES NOT APPLY', isCaught: false, said: messageOf(error) }
  }
  try {
    const { colour, seconds, said } = await runDetector(tree.directory, bug.detector)
    if (colour === 'red') return { verdict: `red in ${seconds} s`, isCaught: true, said }
    return { verdict: colour === 'green' ? `GREEN after ${seconds} s` : 'NO WORD of the test', isCaught: false, said }
  } finally {
    takeOut()
  }
}

const all = await readPlantedBugs(root)
const unknown = wanted.filter((name) => !all.some((bug) => bug.name === name))
if (unknown.length > 0) {
  process.stderr.write(`There is no planted bug ${unknown.join(', ')}. There are: ${all.map(({ name }) => name).join(', ')}\n`)
  process.exit(2)
}
const bugs = wanted.length === 0 ? all : all.filter(({ name }) => wanted.includes(name))
const tree = makeScratchTree(root)
process.once('exit', () => tree.remove())
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
const rows: Row[] = []
for (const bug of bugs) {
  const { verdict, isCaught, said } = await verdictOf(tree, bug)
  rows.push({ bug: bug.title, detector: `${bug.detector.file}: ${bug.detector.test}`, verdict, isCaught })
  say(`${bug.name}: ${verdict}${said === '' ? '' : ` (${said})`}`)
}
const widths = { bug: Math.max(...rows.map(({ bug }) => bug.length)), detector: Math.max(...rows.map(({ detector }) => detector.length)) }
say('')
for (const { bug, detector, verdict } of rows) say(`${bug.padEnd(widths.bug)} | ${detector.padEnd(widths.detector)} | ${verdict}`)
const caught = rows.filter(({ isCaught }) => isCaught).length
say(`\n${caught} of ${rows.length} planted bugs turn their detector red`)
process.exit(caught === rows.length ? 0 : 1)
