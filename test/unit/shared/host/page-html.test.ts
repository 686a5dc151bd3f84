import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { pageHtml, typedCommand } from '../../../../shared/host/page-html.ts'

const nonce = 'A'.repeat(24)

test('the page is told how Muster is called where it is served, and the nonce of its answer', () => {
  const page = readFileSync('renderer/index.html', 'utf8')
  const html = pageHtml(page, { nonce, commands: 'path' })
  expect(html).toContain('<meta name="muster-commands" content="path" />')
  expect(html).toContain(`nonce="${nonce}"`)
  expect(html).not.toMatch(/__[A-Z_]+__/)
  expect(() => pageHtml(page, { nonce: '"', commands: 'npm' })).toThrow('no base64')
})

test('commands stand as they are in a checkout, and without npm where Muster is installed', () => {
  const lines = 'npm run -s muster -- devices enroll\nnpm run -s muster-agent -- run\nnpm install x'
  expect(typedCommand(lines, 'npm')).toBe(lines)
  expect(typedCommand(lines, 'path')).toBe('muster devices enroll\nmuster-agent run\nnpm install x')
})
