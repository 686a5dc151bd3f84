import { describe, expect, it } from 'vitest'
import { anchorOf, headingIds, slugOf } from '../../../../renderer/components/heading-ids.ts'
import { markdownBlocks } from '../../../../renderer/components/markdown-blocks.ts'

describe('ids of headings', () => {
  it.each([
    ['Disk nearly full', 'disk-nearly-full'],
    ['The sixty cases', 'the-sixty-cases'],
    ['A broker of yours: `mosquitto`', 'a-broker-of-yours-mosquitto'],
    ['Größe & Zahl', 'größe--zahl'],
  ])('%s is %s', (heading, slug) => expect(slugOf(heading)).toBe(slug))

  it('are told apart where a heading comes again, and only headings have one', () => {
    const blocks = markdownBlocks('## What to do\ntext\n### What to do\n\n## **Other** `x`\n')
    expect([...headingIds(blocks)]).toEqual([
      [0, 'what-to-do'],
      [2, 'what-to-do-1'],
      [3, 'other-x'],
    ])
    expect(anchorOf('main')).toBe('at-main')
  })
})
