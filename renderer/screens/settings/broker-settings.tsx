import { Alert, Group, Stack } from '@mantine/core'
import { useState } from 'react'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { Confirm } from '../../components/confirm.tsx'
import { Facts } from '../../components/facts.tsx'
import { Section } from '../../components/screen.tsx'
import { StateMark } from '../../components/state-mark.tsx'
import { useCommand } from '../../data/use-command.ts'
import { useQuery } from '../../data/use-query.ts'
import { showDone } from '../../shell/notices.tsx'
import { BrokerForm } from '../setup/broker-form.tsx'
import { choiceOf, draftOf } from '../setup/broker-draft.ts'
import { BrokerTrust } from './broker-trust.tsx'
import { DevicePolicySettings } from './device-policy-settings.tsx'
import { MayButton } from '../../shell/may-button.tsx'

/** The broker that counts now, and another choice. */
export function BrokerSettings({ settings }: { settings: OutputOf<'settings.show'> }) {
  const shown = settings.storedBroker ?? settings.broker
  const [draft, setDraft] = useState(() => draftOf(shown))
  const [isAsking, setAsking] = useState(false)
  const status = useQuery('system.status', {}).data
  const update = useCommand('settings.update')
  const choice = choiceOf(draft)
  const save = async (): Promise<void> => {
    if (choice === null) return
    await update.run({ broker: choice })
    setAsking(false)
    showDone('The broker is being started anew.')
  }
  return (
    <Stack gap="lg">
      <Section title="Now">
        <Facts
          rows={[
            [
              'State',
              status === undefined ? null : (
                <StateMark
                  state={status.broker.state === 'running' ? 'ok' : status.broker.state === 'starting' ? 'working' : 'failed'}
                  word={status.broker.state}
                />
              ),
            ],
            ['Problem', status?.broker.problem?.message ?? null],
            ['Kind', settings.broker.kind],
            ['Address for devices', <span className="mono">{settings.broker.url}</span>],
          ]}
        />
      </Section>
      {settings.broker.isOpenPlaintext && (
        <Alert variant="outline" color="yellow" title="Other machines reach this broker without TLS">
          An earlier version allowed that. Switch TLS on below: agents of this version then move over by themselves, for they have their
          certificates already. Update older agents first.
        </Alert>
      )}
      <BrokerTrust />
      <DevicePolicySettings />
      {settings.broker.isFromFlags && (
        <Alert variant="outline" color="blue" title="Flags decide the broker of this run">
          The console was started with flags for its broker. What is saved here counts when it is started without them.
        </Alert>
      )}
      <Section title="Choose another">
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (choice !== null) setAsking(true)
          }}
        >
          <Stack gap="sm">
            <BrokerForm draft={draft} onChange={setDraft} />
            <Group>
              <MayButton method="settings.update" type="submit" variant="filled" disabled={choice === null}>
                Save broker
              </MayButton>
            </Group>
          </Stack>
        </form>
      </Section>
      <Confirm
        isOpen={isAsking}
        title="Change the broker"
        action="Change the broker"
        isBusy={update.isRunning}
        onConfirm={() => void save().catch(() => undefined)}
        onClose={() => setAsking(false)}
      >
        Devices know the address they were enrolled with. If the new broker has another address, they stay offline until they are enrolled
        again or their address is changed; they go on serving and keep their records meanwhile. The old choice can be put back here.
      </Confirm>
    </Stack>
  )
}
