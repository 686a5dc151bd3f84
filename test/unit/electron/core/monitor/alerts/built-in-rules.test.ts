import { expect, it } from 'vitest'
import { builtInRules } from '../../../../../../electron/core/monitor/alerts/built-in-rules.ts'
import { runbookOf, runbooks } from '../../../../../../electron/core/monitor/alerts/runbooks/all-runbooks.ts'

it('has a runbook for every built-in rule, with what it means, what to look at and what to do', () => {
  const parts = ['## What it means', '## What to look at', '## What to do']
  const lacking = [...builtInRules].filter(([, rule]) => {
    const runbook = runbookOf(rule.runbook)
    return runbook?.url !== null || runbook.markdown.length > 20_000 || !parts.every((part) => runbook.markdown.includes(part))
  })
  expect(lacking).toEqual([])
  expect(runbooks.size).toBe(builtInRules.size)
})

it('links a runbook that is kept elsewhere', () => {
  expect(runbookOf('https://wiki.example/pumps')).toMatchObject({ url: 'https://wiki.example/pumps', markdown: '' })
  expect(runbookOf(null)).toBeNull()
})

it('asks a person for a limit before it speaks of latency', () => {
  expect(builtInRules.get('latency-p95')?.isEnabled).toBe(false)
})
