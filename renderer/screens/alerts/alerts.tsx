import { Tabs } from '@mantine/core'
import { CopyAsCommand } from '../../components/copy.tsx'
import { Screen } from '../../components/screen.tsx'
import { useUrlState } from '../../data/url-state.ts'
import { useQuery } from '../../data/use-query.ts'
import { AlertHistory } from './alert-history.tsx'
import { countsSentence } from './alert-words.ts'
import { alertsView, alertTabs, tabTitles, type AlertTab } from './alerts-view.ts'
import { Budget } from './budget.tsx'
import { Channels } from './channels.tsx'
import { commandOfTab } from './cli-lines.ts'
import { OpenAlerts } from './open-alerts.tsx'
import { Rules } from './rules.tsx'
import { Silences } from './silences.tsx'
import styles from './alerts.module.css'

/** What needs somebody, what did, and how the console decides and tells. */
export function Alerts() {
  const [view, setView] = useUrlState(alertsView)
  const counts = useQuery('alerts.list', { state: 'open', limit: 1 }).data?.counts
  const silences = useQuery('alerts.silences', {}).data?.silences.length ?? 0
  const channels = useQuery('alerts.channels', {}).data?.channels ?? []
  const failing = channels.filter(({ isEnabled, problem }) => isEnabled && problem !== null).length
  const inTab: Partial<Record<AlertTab, string>> = {
    ...(counts === undefined || counts.firing + counts.pending === 0 ? {} : { open: String(counts.firing + counts.pending) }),
    ...(silences === 0 ? {} : { silences: String(silences) }),
    ...(failing === 0 ? {} : { channels: `${failing} failing` }),
  }
  return (
    <Screen
      title="Alerts"
      isFlush
      beside={counts !== undefined && <span>{countsSentence(counts)}</span>}
      actions={<CopyAsCommand command={commandOfTab(view)} isIcon />}
    >
      <Tabs
        className={styles.tabs}
        value={view.tab}
        onChange={(value) => setView({ tab: alertTabs.find((one) => one === value) ?? 'open', alert: 0, rule: '' }, { push: true })}
      >
        <Tabs.List className={styles.tabList} aria-label="Alerts">
          {alertTabs.map((tab) => (
            <Tabs.Tab key={tab} value={tab}>
              {tabTitles[tab]}
              {inTab[tab] !== undefined && <span className={styles.tabCount}>{inTab[tab]}</span>}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={view.tab} className={styles.tabBody}>
          {view.tab === 'open' && <OpenAlerts view={view} onView={setView} />}
          {view.tab === 'history' && <AlertHistory view={view} onView={setView} />}
          {view.tab === 'rules' && <Rules view={view} onView={setView} />}
          {view.tab === 'budget' && <Budget />}
          {view.tab === 'silences' && <Silences />}
          {view.tab === 'channels' && <Channels view={view} onView={setView} />}
        </Tabs.Panel>
      </Tabs>
    </Screen>
  )
}
