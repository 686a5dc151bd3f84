import { Button, Select } from '@mantine/core'
import { useMemo } from 'react'
import { Link as RouteLink } from 'wouter'
import { EmptyState, ProblemBox } from '../../components/answered.tsx'
import { HeatMap } from '../../components/charts/heat-map.tsx'
import { ExportButton } from '../../components/export-button.tsx'
import { formatCount, plural } from '../../components/format.ts'
import { Sentence } from '../../components/time.tsx'
import { paths } from '../../data/paths.ts'
import { useQuery } from '../../data/use-query.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { DriftLegend } from './drift-legend.tsx'
import { describeCell, heatRows, verdictOf } from './drift-rows.tsx'
import { FeaturePanel } from './feature-panel.tsx'
import { driftCsv } from './monitoring-csv.ts'
import { devicesOf, lengthText, periods, windowChoices, windowOf } from './monitoring-view.ts'
import { ReferenceSwitch } from './reference-switch.tsx'
import { BaselineActions } from './baseline-actions.tsx'
import { RowsWaiting } from './waiting.tsx'
import { EVERY_MS, type TabProps } from './tab-props.ts'
import styles from './version.module.css'

type Drift = OutputOf<'monitoring.drift'>

/** Every feature, the outcomes and the confidence against a reference over time; one of them in detail beside the map. */
export function DriftTab(props: TabProps) {
  const { of, view, span, onView } = props
  const windowMs = windowOf(view)
  const asked = { ...of, ...devicesOf(view), ...span, reference: view.reference, windowMs }
  const answer = useQuery('monitoring.drift', asked, { keepsPrevious: true, everyMs: EVERY_MS })
  const drift = answer.data
  const chosen = drift === undefined ? undefined : verdictOf(drift.features, view)
  return (
    <div className={styles.split}>
      <div className={styles.body}>
        <div className={styles.controls}>
          <ReferenceSwitch {...props} onChoose={(reference) => onView({ reference, at: 0 })} />
          <span className={styles.controlEnd}>
            <WindowChoice view={view} onView={onView} />
            {drift !== undefined && (
              <ExportButton
                isIcon
                label="Export the verdict windows as CSV"
                fileName={`drift-${of.model}-${of.version}.csv`}
                make={() =>
                  Promise.resolve({
                    text: driftCsv(drift.features, drift.reference),
                    done: `${plural(drift.features.length, 'feature')} exported.`,
                  })
                }
              />
            )}
          </span>
        </div>
        {view.reference === 'device-baseline' && view.device !== '' && <BaselineActions of={of} view={view} span={span} />}
        {answer.error !== null && (
          <ProblemBox problem={answer.error} onRetry={() => void answer.refetch()} isOverData={drift !== undefined} />
        )}
        {drift === undefined && answer.error === null && <RowsWaiting count={14} />}
        {drift !== undefined && <DriftMap drift={drift} {...props} />}
      </div>
      {chosen !== undefined && drift !== undefined && (
        <FeaturePanel key={`${chosen.role} ${chosen.name}`} {...props} verdict={chosen} drift={drift} windowMs={windowMs} />
      )}
    </div>
  )
}

function WindowChoice({ view, onView }: Pick<TabProps, 'view' | 'onView'>) {
  const fitting = lengthText(periods[view.period].windowMs)
  return (
    <Select
      aria-label="Shortest verdict window"
      w={150}
      allowDeselect={false}
      data={[
        { value: 'auto', label: `Windows of ${fitting}` },
        ...Object.entries(windowChoices).map(([value, ms]) => ({ value, label: `At least ${lengthText(ms)}` })),
      ]}
      value={view.window}
      onChange={(value) =>
        onView({ window: (Object.keys(windowChoices) as (keyof typeof windowChoices)[]).find((one) => one === value) ?? 'auto', at: 0 })
      }
    />
  )
}

function DriftMap({ drift, of, view, onView }: TabProps & { drift: Drift }) {
  const rows = useMemo(() => heatRows(drift), [drift])
  if (drift.reference.state !== 'ready' && drift.features.every(({ windows }) => windows.length === 0))
    return <NoReference reference={drift.reference} of={of} />
  if (rows.length === 0)
    return (
      <EmptyState title={`Nothing was counted in the last ${periods[view.period].title}`}>
        Devices count the values of a model with every request and tell of them every few minutes. <OpenWindow drift={drift} />
      </EmptyState>
    )
  return (
    <>
      <HeatMap
        label={`Drift of ${of.model} ${of.version}, features by time`}
        rows={rows}
        from={drift.from}
        through={drift.through}
        chosen={view.feature === '' ? null : { id: `${view.role} ${view.feature}`, from: view.at === 0 ? null : view.at }}
        describe={(row, cell) => describeCell(drift, row, cell)}
        onChoose={(id, from) => {
          const found = drift.features.find(({ role, name }) => `${role} ${name}` === id)
          if (found !== undefined) onView({ feature: found.name, role: found.role, at: from ?? 0, over: 'now' })
        }}
      />
      <DriftLegend rule={drift.rule} />
      <p className={styles.small}>
        <OpenWindow drift={drift} />
        {drift.omitted > 0 &&
          ` ${plural(drift.omitted, 'more feature')} of the bundle ${drift.omitted === 1 ? 'is' : 'are'} not counted by devices.`}
      </p>
    </>
  )
}

/** How far the window that is not closed yet has come. */
function OpenWindow({ drift: { openWindow, rule } }: { drift: Drift }) {
  if (openWindow === null) return null
  const missing = Math.max(0, Math.ceil(openWindow.needs - openWindow.effective))
  return (
    <>
      {missing > 0
        ? `The open window has ${formatCount(openWindow.effective)} of ${formatCount(openWindow.needs)} effective values: ${formatCount(missing)} more are needed before it is judged.`
        : `The open window has enough values (${formatCount(openWindow.effective)}) and is judged once it is ${lengthText(rule.windowMs)} long.`}
    </>
  )
}

function NoReference({ reference, of }: { reference: Drift['reference']; of: TabProps['of'] }) {
  const isTraining = reference.kind === 'training'
  return (
    <EmptyState
      title={reference.state === 'none' ? 'There is nothing to compare with' : 'Insufficient data in the reference'}
      actions={
        isTraining && (
          <>
            <Button component={RouteLink} href={paths.importModel}>
              Import with training rows
            </Button>
            <RouteLink href={paths.version(of.model, of.version)}>What came with {of.version}</RouteLink>
          </>
        )
      }
    >
      <Sentence
        text={
          reference.why ??
          (isTraining
            ? 'No training rows came with this version. Import it with its training rows: they define what is compared.'
            : 'Choose another reference.')
        }
      />
    </EmptyState>
  )
}
