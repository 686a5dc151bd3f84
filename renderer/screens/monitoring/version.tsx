import { Button, SegmentedControl, Tabs } from '@mantine/core'
import { Link as RouteLink } from 'wouter'
import { ProblemBox } from '../../components/answered.tsx'
import { CopyAsCommand } from '../../components/copy.tsx'
import { QueryBox } from '../../components/query-box.tsx'
import { Screen } from '../../components/screen.tsx'
import { useNow } from '../../components/time.tsx'
import { paths } from '../../data/paths.ts'
import { useUrlState } from '../../data/url-state.ts'
import { useQuery } from '../../data/use-query.ts'
import { DataTab } from './data-tab.tsx'
import { DevicesTab } from './devices-tab.tsx'
import { DriftTab } from './drift-tab.tsx'
import { HealthTab } from './health-tab.tsx'
import { versionLine } from './monitor-lines.ts'
import { devicesOf, periodNames, periods, spanOf, tabs, versionView, type Monitored } from './monitoring-view.ts'
import { QualityTab } from './quality-tab.tsx'
import { EVERY_MS, type TabProps } from './tab-props.ts'
import { TabTitle } from './tab-title.tsx'
import styles from './version.module.css'

/** One version in one deployment over time: health, drift, data quality, quality, and which devices differ. */
export function MonitoredVersion({ deployment, model, version }: Monitored) {
  const [view, onView] = useUrlState(versionView)
  const of = { deployment, model, version }
  const span = spanOf(view.period, useNow())
  const health = useQuery('monitoring.health', { ...span, ...of, ...devicesOf(view), limit: 1 }, { keepsPrevious: true, everyMs: EVERY_MS })
  const row = health.data?.rows[0]
  const props: TabProps = { of, view, span, onView }
  return (
    <Screen
      title={`${model} ${version}`}
      isFlush
      beside={
        <>
          <RouteLink href={paths.deploymentPage(deployment)} className="foreign">
            {deployment}
          </RouteLink>
          <RouteLink href={paths.version(model, version)}>Its page</RouteLink>
        </>
      }
      actions={
        <>
          <CopyAsCommand command={versionLine(of, view)} isIcon />
          <SegmentedControl
            aria-label="Period"
            data={periodNames.map((value) => ({ value, label: periods[value].title }))}
            value={view.period}
            onChange={(value) => onView({ period: periodNames.find((one) => one === value) ?? '24h', at: 0 })}
          />
        </>
      }
    >
      <ScopeBar view={view} onView={onView} />
      <Tabs
        className={styles.tabs}
        value={view.tab}
        onChange={(value) => onView({ tab: tabs.find((one) => one === value) ?? 'health' }, { push: true })}
      >
        <Tabs.List className={styles.tabList}>
          {tabs.map((tab) => (
            <Tabs.Tab key={tab} value={tab} className={styles.tab}>
              <TabTitle tab={tab} row={row} isThere={health.data !== undefined} />
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={view.tab} className={styles.panel}>
          {health.error !== null && (
            <div className={styles.problem}>
              <ProblemBox problem={health.error} onRetry={() => void health.refetch()} isOverData={row !== undefined} />
            </div>
          )}
          {view.tab === 'health' && <HealthTab {...props} />}
          {view.tab === 'drift' && <DriftTab {...props} />}
          {view.tab === 'data' && <DataTab {...props} />}
          {view.tab === 'quality' && <QualityTab {...props} />}
          {view.tab === 'devices' && <DevicesTab {...props} row={row} />}
        </Tabs.Panel>
      </Tabs>
    </Screen>
  )
}

/** Whose figures these are: one device, or those that a query selects. */
function ScopeBar({ view, onView }: Pick<TabProps, 'view' | 'onView'>) {
  if (view.device !== '')
    return (
      <div className={styles.scope}>
        <span>
          Only{' '}
          <RouteLink href={paths.device(view.device)} className="mono foreign">
            {view.device}
          </RouteLink>
        </span>
        <Button size="compact-xs" onClick={() => onView({ device: '' })}>
          Show all devices
        </Button>
      </div>
    )
  return (
    <div className={styles.scope}>
      <QueryBox
        value={view.query}
        onChange={(query) => onView({ query })}
        label="Query of the devices that are looked at"
        placeholder="All devices together. Try: site = lyon"
      />
    </div>
  )
}
