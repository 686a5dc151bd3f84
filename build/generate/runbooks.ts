import { builtInRules } from '../../electron/core/monitor/alerts/built-in-rules.ts'
import { runbooks } from '../../electron/core/monitor/alerts/runbooks/all-runbooks.ts'
import { table } from './tables.ts'

/** All runbooks as one guide, made from the pages that alerts show; a page that several rules share stands once. */
export function runbookGuide(): string {
  const pages = [...new Set(runbooks.values())].sort((a, b) => (a.title < b.title ? -1 : 1))
  const rulesOf = (page: (typeof pages)[number]): string[] => [...runbooks].filter(([, one]) => one === page).map(([rule]) => rule)
  return [
    '# Runbooks',
    '<!-- Made from electron/core/monitor/alerts/runbooks by npm run generate; do not edit. -->',
    'An alert shows its runbook on its page, and `muster alerts show ALERT --runbook` prints it. These are the runbooks of the rules that are',
    'there from the first day. A rule of yours can name one of them, or hold a text or an address of its own (`muster alerts rule set RULE runbook=…`).',
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
  ].join('\n')
}

/** What a heading is called in an address; titles of runbooks are words and hyphens. */
function anchor(title: string): string {
  return title.toLowerCase().replaceAll(' ', '-')
}
