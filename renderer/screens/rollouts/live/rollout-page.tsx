import { Tabs } from '@mantine/core'
import { useState } from 'react'
import { Link as RouteLink } from 'wouter'
import { Answered, EmptyState } from '../../../components/answered.tsx'
import { CopyAsCommand } from '../../../components/copy.tsx'
import { ExportButton } from '../../../components/export-button.tsx'
import { Screen } from '../../../components/screen.tsx'
import { useLink } from '../../../data/link-context.ts'
import { paths } from '../../../data/paths.ts'
import { useUrlState } from '../../../data/url-state.ts'
import { useQuery } from '../../../data/use-query.ts'
import { usePlaceKeys } from '../../../shell/place-shortcuts.ts'
import type { RolloutDetail } from '../../../../shared/rpc/contract/rollouts.ts'
import { ComparisonTab } from '../comparison/comparison-tab.tsx'
import { DevicesTab } from '../devices/devices-tab.tsx'
import { RolloutDevicePanel } from '../devices/rollout-device-panel.tsx'
import { EventsTab } from '../events/events-tab.tsx'
import { planFileName } from '../wizard/plan/cli-lines.ts'
import { ActDialog } from './act-dialog.tsx'
import type { Act } from './act-words.ts'
import { PriorityDialog } from './priority-dialog.tsx'
import { RolloutMenu } from './rollout-acts.tsx'
import { RolloutHead, RolloutMarks } from './rollout-head.tsx'
import { rolloutTabs, rolloutTabTitles, rolloutView, type ChangeRolloutView, type RolloutView } from './rollout-view.ts'
import { WavesTab } from './waves-tab.tsx'
import styles from './rollout.module.css'

/** Evidence, windows and progress change without an event of the rollout. */
const LIVE_MS = 5000

/** One rollout, live: how it stands, its waves with their gates and the evidence, its devices and its log, and what can be done now. */
export function RolloutPage({ rollout }: { rollout: number }) {
  const answer = useQuery('rollouts.show', { rollout }, { everyMs: LIVE_MS })
  const [view, onView] = useUrlState(rolloutView)
  const [act, onAct] = useState<Act | null>(null)
  const [isPriority, setPriority] = useState(false)
  const shown = answer.data
  usePlaceKeys({
    p: () => {
      if (shown?.acts.pause === true) onAct({ verb: 'pause' })
      else if (shown?.acts.resume === true) onAct({ verb: 'resume' })
    },
    h: () => {
      if (shown?.acts.halt === true) onAct({ verb: 'halt' })
    },
  })
  if (shown === undefined && answer.error?.code === 'rollout.not-found')
    return (
      <Screen title={`Rollout ${rollout}`}>
        <EmptyState title={`There is no rollout ${rollout}`} actions={<RouteLink href={paths.rollouts()}>Go to the rollouts</RouteLink>}>
          It may have been a draft that was removed.
        </EmptyState>
      </Screen>
    )
  return (
    <Screen
      title={shown?.name ?? `Rollout ${rollout}`}
      isFlush
      beside={shown !== undefined && <RolloutMarks shown={shown} />}
      actions={
        shown !== undefined && (
          <>
            <CopyAsCommand command={`npm run -s muster -- rollouts show ${rollout}`} isIcon />
            <ExportPlan shown={shown} />
            <RolloutMenu of={shown} onAct={(verb) => onAct({ verb })} onPriority={() => setPriority(true)} />
          </>
        )
      }
    >
      <Answered answer={answer}>
        {(one) => (
          <>
            <RolloutHead shown={one} tab={view.tab} onAct={onAct} />
            <RolloutTabs shown={one} view={view} onView={onView} onAct={onAct} />
            {act !== null && <ActDialog of={one} act={act} onClose={() => onAct(null)} />}
            {isPriority && <PriorityDialog of={one} onClose={() => setPriority(false)} />}
          </>
        )}
      </Answered>
    </Screen>
  )
}

interface TabsProps {
  shown: RolloutDetail
  view: RolloutView
  onView: ChangeRolloutView
  onAct(act: Act): void
}

function RolloutTabs({ shown, view, onView, onAct }: TabsProps) {
  return (
    <Tabs
      className={styles.tabs}
      value={view.tab}
      onChange={(value) => onView({ tab: rolloutTabs.find((one) => one === value) ?? 'waves', device: '' }, { push: true })}
    >
      <Tabs.List className={styles.tabList} aria-label="Rollout">
        {rolloutTabs.map((tab) => (
          <Tabs.Tab key={tab} value={tab}>
            {rolloutTabTitles[tab]}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value={view.tab} className={styles.tabBody}>
        <div className={styles.split}>
          {view.tab === 'waves' && (
            <WavesTab shown={shown} view={view} onView={onView} onLetThrough={(wave) => onAct({ verb: 'letThrough', wave })} />
          )}
          {view.tab === 'comparison' && <ComparisonTab shown={shown} view={view} onView={onView} onAct={(verb) => onAct({ verb })} />}
          {view.tab === 'devices' && <DevicesTab shown={shown} view={view} onView={onView} onAct={onAct} />}
          {view.tab === 'events' && <EventsTab shown={shown} view={view} onView={onView} />}
          {view.device !== '' && (
            <RolloutDevicePanel key={view.device} shown={shown} device={view.device} onAct={onAct} onClose={() => onView({ device: '' })} />
          )}
        </div>
      </Tabs.Panel>
    </Tabs>
  )
}

/** The plan as a file that the wizard and the command line read. */
function ExportPlan({ shown }: { shown: RolloutDetail }) {
  const link = useLink()
  const fileName = planFileName(shown)
  return (
    <ExportButton
      isIcon
      label="Export the plan as a file"
      fileName={fileName}
      make={async () => {
        const { text } = await link.call('rollouts.check', { plan: shown.plan })
        return { text: text ?? JSON.stringify(shown.plan, null, 2), done: `${fileName} was written.` }
      }}
    />
  )
}
