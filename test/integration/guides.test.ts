import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { documentedCommands, missingLines } from '../harness/documented-commands.ts'
import { startNeighbours } from '../harness/neighbours.ts'
import { Reader, type Placeholders } from '../harness/reader.ts'

const FOLDER = 'build/guides'
const guides = readdirSync(FOLDER).map((file) => {
  const commands = documentedCommands(readFileSync(`${FOLDER}/${file}`, 'utf8'))
  return { name: file.replace(/\.md$/, ''), commands }
})

/** What stands for something that the reader was shown before, and the pattern by which it is found. */
const placeholders: Placeholders = {
  CODE: /^\s+(\S+\.\S+\.\S+)$/,
  ANSWER: /"id":"([^"]+)"/,
  ALERT: /^\s*(\d+)\s.*Rehearsal/,
  RULE: /^Rule (\S+): Rehearsal/,
  TOKEN: /^(mst_\S+)$/,
}

describe('guides', () => {
  test.each(guides.filter(({ commands }) => commands.length > 0))(
    'whoever follows the guide $name word by word gets what it says',
    // Some minutes by itself, on a machine that may have much other work.
    { timeout: 2_400_000 },
    async ({ commands }) => {
      const neighbours = commands.some(({ needs }) => needs !== null) ? await startNeighbours() : {}
      expect(await new Reader(neighbours).follow(commands, placeholders)).toEqual([])
    },
  )

  test('no guide shows a command in a way that would not be run', () => {
    const odd = guides.flatMap(({ name }) => {
      const text = readFileSync(`${FOLDER}/${name}.md`, 'utf8')
      const fences = [...text.matchAll(/^\s*```(\S*)$/gm)].map((match) => match[1]!)
      // Opening and closing fences take turns.
      return fences.filter((kind, i) => (i % 2 === 0 ? !['sh', 'text'].includes(kind) : kind !== '')).map((kind) => `${name}: ${kind}`)
    })
    expect(odd).toEqual([])
  })
})

describe('commands of a document', () => {
  test('are read with their remarks, what they print, and texts over several lines', () => {
    const text = [
      "```sh\nnpm start   # leave it\n# alone\ncurl -d '{\n 1}'\nup   # needs Docker; takes long\n```",
      "```sh\ncat > f <<'END'\na # b\nEND\nls --x   # again, until it is so\n```\n\n```text\none …\n```",
      '```json\nno\n```',
    ].join('\n\n')
    expect(documentedCommands(text)).toEqual([
      { command: 'npm start', isRepeated: false, needs: null, prints: [] },
      { command: "curl -d '{\n 1}'", isRepeated: false, needs: null, prints: [] },
      { command: 'up', isRepeated: false, needs: 'docker', prints: [] },
      { command: "cat > f <<'END'\na # b\nEND", isRepeated: false, needs: null, prints: [] },
      { command: 'ls --x', isRepeated: true, needs: null, prints: ['one …'] },
    ])
    expect(missingLines(['one …', 'two'], 'one   and more\ntwo and more')).toEqual(['two'])
  })
})
