import { agentRules, consoleRules, type AlertRule } from '../prometheus/alert-rules.ts'
import { ruleRunbooks } from '../prometheus/rule-runbooks.ts'
import { builtInRules } from '../../electron/core/monitor/alerts/built-in-rules.ts'
import { runbooks } from '../../electron/core/monitor/alerts/runbooks/all-runbooks.ts'
import { table } from './tables.ts'

/** All runbooks as one guide: the pages that alerts of the console show (one that several rules share stands once), then those of Prometheus. */
export function runbookGuide(): string {
  const pages = [...new Set(runbooks.values())].sort((a, b) => (a.title < b.title ? -1 : 1))
  const rulesOf = (page: (typeof pages)[number]): string[] => [...runbooks].filter(([, one]) => one === page).map(([rule]) => rule)
  return [
    '# Runbooks',
    '<!-- Made from electron/core/monitor/alerts/runbooks and build/prometheus by npm run generate; do not edit. -->',
    'An alert shows its runbook on its page, and `muster alerts show ALERT --runbook` prints it. These are the runbooks of the rules that are',
    'there from the first day. A rule of yours can name one of them, or hold a text or an address of its own (`muster alerts rule set RULE runbook=…`).',
    'Those of the [rules for Prometheus](#rules-for-prometheus) come behind them.',
    '',
    table(
      ['rule', 'severity', 'fires when', 'runbook'],
      [...builtInRules].map(([rule, { summary, severity, isEnabled, runbook }]) => [
        `\`${rule}\``,
        isEnabled ? severity : `${severity}, off until switched on`,
        summary,
        `[${runbooks.get(runbook!)!.title}](#${anchor(runbooks.get(runbook!)!.title)})`,
      ]),
    ),
    ...pages.flatMap((page) => [
      '',
      `## ${page.title}`,
      '',
      `Told by ${rulesOf(page)
        .map((rule) => `\`${rule}\``)
        .join(' and ')}.`,
      '',
      page.markdown.replaceAll(/^## /gm, '### ').trim(),
    ]),
    '',
    ...prometheusPart(),
    '',
  ].join('\n')
}

function prometheusPart(): string[] {
  const rules = [...consoleRules, ...agentRules]
  return [
    '## Rules for Prometheus',
    '',
    '`build/prometheus/muster-rules.yaml` has these rules on the metrics of console and agents. The `runbook_url` of each leads here, to Help of the',
    'console on its own machine; where Help is opened under another address, replace the beginning of these addresses in your copy of the file.',
    '',
    table(
      ['rule', 'severity', 'fires when'],
      rules.map(({ name, severity, lasts, expr }) => [
        `[${name}](#${anchor(name)})`,
        severity,
        `\`${expr}\`${lasts === '0m' ? '' : ` for ${lasts}`}`,
      ]),
    ),
    ...rules.flatMap(pageOfRule),
  ]
}

function pageOfRule({ name }: AlertRule): string[] {
  const runbook = ruleRunbooks[name]
  if (runbook === undefined) throw new Error(`the rule ${name} has no runbook`)
  const { meaning, look, steps } = runbook
  return [
    ...['', `## ${name}`, '', '### What it means', meaning],
    ...['', '### What to look at', ...look.map((line) => `- ${line}`)],
    ...['', '### What to do', ...steps.map((line, i) => `${i + 1}. ${line}`)],
  ]
}

/** What a heading is called in an address; titles of runbooks are words and hyphens. */
function anchor(title: string): string {
  return title.toLowerCase().replaceAll(' ', '-')
}
