import { Tabs } from '@mantine/core'
import { IconFileImport, IconSettings } from '@tabler/icons-react'
import { useState } from 'react'
import { z } from 'zod'
import { csvText } from '../../../shared/domain/csv.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { CopyAsCommand, shellWord } from '../../components/copy.tsx'
import { ExportButton } from '../../components/export-button.tsx'
import { formatCount, plural } from '../../components/format.ts'
import { Screen } from '../../components/screen.tsx'
import { useLink } from '../../data/link-context.ts'
import { useStoredChoice } from '../../data/stored-choice.ts'
import { useUrlState } from '../../data/url-state.ts'
import { useQuery } from '../../data/use-query.ts'
import { AgreementTab } from './agreement.tsx'
import { Desk } from './desk.tsx'
import { ImportDialog } from './import-dialog.tsx'
import { labellingTabs, labellingView, scopeFlags, scopeOf, tabTitles, type LabellingTab, type LabellingView } from './labelling-view.ts'
import { Disputes, Labelled } from './looked-at.tsx'
import { RulesDialog } from './rules-dialog.tsx'
import { ScopePicker } from './scope-picker.tsx'
import { MayButton } from '../../shell/may-button.tsx'
import styles from './labelling.module.css'

const commandOfTab: Record<LabellingTab, string> = {
  desk: 'labels queue',
  disputes: 'labels queue --include disputed',
  labelled: 'labels export',
  agreement: 'labels agreement',
}

/** The labelling desk: people tell the truth of sampled predictions, and see what it says of the model. */
export function Labelling() {
  const [view, setView] = useUrlState(labellingView)
  const [by, setBy] = useStoredChoice('labelling.by', z.string().max(200), '')
  const [dialog, setDialog] = useState<'import' | 'rules' | null>(null)
  const scope = scopeOf(view)
  const progress = useQuery('labelling.progress', scope, { keepsPrevious: true }).data
  const counts: Partial<Record<LabellingTab, number>> = {
    desk: progress?.open ?? 0,
    disputes: progress?.disputed ?? 0,
    labelled: progress?.labelled ?? 0,
  }
  const close = (): void => setDialog(null)
  return (
    <Screen
      title="Labelling"
      isFlush
      beside={by !== '' && <span className="foreign">as {by}</span>}
      actions={
        <>
          <CopyAsCommand command={['npm run -s muster --', commandOfTab[view.tab], ...scopeFlags(view).map(shellWord)].join(' ')} isIcon />
          <ExportLabels view={view} />
          <MayButton method="labelling.import" leftSection={<IconFileImport size={14} />} onClick={() => setDialog('import')}>
            Import labels
          </MayButton>
          <MayButton method="labelling.set" leftSection={<IconSettings size={14} />} onClick={() => setDialog('rules')}>
            Rules
          </MayButton>
        </>
      }
    >
      <Tabs
        className={styles.tabs}
        value={view.tab}
        onChange={(value) => setView({ tab: labellingTabs.find((one) => one === value) ?? 'desk' }, { push: true })}
      >
        <Tabs.List className={styles.tabList} aria-label="Labelling">
          {labellingTabs.map((tab) => (
            <Tabs.Tab key={tab} value={tab}>
              {tabTitles[tab]}
              {(counts[tab] ?? 0) > 0 && <span className={styles.tabCount}>{formatCount(counts[tab]!)}</span>}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <ScopePicker view={view} onView={setView} />
        <Tabs.Panel value={view.tab} className={view.tab === 'desk' ? styles.deskBody! : styles.tabBody!}>
          {view.tab === 'desk' && (
            <Desk key={JSON.stringify([scope, view.reason, by])} view={view} by={by} onReason={(reason) => setView({ reason })} />
          )}
          {view.tab === 'disputes' && <Disputes scope={scope} by={by} />}
          {view.tab === 'labelled' && <Labelled scope={scope} />}
          {view.tab === 'agreement' && <AgreementTab scope={scope} />}
        </Tabs.Panel>
      </Tabs>
      {dialog === 'import' && <ImportDialog by={by} onClose={close} />}
      {dialog === 'rules' && <RulesDialog by={by} onBy={setBy} onClose={close} />}
    </Screen>
  )
}

function ExportLabels({ view }: { view: LabellingView }) {
  const link = useLink()
  return (
    <ExportButton
      label="Export labels"
      fileName="labels.csv"
      make={async ({ signal, onProgress }) => {
        const rows: OutputOf<'labelling.export'>['rows'] = []
        const { labelled } = await link.call('labelling.progress', scopeOf(view))
        let after: string | null = null
        for (;;) {
          signal.throwIfAborted()
          const page: OutputOf<'labelling.export'> = await link.call('labelling.export', {
            ...scopeOf(view),
            ...(after === null ? {} : { after }),
          })
          rows.push(...page.rows)
          onProgress(labelled === 0 ? 1 : Math.min(1, rows.length / labelled))
          after = page.next
          if (after === null) return { text: csvText(page.columns, rows), done: `${plural(rows.length, 'label')} were written.` }
        }
      }}
    />
  )
}
