import { Button, Group } from '@mantine/core'
import { IconRocket } from '@tabler/icons-react'
import { Link as RouteLink } from 'wouter'
import { Answered } from '../../components/answered.tsx'
import { Section } from '../../components/screen.tsx'
import { SidePanel } from '../../components/side-panel.tsx'
import { StateMark } from '../../components/state-mark.tsx'
import { paths } from '../../data/paths.ts'
import { useQuery } from '../../data/use-query.ts'
import { MayButton } from '../../shell/may-button.tsx'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { DeviceFacts } from './device-facts.tsx'
import { EntryList } from './entry-list.tsx'
import { LabelChips } from './label-chips.tsx'
import { NoDevice } from './no-device.tsx'
import { idQuery } from './selection-query.ts'
import { SlotLines } from './slot-lines.tsx'
import styles from './devices.module.css'

/** A device beside the list: why it is in its state, what it runs, facts, what happened last. */
export function DevicePanel({ device, onClose }: { device: string; onClose(): void }) {
  const answer = useQuery('devices.show', { device })
  return (
    <SidePanel title={device} fullPath={paths.device(device)} onClose={onClose}>
      {answer.error?.code === 'device.not-found' ? (
        <NoDevice problem={answer.error} />
      ) : (
        <Answered answer={answer}>{(shown) => <Summary shown={shown} />}</Answered>
      )}
    </SidePanel>
  )
}

function Summary({ shown }: { shown: OutputOf<'devices.show'> }) {
  return (
    <>
      <div className={styles.summary}>
        <StateMark state={shown.health} />
        <p className="foreign">{shown.sentence}</p>
        <LabelChips labels={shown.labels} />
        <Group gap="xs">
          <Button component={RouteLink} href={paths.device(shown.device)}>
            Open device
          </Button>
          <MayButton
            method="deployments.apply"
            href={paths.deploy({ query: idQuery([shown.device]) })}
            leftSection={<IconRocket size={14} />}
          >
            Deploy here
          </MayButton>
        </Group>
      </div>
      <Section title="Deployments">
        <SlotLines shown={shown} />
      </Section>
      {shown.note !== null && (
        <Section title="Note">
          <p className={styles.note}>{shown.note.text}</p>
        </Section>
      )}
      <Section title="Facts">
        <DeviceFacts shown={shown} />
      </Section>
      <Section title="Latest events">
        <EntryList
          label="Latest events"
          entries={shown.events.slice(0, 8).map((event) => ({ ...event, kind: 'event', actor: null }))}
          empty="The device has not told of any event yet."
        />
      </Section>
    </>
  )
}
