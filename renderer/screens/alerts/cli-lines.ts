import { shellWord } from '../../components/copy.tsx'
import type { AlertsView } from './alerts-view.ts'

const muster = 'npm run -s muster --'

/** What these pages show, on the command line. */
export const cliLines = {
  show: (alert: number) => `${muster} alerts show ${alert}`,
  rules: `${muster} alerts rules`,
}

/** The command that answers what a tab shows. */
export function commandOfTab({ tab, query, severity }: AlertsView): string {
  const filter = `${query === '' ? '' : ` --query ${shellWord(query)}`}${severity === 'info' ? '' : ` --severity ${severity}`}`
  switch (tab) {
    case 'open':
      return `${muster} alerts list${filter}`
    case 'history':
      return `${muster} alerts list --state all${filter}`
    case 'rules':
      return cliLines.rules
    case 'budget':
      return `${muster} alerts budget`
    case 'silences':
      return `${muster} alerts silences`
    case 'channels':
      return `${muster} alerts channels`
  }
}
