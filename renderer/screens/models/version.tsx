import { ActionIcon, Button, Menu, Tabs, Tooltip } from '@mantine/core'
import { IconArrowsDiff, IconDots, IconFileExport, IconRocket, IconStairsUp, IconTag } from '@tabler/icons-react'
import { useState } from 'react'
import { Link as RouteLink } from 'wouter'
import { z } from 'zod'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { Answered } from '../../components/answered.tsx'
import { CopyAsCommand } from '../../components/copy.tsx'
import { Screen } from '../../components/screen.tsx'
import { paths } from '../../data/paths.ts'
import { useUrlState } from '../../data/url-state.ts'
import { useMay } from '../../data/use-may.ts'
import { useQuery } from '../../data/use-query.ts'
import { showDone } from '../../shell/notices.tsx'
import { AliasChips } from './alias/alias-chips.tsx'
import { AliasDialog } from './alias/alias-dialog.tsx'
import { AliasLists } from './alias/alias-lists.tsx'
import { ApprovalTab } from './approval/approval-tab.tsx'
import { StageMark } from './approval/stage-mark.tsx'
import { TestBench } from './bench/test-bench.tsx'
import { cliLines } from './cli-lines.ts'
import styles from './models.module.css'
import { DevicesMark } from './registry/devices-mark.tsx'
import { incumbentOf, otherToCompare, type Incumbent } from './registry/incumbent.ts'
import { DataTab } from './version/data-tab.tsx'
import { EvaluateDialog } from './version/evaluate-dialog.tsx'
import { EvaluationsTab } from './version/evaluations-tab.tsx'
import { ExportDialog } from './version/export-dialog.tsx'
import { RunsLists, RunsSection } from './version/runs-section.tsx'
import { SummaryTab } from './version/summary-tab.tsx'
import { MayButton, MayMenuItem } from '../../shell/may-button.tsx'

type Detail = OutputOf<'models.show'>

const tabs = ['summary', 'data', 'evaluations', 'approval', 'bench', 'devices'] as const
const tabTitles: Record<(typeof tabs)[number], string> = {
  summary: 'Summary',
  data: 'Features and labels',
  evaluations: 'Evaluations',
  approval: 'Approval',
  bench: 'Test bench',
  devices: 'Devices and aliases',
}
const view = z.object({ tab: z.enum(tabs).default('summary') })

/** Everything about one version. @param version a version, or an alias of the model */
export function Version({ model, version }: { model: string; version: string }) {
  const answer = useQuery('models.show', { model, version })
  const siblings = useQuery('models.list', { model })
  const detail = answer.data
  if (detail === undefined) {
    return (
      <Screen title={`${model} ${version}`} beside={<RouteLink href={paths.model(model)}>All versions of {model}</RouteLink>}>
        <Answered answer={answer}>{() => null}</Answered>
      </Screen>
    )
  }
  const versions = siblings.data?.versions ?? []
  const incumbent = incumbentOf(versions, detail)
  return (
    <Screen
      title={`${detail.model} ${detail.version}`}
      beside={
        <>
          <StageMark stage={detail.stage} />
          <AliasChips aliases={detail.aliases} />
          <DevicesMark devices={detail.devices} isSpelled />
          {detail.version !== version && <span>opened as {version}</span>}
        </>
      }
      actions={<VersionActions detail={detail} other={otherToCompare(versions, detail)?.version ?? null} />}
      isFlush
    >
      <Answered answer={answer}>{() => <VersionTabs detail={detail} incumbent={incumbent} />}</Answered>
    </Screen>
  )
}

function VersionTabs({ detail, incumbent }: { detail: Detail; incumbent: Incumbent | null }) {
  const [{ tab }, change] = useUrlState(view)
  return (
    <Tabs
      className={styles.tabs}
      value={tab}
      onChange={(value) => change({ tab: tabs.find((one) => one === value) ?? 'summary' }, { push: true })}
    >
      <Tabs.List className={styles.tabList}>
        {tabs.map((one) => (
          <Tabs.Tab key={one} value={one}>
            {tabTitles[one]}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value={tab} className={styles.tabBody}>
        {tab === 'summary' && <SummaryTab detail={detail} incumbent={incumbent} />}
        {tab === 'data' && <DataTab detail={detail} />}
        {tab === 'evaluations' && <EvaluationsTab detail={detail} />}
        {tab === 'approval' && <ApprovalTab model={detail.model} version={detail.version} />}
        {tab === 'bench' && <TestBench detail={detail} />}
        {tab === 'devices' && (
          <div className={styles.columns}>
            <div className={styles.stack}>
              <RunsSection detail={detail} />
              <RunsLists detail={detail} />
            </div>
            <div className={styles.stack}>
              <AliasLists model={detail.model} version={detail.version} />
            </div>
          </div>
        )}
      </Tabs.Panel>
    </Tabs>
  )
}

function VersionActions({ detail, other }: { detail: Detail; other: string | null }) {
  const { model, version } = detail
  const [dialog, setDialog] = useState<'alias' | 'evaluate' | 'export' | null>(null)
  const close = (): void => setDialog(null)
  const whyNoExport = useMay('models.export')
  return (
    <>
      <CopyAsCommand command={cliLines.show(model, version)} isIcon />
      <Tooltip label={whyNoExport ?? 'Export as a .muster file'}>
        <ActionIcon aria-label="Export as a .muster file" disabled={whyNoExport !== null} onClick={() => setDialog('export')}>
          <IconFileExport size={16} />
        </ActionIcon>
      </Tooltip>
      <MoreMenu detail={detail} onDialog={setDialog} />
      {other !== null && (
        <Button component={RouteLink} href={paths.compare(model, other, version)} leftSection={<IconArrowsDiff size={14} />}>
          Compare
        </Button>
      )}
      <MayButton method="models.setAlias" leftSection={<IconTag size={14} />} onClick={() => setDialog('alias')}>
        Set alias
      </MayButton>
      <MayButton method="deployments.apply" href={paths.deploy({ model, version })} leftSection={<IconRocket size={14} />}>
        Deploy
      </MayButton>
      <MayButton
        method="rollouts.create"
        href={paths.newRollout({ model, version })}
        variant="filled"
        leftSection={<IconStairsUp size={14} />}
      >
        Start rollout
      </MayButton>
      {dialog === 'alias' && <AliasDialog model={model} version={version} onClose={close} />}
      {dialog === 'export' && <ExportDialog detail={detail} onClose={close} />}
      {dialog === 'evaluate' && <EvaluateDialog detail={detail} onClose={close} />}
    </>
  )
}

function MoreMenu({ detail: { model, version, digest }, onDialog }: { detail: Detail; onDialog(dialog: 'evaluate' | 'export'): void }) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button leftSection={<IconDots size={14} />}>More</Button>
      </Menu.Target>
      <Menu.Dropdown>
        <MayMenuItem method="models.evaluate" onClick={() => onDialog('evaluate')}>
          Evaluate on a hold-out file
        </MayMenuItem>
        <MayMenuItem method="models.export" onClick={() => onDialog('export')}>
          Export as a .muster file
        </MayMenuItem>
        <Menu.Item component={RouteLink} href={`${paths.version(model, version)}?tab=bench`}>
          Try a row
        </Menu.Item>
        <Menu.Item
          onClick={() => {
            navigator.clipboard.writeText(digest).then(
              () => showDone('The digest is copied.'),
              () => showDone(`The digest is ${digest}`),
            )
          }}
        >
          Copy the digest
        </Menu.Item>
        <Menu.Item component={RouteLink} href={paths.monitoringModel(model, version)}>
          Monitoring
        </Menu.Item>
        <Menu.Item component={RouteLink} href={paths.model(model)}>
          All versions of {model}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
