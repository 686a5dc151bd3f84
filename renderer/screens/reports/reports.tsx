import { Tabs } from '@mantine/core'
import { IconFileAnalytics, IconShieldCheck } from '@tabler/icons-react'
import { useCallback, useState } from 'react'
import { CopyAsCommand } from '../../components/copy.tsx'
import { plural } from '../../components/format.ts'
import page from '../../components/list-page.module.css'
import { Screen } from '../../components/screen.tsx'
import { StateMark } from '../../components/state-mark.tsx'
import { paths } from '../../data/paths.ts'
import { useUrlState } from '../../data/url-state.ts'
import { useMay } from '../../data/use-may.ts'
import { useQuery } from '../../data/use-query.ts'
import { MayButton } from '../../shell/may-button.tsx'
import { DropAnywhere } from '../models/registry/drop-anywhere.tsx'
import { Keeping } from './keeping.tsx'
import { ReportList } from './report-list.tsx'
import { reportsView, reportTabs, reportTabTitles, tabLine } from './reports-view.ts'
import { Schedules } from './schedules.tsx'
import { Templates } from './templates.tsx'
import { VerifyDialog } from './verify-dialog.tsx'
import styles from './reports.module.css'

/** Reports: what was made, what is made by itself, under which names, and how long it is kept. */
export function Reports() {
  const [view, setView] = useUrlState(reportsView)
  const [verifying, setVerifying] = useState<{ file: File | null } | null>(null)
  const whyNoUpload = useMay('reports.beginUpload')
  const drop = useCallback((files: File[]) => setVerifying({ file: files[0] ?? null }), [])
  return (
    <Screen
      title="Reports"
      isFlush
      beside={<Standing />}
      actions={
        <>
          <CopyAsCommand command={tabLine(view.tab)} isIcon />
          <MayButton method="reports.beginUpload" leftSection={<IconShieldCheck size={14} />} onClick={() => setVerifying({ file: null })}>
            Verify a file
          </MayButton>
          <MayButton method="reports.create" href={paths.newReport()} variant="filled" leftSection={<IconFileAnalytics size={14} />}>
            New report
          </MayButton>
        </>
      }
    >
      {whyNoUpload === null && <DropAnywhere label="Drop a file of a report" hint="Any format that this console wrote" onFiles={drop} />}
      {verifying !== null && <VerifyDialog key={verifying.file?.name ?? ''} file={verifying.file} onClose={() => setVerifying(null)} />}
      <Tabs
        className={styles.tabs}
        value={view.tab}
        onChange={(value) => setView({ tab: reportTabs.find((one) => one === value) ?? 'reports', report: '' }, { push: true })}
      >
        <Tabs.List className={styles.tabList} aria-label="Reports">
          {reportTabs.map((tab) => (
            <Tabs.Tab key={tab} value={tab}>
              {reportTabTitles[tab]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={view.tab} className={`${styles.tabBody} ${page.list}`}>
          {view.tab === 'reports' && <ReportList view={view} onView={setView} />}
          {view.tab === 'schedules' && <Schedules />}
          {view.tab === 'templates' && <Templates />}
          {view.tab === 'keeping' && <Keeping />}
        </Tabs.Panel>
      </Tabs>
    </Screen>
  )
}

/** How many there are, and whether a schedule needs somebody. */
function Standing() {
  const total = useQuery('reports.list', { limit: 1 }).data?.total
  const schedules = useQuery('reports.schedules', {}).data?.schedules ?? []
  const failing = schedules.filter(({ failure }) => failure !== null).length
  return (
    <>
      {total !== undefined && total > 0 && <span>{plural(total, 'report')}</span>}
      {failing > 0 && <StateMark state="failed" word={`${plural(failing, 'schedule')} failed`} />}
    </>
  )
}
