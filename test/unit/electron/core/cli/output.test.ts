import { expect, onTestFinished, test, vi } from 'vitest'
import { plain, printJson, printLine, printProblem, printTable, timeText } from '../../../../../electron/core/cli/output.ts'
import { Problem } from '../../../../../shared/domain/problem.ts'

function capture(stream: 'stdout' | 'stderr'): () => string {
  let text = ''
  const spy = vi.spyOn(process[stream], 'write').mockImplementation((chunk) => {
    text += String(chunk)
    return true
  })
  onTestFinished(() => spy.mockRestore())
  return () => text
}

const hostile = [
  { name: 'a colour', text: '\u001b[31mred', shown: '\\u001b[31mred' },
  { name: 'an 8-bit escape', text: '\u009b2J', shown: '\\u009b2J' },
  { name: 'a title of the window', text: '\u001b]0;x\u0007', shown: '\\u001b]0;x\\u0007' },
  { name: 'a line of its own', text: 'ok\ncam-2  online\rx', shown: 'ok\\u000acam-2  online\\u000dx' },
  { name: 'a line separator', text: 'a\u2028b', shown: 'a\\u2028b' },
  { name: 'a turned direction', text: '\u202egnp.exe\u200f', shown: '\\u202egnp.exe\\u200f' },
  { name: 'NUL and DEL', text: '\u0000\u007f', shown: '\\u0000\\u007f' },
  { name: 'markup', text: '<img src=x onerror=alert(1)>', shown: '<img src=x onerror=alert(1)>' },
]

test.each(hostile)('case 49: $name is shown and not obeyed', ({ text, shown }) => {
  const out = capture('stdout')
  printLine(text)
  printTable(['name'], [[text]])
  expect(plain(text)).toBe(shown)
  expect(out().split('\n')).toEqual([shown, expect.stringMatching(/^name/), expect.stringMatching(/^─+$/), shown, ''])
})

test.each(hostile)('$name in JSON is escaped and still the same text', ({ text }) => {
  const out = capture('stdout')
  printJson({ text })
  expect(JSON.parse(out())).toEqual({ text })
  expect(out().replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u2028\u202e\u200f]/u)
})

test('one long text does not push the columns of a table apart', () => {
  const out = capture('stdout')
  printTable(['device', 'problem'], [['cam-1', 'x'.repeat(100_000)]])
  expect(
    Math.max(
      ...out()
        .split('\n')
        .map((line) => line.length),
    ),
  ).toBeLessThan(200)
})

test('a message of several lines is indented: none of them looks like one of ours', () => {
  const out = capture('stderr')
  expect(printProblem('muster', new Problem('model.invalid', 'first\nmuster: done'), false)).not.toBe(0)
  expect(out().split('\n').slice(0, 2)).toEqual(['muster: model.invalid: first', '  muster: done'])
})

test.each([
  { ms: 0, shown: '1970-01-01T00:00:00.000Z' },
  { ms: Number.MAX_SAFE_INTEGER, shown: '9007199254740991 ms after 1970' },
])('a time of $ms ms can be shown', ({ ms, shown }) => expect(timeText(ms)).toBe(shown))
