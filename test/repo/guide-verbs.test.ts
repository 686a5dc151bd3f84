import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Verb } from '../harness/print-verbs.ts'

const FOLDER = 'build/guides'
const documents = [...readdirSync(FOLDER).map((file) => `${FOLDER}/${file}`), 'README.md', 'SECURITY.md', 'agent/README.md']

/** A program with all its commands, read by a process of its own: through the transformer of the tests it would take most of a minute. */
function programOf(entry: string): Verb {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['test/harness/print-verbs.ts', entry], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as Verb
}

/** Command lines of a document: in code within a line, and in fenced blocks. */
function linesOf(text: string, program: string): string[] {
  const pattern = new RegExp(`(?:^|[\`\\s(])(?:npm run -s )?${program}(?: --)? ([a-z][^\`\\n#|]*)`, 'g')
  const fenced = [...text.matchAll(/^```sh\n([^]*?)^```$/gm)].map((match) => match[1]!)
  const inline = [...text.replace(/^```[^]*?^```$/gm, '').matchAll(/`([^`]+)`/g)].map((match) => match[1]!)
  return [...fenced, ...inline].flatMap((code) => [...code.matchAll(pattern)].map((match) => match[1]!))
}

/** What a line names that the program does not have; null: nothing. */
function faultOf(program: Verb, line: string): string | null {
  const path = [program]
  const words = line.trim().split(/\s+/)
  for (const word of words) {
    const next = path.at(-1)!.verbs.find(({ name }) => name === word)
    if (next === undefined) break
    path.push(next)
  }
  const command = path.at(-1)!
  const rest = words[path.length - 1] ?? ''
  if (command === program) return `${line}: no such verb`
  if (command.verbs.length > 0 && !command.hasArguments && /^[a-z][a-z-]*$/.test(rest)) return `${line}: no such verb`
  const usual = command.verbs.find(({ name }) => name === command.usual)
  const known = new Set([...path, ...(usual === undefined ? [] : [usual])].flatMap(({ flags }) => flags))
  const flags = [...line.matchAll(/(?:^|\s)(--[a-z][a-z-]*)/g)].map((match) => match[1]!)
  const odd = flags.find((flag) => flag !== '--help' && !known.has(flag))
  return odd === undefined ? null : `${line}: ${command.name} has no ${odd}`
}

describe('verbs that documents name', () => {
  const muster = programOf('electron/core/cli.ts')
  const agent = programOf('agent/cli.ts')

  test('every verb and flag of muster exists', () => {
    const named = documents.flatMap((path) => linesOf(readFileSync(path, 'utf8'), 'muster'))
    expect(named.length).toBeGreaterThan(100)
    expect(named.flatMap((line) => faultOf(muster, line) ?? [])).toEqual([])
  })

  test('every verb and flag of muster-agent exists', () => {
    const named = documents.flatMap((path) => linesOf(readFileSync(path, 'utf8'), 'muster-agent'))
    expect(named.length).toBeGreaterThan(20)
    expect(named.flatMap((line) => faultOf(agent, line) ?? [])).toEqual([])
  })

  test('what is not there is found', () => {
    const faults = ['devices lst', 'nothing', 'devices list --quiry x', 'deploy a@1 --wait 3'].map((line) => faultOf(muster, line))
    expect(faults).toEqual(['devices lst: no such verb', 'nothing: no such verb', 'devices list --quiry x: list has no --quiry', null])
  })
})
