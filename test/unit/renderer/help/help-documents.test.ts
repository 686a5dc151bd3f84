import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'
import { buildParts } from '../../../../build/start/fresh-build.ts'
import { headingIds } from '../../../../renderer/components/heading-ids.ts'
import { markdownBlocks } from '../../../../renderer/components/markdown-blocks.ts'
import { helpDocuments } from '../../../../renderer/screens/help/help-documents.ts'
import { contract } from '../../../../shared/rpc/contract.ts'

const FOLDER = 'build/guides'
const guides = readdirSync(FOLDER).map((file) => ({ path: `${FOLDER}/${file}`, text: readFileSync(`${FOLDER}/${file}`, 'utf8') }))
const packageJson = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }

/** Text outside of fenced blocks. */
const proseOf = (text: string): string => text.replace(/^```[^]*?^```$/gm, '')

function anchorsOf(path: string): Set<string> {
  const blocks = markdownBlocks(readFileSync(path, 'utf8'))
  return new Set(headingIds(blocks).values())
}

/** Links and pictures of a document that lead nowhere. */
function brokenLinks(path: string, text: string): string[] {
  return [...proseOf(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1]!)
    .filter((href) => !/^https?:/.test(href))
    .filter((href) => {
      const [file, anchor] = href.split('#', 2) as [string, string?]
      const target = file === '' ? path : normalize(join(dirname(path), file))
      if (!existsSync(target)) return true
      return anchor !== undefined && !anchorsOf(target).has(anchor)
    })
    .map((href) => `${path}: ${href}`)
}

describe('guides', () => {
  test('each is a page of help, and each page of help is there', () => {
    const listed = helpDocuments.map(({ path }) => path)
    expect(listed.filter((path) => !existsSync(path))).toEqual([])
    expect(guides.map(({ path }) => path).filter((path) => !listed.includes(path))).toEqual([])
    expect(new Set(helpDocuments.map(({ name }) => name)).size).toBe(helpDocuments.length)
  })

  test('the page is built anew when one of its documents has changed', () => {
    const { sources } = buildParts.renderer
    expect(
      helpDocuments.map(({ path }) => path).filter((path) => !sources.some((one) => path === one || path.startsWith(`${one}/`))),
    ).toEqual([])
  })

  test('each begins with the title that help shows', () => {
    const titles = guides.map(({ path, text }) => [path, /^# (.*)$/m.exec(text)?.[1]])
    expect(titles).toEqual(guides.map(({ path }) => [path, helpDocuments.find((one) => one.path === path)?.title]))
  })

  test('links and pictures lead somewhere, to a heading that is there', () => {
    expect(guides.flatMap(({ path, text }) => brokenLinks(path, text))).toEqual([])
  })

  test('what leads nowhere is found', () => {
    const text = '[a](nowhere.md) [b](runbooks.md#no-such-alert) ![c](../screenshots/none.png) [d](runbooks.md#drift)'
    expect(brokenLinks(`${FOLDER}/x.md`, text)).toHaveLength(3)
  })

  test('npm scripts that are named exist', () => {
    const builtIn = new Set(['ci', 'install'])
    const named = guides.flatMap(({ path, text }) =>
      [...text.matchAll(/\bnpm (?:run (?:-s )?)?([a-z][\w:-]*)/g)].map((match) => [path, match[1]!] as const),
    )
    expect(named.filter(([, name]) => !builtIn.has(name) && name !== 'run' && !(name in packageJson.scripts))).toEqual([])
  })

  test('methods that are called exist', () => {
    const called = guides.flatMap(({ text }) => [...text.matchAll(/\bcall ([a-z]\w*\.\w+)/gi)].map((match) => match[1]!))
    expect(called.length).toBeGreaterThan(0)
    expect(called.filter((method) => !(method in contract))).toEqual([])
  })
})
