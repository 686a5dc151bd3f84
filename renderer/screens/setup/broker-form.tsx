import { Button, Group, NumberInput, PasswordInput, Radio, Stack, Switch, TextInput } from '@mantine/core'
import { useQuery } from '../../data/use-query.ts'
import { StateMark } from '../../components/state-mark.tsx'
import type { BrokerDraft } from './broker-draft.ts'
import { choiceOf, isReachable, PORTS, withHost, withTls } from './broker-draft.ts'
import styles from './setup.module.css'

/** The choice of a broker: the one inside Muster, or one that runs already; with a try before anything is stored. */
export function BrokerForm({ draft, onChange }: { draft: BrokerDraft; onChange(draft: BrokerDraft): void }) {
  const choice = choiceOf(draft)
  const check = useQuery('setup.checkBroker', { broker: choice ?? { kind: 'embedded' } }, { enabled: false })
  const change = (part: Partial<BrokerDraft>): void => onChange({ ...draft, ...part })
  return (
    <Stack gap="sm">
      <Radio.Group
        label="Broker"
        description="Devices and console exchange messages over an MQTT broker."
        value={draft.kind}
        onChange={(kind) => change({ kind: kind === 'external' ? 'external' : 'embedded' })}
      >
        <Stack gap={6} mt={6}>
          <Radio value="embedded" label="The one inside Muster" description="Nothing to install. Right for most fleets." />
          <Radio value="external" label="One that runs already" description="Mosquitto, EMQX, HiveMQ, NATS or any other with MQTT 3.1.1." />
        </Stack>
      </Radio.Group>
      {draft.kind === 'embedded' ? <EmbeddedFields draft={draft} change={change} /> : <ExternalFields draft={draft} change={change} />}
      <Group gap="sm">
        <Button onClick={() => void check.refetch()} loading={check.isFetching} disabled={choice === null}>
          Try it
        </Button>
        <span role="status" className={styles.checked}>
          {check.data?.ok === true && <StateMark state="ok" word="It works." />}
          {check.data?.ok === true && check.data.note !== null && <span className="dim">{check.data.note}</span>}
          {check.data?.ok === false && (
            <>
              <StateMark state="failed" word={check.data.problem?.message ?? 'It does not work.'} />
              <span className="dim">{check.data.problem?.hint}</span>
            </>
          )}
          {check.error !== null && <StateMark state="failed" word={check.error.message} />}
        </span>
      </Group>
    </Stack>
  )
}

interface FieldsProps {
  draft: BrokerDraft
  change(part: Partial<BrokerDraft>): void
}

function EmbeddedFields({ draft, change }: FieldsProps) {
  const isOpen = isReachable(draft.host.trim())
  return (
    <>
      <Group gap="sm" align="flex-start" grow preventGrowOverflow={false}>
        <TextInput
          label="Listens on"
          description="127.0.0.1: this machine only. 0.0.0.0: the whole network."
          value={draft.host}
          onChange={(event) => change(withHost(draft, event.currentTarget.value))}
        />
        <NumberInput
          label="Port"
          description={`${draft.tls ? PORTS.tls : PORTS.plain} is usual; 0: any free one.`}
          {...portProps}
          value={draft.port}
          onChange={(port) => change({ port: Number(port) })}
        />
      </Group>
      <Switch
        label="TLS 1.3, and a certificate for every device"
        description={
          isOpen
            ? 'Needed, for other machines reach this address. Devices get their certificates when they enrol, and renew them themselves.'
            : 'Not needed while only this machine reaches the broker.'
        }
        checked={draft.tls}
        disabled={isOpen && draft.tls}
        onChange={(event) => change(withTls(draft, event.currentTarget.checked))}
      />
      {draft.tls && <TlsFields draft={draft} change={change} />}
    </>
  )
}

const portProps = { min: 0, max: 65_535, allowDecimal: false } as const

function TlsFields({ draft, change }: FieldsProps) {
  const isSame = draft.port !== 0 && draft.port === draft.localPort
  return (
    <Group gap="sm" align="flex-start" grow preventGrowOverflow={false}>
      <TextInput
        label="Further names of this machine"
        description="By which devices reach it, such as broker.plant. Its addresses and its host name are known."
        value={draft.names}
        onChange={(event) => change({ names: event.currentTarget.value })}
      />
      <NumberInput
        label="Port for agents on this machine"
        description="Loopback keeps a port without TLS."
        {...portProps}
        value={draft.localPort}
        error={isSame ? 'TLS has this port; choose another one.' : null}
        onChange={(localPort) => change({ localPort: Number(localPort) })}
      />
    </Group>
  )
}

function ExternalFields({ draft, change }: FieldsProps) {
  return (
    <>
      <TextInput
        label="Address"
        placeholder="mqtt://broker.example:1883"
        description="mqtt, mqtts, ws or wss; without a user name."
        value={draft.url}
        onChange={(event) => change({ url: event.currentTarget.value })}
      />
      <Group gap="sm" align="flex-start" grow>
        <TextInput
          label="User"
          value={draft.username}
          autoComplete="off"
          onChange={(event) => change({ username: event.currentTarget.value })}
        />
        <PasswordInput
          label="Password"
          placeholder={draft.hasPassword ? 'The stored one is kept' : ''}
          value={draft.password}
          autoComplete="new-password"
          onChange={(event) => change({ password: event.currentTarget.value })}
        />
      </Group>
    </>
  )
}
