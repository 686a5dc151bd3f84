import { describe, expect, it } from 'vitest'
import { isSafeAddress, markdownBlocks } from '../../../../renderer/components/markdown-blocks.ts'

describe('Markdown of a runbook', () => {
  it('reads headings, paragraphs, lists, quotes and code', () => {
    const page = '## What it means\nTwo lines\nare one.\n\n- one\n- two `x`\n  goes on\n1. first\n\n> mind\n\n```\n<b>raw</b>\n```\n'
    expect(markdownBlocks(page)).toEqual([
      { kind: 'heading', level: 2, parts: [{ kind: 'text', text: 'What it means' }] },
      { kind: 'paragraph', parts: [{ kind: 'text', text: 'Two lines are one.' }] },
      {
        kind: 'list',
        isOrdered: false,
        items: [
          [{ kind: 'text', text: 'one' }],
          [
            { kind: 'text', text: 'two ' },
            { kind: 'code', text: 'x' },
            { kind: 'text', text: ' goes on' },
          ],
        ],
      },
      { kind: 'list', isOrdered: true, items: [[{ kind: 'text', text: 'first' }]] },
      { kind: 'quote', parts: [{ kind: 'text', text: 'mind' }] },
      { kind: 'code', text: '<b>raw</b>' },
    ])
  })

  it('keeps HTML and addresses that could run as text', () => {
    const text =
      '<img src=x onerror=alert(1)> [go](javascript:alert(1)) [data](data:text/html,x) [ok](https://example.org/a) [here](/devices)'
    expect(markdownBlocks(text)).toEqual([
      {
        kind: 'paragraph',
        parts: [
          { kind: 'text', text: '<img src=x onerror=alert(1)> [go](javascript:alert(1)) ' },
          { kind: 'text', text: '[data](data:text/html,x)' },
          { kind: 'text', text: ' ' },
          { kind: 'link', href: 'https://example.org/a', parts: [{ kind: 'text', text: 'ok' }] },
          { kind: 'text', text: ' ' },
          { kind: 'link', href: '/devices', parts: [{ kind: 'text', text: 'here' }] },
        ],
      },
    ])
  })

  it('reads tables, whose rows have the cells of their head, and pictures of this console', () => {
    const text = (text: string) => [{ kind: 'text', text }]
    expect(markdownBlocks('| a | b |\n| --- | :-: |\n| 1 \\| 2 | `x` |\n| short |\n\n![It](/assets/a.png)\n![no](//host/a.png)\n')).toEqual(
      [
        {
          kind: 'table',
          head: [text('a'), text('b')],
          rows: [
            [text('1 | 2'), [{ kind: 'code', text: 'x' }]],
            [text('short'), []],
          ],
        },
        { kind: 'image', src: '/assets/a.png', alt: 'It' },
        {
          kind: 'paragraph',
          parts: [
            { kind: 'text', text: '!' },
            { kind: 'text', text: '[no](//host/a.png)' },
          ],
        },
      ],
    )
    expect(markdownBlocks('```sh\nls\n```')).toEqual([{ kind: 'code', text: 'ls', language: 'sh' }])
    expect(markdownBlocks('| no table |\ntext')).toEqual([{ kind: 'paragraph', parts: text('| no table | text') }])
  })

  it.each([
    ['/alerts/1', true],
    ['https://example.org/', true],
    ['//example.org/', false],
    ['/\\example.org', false],
    [' javascript:alert(1)', false],
    ['JAVASCRIPT:alert(1)', false],
    ['data:text/html,x', false],
    ['https://a\\b', false],
  ])('%s is safe: %s', (address, isSafe) => expect(isSafeAddress(address)).toBe(isSafe))

  it('ends on a fence that is never closed, and on nothing', () => {
    expect(markdownBlocks('```\nleft open')).toEqual([{ kind: 'code', text: 'left open' }])
    expect(markdownBlocks('')).toEqual([])
    expect(markdownBlocks('\n\r\n')).toEqual([])
  })

  it('reads a hostile page in a time that grows with its length only', () => {
    const page = `${'*'.repeat(8000)}${'['.repeat(6000)}${'`'.repeat(4001)}`
    expect(markdownBlocks(page)).toHaveLength(1)
  })
})
