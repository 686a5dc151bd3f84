import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { helpDocuments } from '../../../../renderer/screens/help/help-documents.ts'
import { helpPages } from '../../../../renderer/screens/help/help-pages.ts'
import { markedParts, searchHelp } from '../../../../renderer/screens/help/search-help.ts'

const texts = new Map([
  [
    'build/guides/operator.md',
    '# Operator’s guide\n\nThe first page.\n\n## Devices\n\nA device joins with a code.\n\n### Leave\n\nRevoke it.\n',
  ],
  [
    'agent/README.md',
    '# The agent\n\n## Devices\n\n| a | code |\n| --- | --- |\n| x | `usb.changed` |\n\n```sh\nmuster devices list\n```\n',
  ],
])
const pages = helpPages(texts, new Map())
const found = (text: string): string[] => searchHelp(pages, text).map(({ page, section }) => `${page.document.name}/${section.id}`)

describe('pages of help', () => {
  it('are those that there are texts of, without their title, in the order of reading', () => {
    expect(pages.map(({ document, sections }) => [document.name, sections.map(({ id }) => id)])).toEqual([
      ['operator', ['', 'devices', 'leave']],
      ['agent-in-full', ['', 'devices']],
    ])
    expect(pages[0]!.blocks[0]).toEqual({ kind: 'paragraph', parts: [{ kind: 'text', text: 'The first page.' }] })
  })

  it('hold every word of the documents that the console carries', () => {
    const all = helpPages(new Map(helpDocuments.map(({ path }) => [path, readFileSync(path, 'utf8')])), new Map())
    expect(all).toHaveLength(helpDocuments.length)
    const first = (text: string): string => {
      const [hit] = searchHelp(all, text)
      return `${hit?.page.document.name}/${hit?.section.id}`
    }
    expect([first('disk nearly full'), first('usb.folder-unsafe'), first('keys recover'), first('rollouts.letThrough')]).toEqual([
      'runbooks/disk-nearly-full',
      'agent-in-full/without-a-network',
      'security/keys-in-the-hands-of-people',
      'interface/',
    ])
  })
})

describe('search in help', () => {
  it('finds sections with every word, in any order and case, first those whose title has them', () => {
    expect(found('DEVICES')).toEqual(['operator/devices', 'agent-in-full/devices'])
    expect(found('code device')).toEqual(['operator/devices', 'agent-in-full/devices'])
    expect(found('usb.changed')).toEqual(['agent-in-full/devices'])
    expect(found('code nowhere')).toEqual([])
    expect(found('   ')).toEqual([])
  })

  it('shows the line with the words, cut where it is long', () => {
    expect(searchHelp(pages, 'revoke')[0]!.line).toBe('Revoke it.')
    const long = helpPages(new Map([['SECURITY.md', `# x\n\n${'a '.repeat(200)}needle ${'b '.repeat(200)}`]]), new Map())
    expect(searchHelp(long, 'needle')[0]!.line).toMatch(/^….{100,200}…$/)
    expect(searchHelp(long, 'needle')[0]!.line).toContain('needle')
  })

  it('marks what was asked for, whatever letters it has', () => {
    expect(markedParts('a (b) c', '(B)')).toEqual([
      { text: 'a ', isFound: false },
      { text: '(b)', isFound: true },
      { text: ' c', isFound: false },
    ])
    expect(markedParts('x', '')).toEqual([{ text: 'x', isFound: false }])
  })
})
