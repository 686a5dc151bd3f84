import { Group, Tabs } from '@mantine/core'
import { Link as RouteLink } from 'wouter'
import { CopyAsCommand } from '../../components/copy.tsx'
import { plural } from '../../components/format.ts'
import page from '../../components/list-page.module.css'
import { Screen } from '../../components/screen.tsx'
import { StateMark } from '../../components/state-mark.tsx'
import { paths } from '../../data/paths.ts'
import { useUrlState } from '../../data/url-state.ts'
import { useQuery } from '../../data/use-query.ts'
import { MayButton } from '../../shell/may-button.tsx'
import { auditLine, auditTabs, auditTabTitles, auditView, signedSentence } from './audit-view.ts'
import { Checkpoints } from './checkpoints.tsx'
import { Entries } from './entries.tsx'
import { useVerification, VerificationBar } from './verification.tsx'
import { Witnesses } from './witnesses.tsx'
import styles from './audit.module.css'

/** What people, programs and devices did: signed, kept by the devices, and verified on demand. */
export function Audit() {
  const [view, setView] = useUrlState(auditView)
  const status = useQuery('audit.status', {})
  const verification = useVerification(status.data?.verdict ?? null)
  const open = status.data?.open ?? 0
  return (
    <Screen
      title="Audit"
      isFlush
      beside={
        <>
          {status.data !== undefined && <span>{signedSentence(status.data)}</span>}
          {open > 0 && (
            <RouteLink href={paths.audit({ tab: 'witnesses' })}>
              <StateMark state="failed" word={`${plural(open, 'contradiction')} by devices`} />
            </RouteLink>
          )}
        </>
      }
      actions={
        <Group gap={4} wrap="nowrap">
          <MayButton method="audit.verify" onClick={verification.start} loading={verification.isStarting} disabled={verification.isRunning}>
            Verify the log
          </MayButton>
          <CopyAsCommand command={auditLine(view)} isIcon />
        </Group>
      }
    >
      <VerificationBar verification={verification} />
      <Tabs
        className={styles.tabs}
        value={view.tab}
        onChange={(value) => setView({ tab: auditTabs.find((one) => one === value) ?? 'entries', entry: '' }, { push: true })}
      >
        <Tabs.List className={styles.tabList} aria-label="Audit">
          {auditTabs.map((tab) => (
            <Tabs.Tab key={tab} value={tab}>
              {auditTabTitles[tab]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={view.tab} className={`${styles.tabBody} ${page.list}`}>
          {view.tab === 'entries' && <Entries view={view} onView={setView} />}
          {view.tab === 'checkpoints' && <Checkpoints status={status} />}
          {view.tab === 'witnesses' && <Witnesses status={status} />}
        </Tabs.Panel>
      </Tabs>
    </Screen>
  )
}
