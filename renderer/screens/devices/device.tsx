import { z } from 'zod'
import { Answered } from '../../components/answered.tsx'
import { Screen, Section } from '../../components/screen.tsx'
import { StateMark } from '../../components/state-mark.tsx'
import { useUrlState } from '../../data/url-state.ts'
import { useQuery } from '../../data/use-query.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { PeersSection } from '../monitoring/peers-section.tsx'
import { AlertLines } from '../alerts/alert-lines.tsx'
import { AskDevice } from './ask-device.tsx'
import { DeviceActions } from './device-actions.tsx'
import { DeviceCharts } from './device-charts.tsx'
import { DeviceFacts } from './device-facts.tsx'
import { DeviceHead } from './device-head.tsx'
import { DeviceUsage } from './device-usage.tsx'
import { DeviceTrust } from './trust/device-trust.tsx'
import { EffectiveConfig } from './effective-config.tsx'
import { NoDevice } from './no-device.tsx'
import { NoteEditor } from './note-editor.tsx'
import { Slots } from './slots.tsx'
import { Timeline } from './timeline.tsx'
import { timelineFilters } from './timeline-filter.ts'
import styles from './device.module.css'

/** What the address of a device's page holds. */
const deviceView = z.object({
  period: z.enum(['15m', '1h', '6h', '24h', '7d']).default('1h'),
  deployment: z.string().max(64).default(''),
  log: z.enum(timelineFilters).default('info'),
})

/** One device: why it is in its state, what it runs, how it performs, what happened to it. */
export function Device({ device }: { device: string }) {
  const answer = useQuery('devices.show', { device })
  const shown = answer.data
  if (answer.error?.code === 'device.not-found')
    return (
      <Screen title={device}>
        <NoDevice problem={answer.error} />
      </Screen>
    )
  return (
    <Screen
      title={device}
      isFlush
      beside={
        shown !== undefined && (
          <>
            <StateMark state={shown.health} />
            <span className={styles.sentence} title={shown.sentence}>
              {shown.sentence}
            </span>
          </>
        )
      }
      actions={shown !== undefined && <DeviceActions shown={shown} />}
    >
      <div className={styles.page}>
        <Answered answer={answer}>{(shown) => <Parts shown={shown} />}</Answered>
      </div>
    </Screen>
  )
}

function Parts({ shown }: { shown: OutputOf<'devices.show'> }) {
  const [view, setView] = useUrlState(deviceView)
  const { device } = shown
  return (
    <>
      <AlertLines of={{ device }} />
      <DeviceHead shown={shown} />
      <div className={styles.columns}>
        <div className={styles.wide}>
          <Slots shown={shown} />
          <DeviceCharts
            device={device}
            cpus={shown.facts?.cpus ?? null}
            deployments={shown.slots.map(({ deployment }) => deployment)}
            period={view.period}
            deployment={view.deployment}
            onPeriod={(period) => setView({ period })}
            onDeployment={(deployment) => setView({ deployment })}
          />
          <PeersSection device={device} period={view.period} />
          <DeviceUsage device={device} period={view.period} />
        </div>
        <div className={styles.narrow}>
          <NoteEditor device={device} note={shown.note} />
          <AskDevice device={shown} />
          <DeviceTrust device={device} isOnline={shown.status === 'online'} />
          <Section title="Facts">
            <DeviceFacts shown={shown} />
          </Section>
          <EffectiveConfig device={device} />
          <Timeline device={device} orders={shown.orders} filter={view.log} onFilter={(log) => setView({ log })} />
        </div>
      </div>
    </>
  )
}
