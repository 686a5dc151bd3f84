import { describe, expect, it } from 'vitest'
import { linkedText } from '../../../../renderer/screens/help/linked-text.ts'

const places = {
  documents: new Map([
    ['build/guides/agent.md', 'agent'],
    ['SECURITY.md', 'security-in-full'],
  ]),
  pictures: new Map([['build/screenshots/a.png', '/assets/a-1.png']]),
}
const linked = (text: string): string => linkedText(text, 'build/guides/operator.md', places)

describe('addresses of a document', () => {
  it.each([
    ['[x](agent.md)', '[x](/help/agent)'],
    ['[x](./agent.md#ask-it)', '[x](/help/agent/ask-it)'],
    ['[x](../../SECURITY.md#figures) and [y](agent.md)', '[x](/help/security-in-full/figures) and [y](/help/agent)'],
    ['![picture](../screenshots/a.png)', '![picture](/assets/a-1.png)'],
    ['![picture](../screenshots/none.png)', 'picture'],
    ['[code](../../electron/core/core.ts)', 'code'],
    ['[out](https://example.org/a#b)', '[out](https://example.org/a#b)'],
    ['[run](javascript:alert)', 'run'],
    ['[page](/devices)', '[page](/devices)'],
  ])('%s becomes %s', (given, expected) => expect(linked(given)).toBe(expected))

  it('of the document itself are its own headings', () => {
    expect(linkedText('[x](#ask-it)', 'build/guides/agent.md', places)).toBe('[x](/help/agent/ask-it)')
  })

  it('stay as they are within code, and comments are left out', () => {
    expect(linked('<!-- generated: x -->\n```sh\n<!-- kept -->\n[x](agent.md)\n```\n<!-- end -->\nend')).toBe(
      '```sh\n<!-- kept -->\n[x](agent.md)\n```\nend',
    )
  })
})
