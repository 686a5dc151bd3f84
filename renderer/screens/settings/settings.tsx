import { Tabs } from '@mantine/core'
import { z } from 'zod'
import { Answered } from '../../components/answered.tsx'
import { CopyAsCommand } from '../../components/copy.tsx'
import { Screen } from '../../components/screen.tsx'
import { useQuery } from '../../data/use-query.ts'
import { useUrlState } from '../../data/url-state.ts'
import { AboutSettings } from './about-settings.tsx'
import { AccountSettings } from './account/account-settings.tsx'
import { AppearanceSettings } from './appearance-settings.tsx'
import { ApprovalSettings } from './approval-settings.tsx'
import { BackupSettings } from './backups/backup-settings.tsx'
import { BrokerSettings } from './broker-settings.tsx'
import { CostSettings } from './cost-settings.tsx'
import { DataOutSettings } from './data-out/data-out-settings.tsx'
import { FleetSettings } from './fleet-settings.tsx'
import { FleetUsage } from './fleet-usage.tsx'
import { MetricsSettings } from './metrics/metrics-settings.tsx'
import { NoticeSettings } from './notice-settings.tsx'
import { PeopleSettings } from './people/people-settings.tsx'
import { PrivacySettings } from './privacy/privacy-settings.tsx'
import { RetentionSettings } from './retention-settings.tsx'
import { SampleFleetSettings } from './sample-fleet-settings.tsx'
import { TokenSettings } from './tokens/token-settings.tsx'
import styles from './settings.module.css'

const tabs = [
  'fleet',
  'broker',
  'people',
  'tokens',
  'account',
  'approval',
  'sample',
  'use',
  'costs',
  'stored',
  'privacy',
  'backups',
  'metrics',
  'data-out',
  'appearance',
  'notifications',
  'about',
] as const
const state = z.object({ tab: z.enum(tabs).default('fleet') })

/** Settings of the fleet and of this page. */
export function Settings() {
  const [{ tab }, change] = useUrlState(state)
  const settings = useQuery('settings.show', {})
  return (
    <Screen title="Settings" actions={<CopyAsCommand command="npm run -s muster -- settings" isIcon />}>
      <Tabs
        value={tab}
        onChange={(next) => change({ tab: tabs.find((one) => one === next) ?? 'fleet' })}
        orientation="vertical"
        className={styles.tabs}
      >
        <Tabs.List aria-label="Settings">
          <Tabs.Tab value="fleet">Fleet</Tabs.Tab>
          <Tabs.Tab value="broker">Broker</Tabs.Tab>
          <Tabs.Tab value="people">People</Tabs.Tab>
          <Tabs.Tab value="tokens">Tokens</Tabs.Tab>
          <Tabs.Tab value="account">Your account</Tabs.Tab>
          <Tabs.Tab value="approval">Approval</Tabs.Tab>
          <Tabs.Tab value="sample">Sample fleet</Tabs.Tab>
          <Tabs.Tab value="use">Use</Tabs.Tab>
          <Tabs.Tab value="costs">Costs</Tabs.Tab>
          <Tabs.Tab value="stored">Stored telemetry</Tabs.Tab>
          <Tabs.Tab value="privacy">Privacy</Tabs.Tab>
          <Tabs.Tab value="backups">Backups</Tabs.Tab>
          <Tabs.Tab value="metrics">Metrics and logs</Tabs.Tab>
          <Tabs.Tab value="data-out">Data out</Tabs.Tab>
          <Tabs.Tab value="appearance">Appearance</Tabs.Tab>
          <Tabs.Tab value="notifications">Notifications</Tabs.Tab>
          <Tabs.Tab value="about">About</Tabs.Tab>
        </Tabs.List>
        <div className={styles.panel}>
          <Tabs.Panel value="fleet">
            <Answered answer={settings}>{(data) => <FleetSettings settings={data} />}</Answered>
          </Tabs.Panel>
          <Tabs.Panel value="broker">
            <Answered answer={settings}>{(data) => <BrokerSettings settings={data} />}</Answered>
          </Tabs.Panel>
          <Tabs.Panel value="people">
            <PeopleSettings />
          </Tabs.Panel>
          <Tabs.Panel value="tokens">
            <TokenSettings />
          </Tabs.Panel>
          <Tabs.Panel value="account">
            <AccountSettings />
          </Tabs.Panel>
          <Tabs.Panel value="approval">
            <ApprovalSettings />
          </Tabs.Panel>
          <Tabs.Panel value="sample">
            <SampleFleetSettings />
          </Tabs.Panel>
          <Tabs.Panel value="use">
            <FleetUsage />
          </Tabs.Panel>
          <Tabs.Panel value="costs">
            <CostSettings />
          </Tabs.Panel>
          <Tabs.Panel value="stored">
            <RetentionSettings />
          </Tabs.Panel>
          <Tabs.Panel value="privacy">
            <PrivacySettings />
          </Tabs.Panel>
          <Tabs.Panel value="backups">
            <BackupSettings />
          </Tabs.Panel>
          <Tabs.Panel value="metrics">
            <MetricsSettings />
          </Tabs.Panel>
          <Tabs.Panel value="data-out">
            <DataOutSettings />
          </Tabs.Panel>
          <Tabs.Panel value="appearance">
            <AppearanceSettings />
          </Tabs.Panel>
          <Tabs.Panel value="notifications">
            <NoticeSettings />
          </Tabs.Panel>
          <Tabs.Panel value="about">
            <AboutSettings />
          </Tabs.Panel>
        </div>
      </Tabs>
    </Screen>
  )
}
