import { agentRules, consoleRules, type AlertRule } from './alert-rules.ts'

/** Help of the console where it is reached, on its own machine: the runbooks are there without a network. */
const RUNBOOKS = 'http://127.0.0.1:8320/help/runbooks'

/** The file of alert rules for Prometheus. */
export function rulesDocument(): string {
  const groups = { 'muster-console': consoleRules, 'muster-agents': agentRules }
  const lines = Object.entries(groups).flatMap(([name, rules]) => [`  - name: ${name}`, '    rules:', ...rules.flatMap(ruleLines)])
  return ['# Made from build/prometheus/alert-rules.ts: npm run generate', 'groups:', ...lines, ''].join('\n')
}

/** A text in double quotes is the same in YAML and in JSON. */
function ruleLines({ name, expr, lasts, severity, summary, action }: AlertRule): string[] {
  return [
    `      - alert: ${name}`,
    `        expr: ${JSON.stringify(expr)}`,
    `        for: ${lasts}`,
    `        labels: { severity: ${severity} }`,
    '        annotations:',
    `          summary: ${JSON.stringify(summary)}`,
    `          description: ${JSON.stringify(action)}`,
    `          runbook_url: ${RUNBOOKS}/${name.toLowerCase()}`,
  ]
}
