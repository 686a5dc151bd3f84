import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

// SECURITY.md says which test shows which case and which defence. A document that names tests that are gone is worse than none.

const CASES = Array.from({ length: 60 }, (_, i) => i + 1)

/** A file of tests, by its path without `test/` and its ending. */
interface TestFile {
  text: string
  cases: Set<number>
}

/** The numbers in the head of a title: `case 5: …`, `cases 17 to 19: …`, `cases 16, 17 and 19 to 21: …`, `case 5 and case 8: …`. */
function casesOf(title: string): number[] {
  const head = /^cases? \d[\d, andtocse]*:/.exec(title)?.[0]
  if (head === undefined) return []
  return [...head.matchAll(/(\d+)(?: to (\d+))?/g)].flatMap(([, from, through]) => {
    const last = Number(through ?? from)
    return Array.from({ length: last - Number(from) + 1 }, (_, i) => Number(from) + i)
  })
}

/** Cases that the titles of a source name: texts in quotes that begin with one. */
function casesIn(source: string): Set<number> {
  return new Set([...source.matchAll(/['"`](cases? \d[^'"`\n]*?:)/g)].flatMap((match) => casesOf(match[1]!)))
}

function readTests(): Map<string, TestFile> {
  const files = readdirSync('test', { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /(\.test|-cases)\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => file !== 'test/repo/security-cases.test.ts')
  return new Map(
    files.map((file) => {
      const text = readFileSync(file, 'utf8')
      return [file.replace(/^test\//, '').replace(/(\.test)?\.ts$/, ''), { text, cases: casesIn(text) }]
    }),
  )
}

/** The rows of the tables under a heading, cell by cell. */
function rowsUnder(markdown: string, heading: string): string[][] {
  const section = markdown.split(/^## /m).find((part) => part.startsWith(heading)) ?? ''
  return section
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    )
}

/** What is wrong with the table of the cases. */
function faultsOfCases(markdown: string, tests: ReadonlyMap<string, TestFile>): string[] {
  const rows = rowsUnder(markdown, 'The sixty cases').filter(([number]) => /^\d+$/.test(number!))
  const faults: string[] = []
  for (const number of CASES) {
    const found = rows.filter(([first]) => Number(first) === number)
    if (found.length !== 1) {
      faults.push(`case ${number} has ${found.length} rows`)
      continue
    }
    const [, , shown = '', open = ''] = found[0]!
    const files = [...shown.matchAll(/`([^`]+)`/g)].map((match) => match[1]!)
    if (files.length === 0 && open.length < 20) faults.push(`case ${number} has neither a test nor a reason`)
    for (const file of files) {
      const named = tests.get(file)
      if (named === undefined) faults.push(`case ${number} names ${file}, which is not there`)
      else if (!named.cases.has(number)) faults.push(`${file} has no title that names case ${number}`)
    }
  }
  return faults
}

/** What is wrong with the tests that stand anywhere in the document as `file`: "title", or "title" and "title". */
function faultsOfTitles(markdown: string, tests: ReadonlyMap<string, TestFile>): string[] {
  return [...markdown.matchAll(/`([a-z0-9/.-]+)`: (“[^”]+”(?: and “[^”]+”)*)/g)].flatMap(([, file, titles]) => {
    const named = tests.get(file!)
    if (named === undefined) return [`${file} is not there`]
    const missing = [...titles!.matchAll(/“([^”]+)”/g)].filter(([, title]) => !named.text.includes(title!))
    return missing.map(([title]) => `${file} has no test ${title}`)
  })
}

const tests = readTests()
const security = readFileSync('SECURITY.md', 'utf8')

test('each of the sixty cases has a test that names it, or a reason why not', () => {
  expect(faultsOfCases(security, tests)).toEqual([])
})

test('every test that SECURITY.md names is there', () => {
  expect(faultsOfTitles(security, tests)).toEqual([])
  // A change of the form would leave nothing to look at.
  expect([...security.matchAll(/`: “/g)].length).toBeGreaterThan(40)
})

test('every file and folder that SECURITY.md links to is there', () => {
  const links = [...security.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map((match) => match[1]!)
  expect(links.filter((link) => !existsSync(link))).toEqual([])
})

test('every threat of the list has a row', () => {
  const counts: Record<string, number> = { A: 13, B: 11, C: 7, D: 9, E: 6, F: 14 }
  const wanted = Object.entries(counts).flatMap(([letter, count]) => Array.from({ length: count }, (_, i) => `${letter}${i + 1}`))
  const rows = rowsUnder(security, 'Threats').map(([first]) => first)
  expect(wanted.filter((threat) => rows.filter((row) => row === threat).length !== 1)).toEqual([])
})

test('every npm script that SECURITY.md names exists', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }
  const named = [...security.matchAll(/`npm run (?:-s )?([a-z:-]+)/g)].map((match) => match[1]!)
  expect(named.filter((name) => !(name in scripts))).toEqual([])
})

test('a case without test or reason, a title that is gone, and one that names another case are found', () => {
  const known = new Map<string, TestFile>([
    ['unit/a', { text: 'a title', cases: casesIn("test('cases 1, 3 and 5 to 7: it holds', () => {})") }],
  ])
  expect([...known.get('unit/a')!.cases]).toEqual([1, 3, 5, 6, 7])
  const rest = CASES.slice(3).map((number) => `| ${number} | x | `.concat('| no test: it is only an example |'))
  const table = (first: string[]): string => `## The sixty cases\n\n${[...first, ...rest].join('\n')}\n`
  const sound = ['| 1 | x | `unit/a` | |', '| 2 | x | | it cannot be tried on one machine |', '| 3 | x | `unit/a` | |']
  expect(faultsOfCases(table(sound), known)).toEqual([])
  expect(faultsOfCases(table(['| 1 | x | `unit/b` | |', '| 2 | x | | |', '| 2 | x | `unit/a` | |']), known)).toEqual([
    'case 1 names unit/b, which is not there',
    'case 2 has 2 rows',
    'case 3 has 0 rows',
  ])
  expect(faultsOfCases(table(['| 1 | x | `unit/a` | |', '| 2 | x | | |', '| 3 | x | `unit/a` | |']), known)).toEqual([
    'case 2 has neither a test nor a reason',
  ])
  expect(faultsOfTitles('`unit/a`: “a title” and “another” and `unit/c`: “x”', known)).toEqual([
    'unit/a has no test “another”',
    'unit/c is not there',
  ])
})
