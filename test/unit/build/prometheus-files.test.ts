import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { dashboardDocument } from '../../../build/grafana/dashboard.ts'
import { rows } from '../../../build/grafana/panels.ts'
import { agentRules, consoleRules } from '../../../build/prometheus/alert-rules.ts'
import { ruleRunbooks } from '../../../build/prometheus/rule-runbooks.ts'
import { rulesDocument } from '../../../build/prometheus/rules-document.ts'
import { addAlertsCommands } from '../../../electron/core/cli/alerts-commands.ts'
import { addBackupCommands } from '../../../electron/core/cli/backup-commands.ts'
import { addDevicesCommands } from '../../../electron/core/cli/devices-commands.ts'
import { addForwardCommands } from '../../../electron/core/cli/forward-commands.ts'
import { addMetricsCommands } from '../../../electron/core/cli/metrics-commands.ts'
import { addMonitorCommands } from '../../../electron/core/cli/monitor-commands.ts'
import { addOrdersCommands } from '../../../electron/core/cli/orders-commands.ts'
import { createProgram } from '../../../electron/core/cli/program.ts'
import { addSourcesCommands } from '../../../electron/core/cli/sources-commands.ts'
import { addSystemCommands } from '../../../electron/core/cli/system-commands.ts'
import { addTelemetryCommands } from '../../../electron/core/cli/telemetry-commands.ts'
import { addTokenCommands } from '../../../electron/core/cli/token-commands.ts'
import { headingIds } from '../../../renderer/components/heading-ids.ts'
import { markdownBlocks } from '../../../renderer/components/markdown-blocks.ts'
import { agentCatalog } from '../../../shared/metrics/agent-catalog.ts'
import { consoleCatalog } from '../../../shared/metrics/console-catalog.ts'
import type { MetricFacts } from '../../../shared/metrics/family.ts'

const catalog: Record<string, MetricFacts> = { ...agentCatalog, ...consoleCatalog }
/** Labels that Prometheus adds, and `le` of classic buckets. */
const added = ['instance', 'job', 'le']

/** What an expression says that no catalogue has: metrics, and labels of its selectors and groupings. */
function unknownIn(expr: string): string[] {
  const selectors = [...expr.matchAll(/\b((?:muster|process)_\w+)(?:\{([^}]*)\})?/g)]
  const metrics = selectors.map(([, name]) => name!.replace(/_bucket$/, ''))
  const labels = new Set([...added, ...metrics.flatMap((name) => catalog[name]?.labels ?? [])])
  const used = [
    ...selectors.flatMap(([, , inner = '']) => [...inner.matchAll(/(\w+)\s*[=!]/g)].map(([, label]) => label!)),
    ...[...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, inner]) => inner!.split(',').map((label) => label.trim())),
  ]
  return [...metrics.filter((name) => catalog[name] === undefined), ...used.filter((label) => !labels.has(label))]
}

test('the files are what their sources make', () => {
  expect(readFileSync('build/prometheus/muster-rules.yaml', 'utf8')).toBe(rulesDocument())
  expect(readFileSync('build/grafana/muster-dashboard.json', 'utf8')).toBe(dashboardDocument())
})

test('each rule has a runbook, to which its address leads', () => {
  const runbooks = markdownBlocks(readFileSync('build/guides/runbooks.md', 'utf8'))
  const headings = new Set(headingIds(runbooks).values())
  const addresses = [...rulesDocument().matchAll(/runbook_url: http:\/\/127\.0\.0\.1:8320\/help\/runbooks\/(\w+)$/gm)].map(
    (match) => match[1]!,
  )
  expect(addresses).toHaveLength(consoleRules.length + agentRules.length)
  expect(addresses.filter((id) => !headings.has(id))).toEqual([])
  expect(Object.keys(ruleRunbooks)).toEqual([...consoleRules, ...agentRules].map(({ name }) => name))
})

test('rules and panels name only metrics and labels that are exposed', () => {
  const expressions = [...consoleRules, ...agentRules].map(({ expr }) => expr)
  const panels = rows.flatMap(({ panels: of }) => of.flatMap(({ queries }) => queries.map(({ expr }) => expr)))
  expect([...expressions, ...panels].flatMap(unknownIn)).toEqual([])
  // The check itself sees what is wrong.
  expect(unknownIn('sum by (place) (muster_devices{colour="red"}) / muster_nothing')).toEqual(['muster_nothing', 'colour', 'place'])
})

test('panels lie side by side, and none lies over another', () => {
  const { panels } = JSON.parse(dashboardDocument()) as {
    panels: { id: number; gridPos: { x: number; y: number; w: number; h: number } }[]
  }
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, i) => `${x + (i % w)} ${y + Math.floor(i / w)}`),
  )
  expect(new Set(cells).size).toBe(cells.length)
  expect(Math.max(...panels.map(({ gridPos: { x, w } }) => x + w))).toBe(24)
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
})

test('the catalogues keep to the rules of names: base units, counters end in _total, and nothing else does', () => {
  for (const [name, { type, unit, help, labels }] of [...Object.entries(agentCatalog), ...Object.entries(consoleCatalog)] as [
    string,
    MetricFacts,
  ][]) {
    expect(name).toMatch(/^(muster|process)_[a-z0-9_]+$/)
    expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter'])
    if (unit === 's') expect(name).toMatch(/_seconds(_total)?$/)
    if (unit === 'By') expect(name).toMatch(/_bytes$/)
    expect(help).toMatch(/\.$/)
    expect(labels.filter((label) => added.includes(label))).toEqual([])
  }
})

test('every command that a rule names is there, with its flags', () => {
  const program = createProgram()
  for (const add of [addAlertsCommands, addBackupCommands, addDevicesCommands, addMetricsCommands, addMonitorCommands]) add(program)
  for (const add of [addOrdersCommands, addSystemCommands, addTelemetryCommands, addTokenCommands]) add(program)
  for (const add of [addForwardCommands, addSourcesCommands]) add(program)
  const named = consoleRules.flatMap(({ action }) => [...action.matchAll(/\bmuster ([a-z]+)(?: ([a-z]+))?(?: (--[a-z]+))?/g)])
  expect(named.length).toBeGreaterThan(8)
  const child = (of: Command | undefined, name: string | undefined): Command | undefined => of?.commands.find((one) => one.name() === name)
  for (const [text, first, second, flag] of named) {
    const command = child(program, first)
    // `muster status says why`: what follows is a word of the sentence where the command has no parts.
    const hasPart = second !== undefined && second !== 'says' && (command?.commands.length ?? 0) > 0
    const last = hasPart ? child(command, second) : command
    expect([text, last !== undefined]).toEqual([text, true])
    // A flag may be that of the part that runs by itself.
    const flags = [last!, ...last!.commands].flatMap(({ options }) => options.map(({ long }) => long))
    if (flag !== undefined) expect(flags).toContain(flag)
  }
})
