import { Alert, Button, Checkbox, Group, NumberInput, PasswordInput, Radio, Stack, TextInput } from '@mantine/core'
import { useQuery } from '../../data/use-query.ts'
import { StateMark } from '../../components/state-mark.tsx'
import type { BrokerDraft } from './broker-draft.ts'
import { choiceOf, isReachable } from './broker-draft.ts'
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
  const isOpen = isReachable(draft.host)
  return (
    <>
      <Group gap="sm" align="flex-start" grow preventGrowOverflow={false}>
        <TextInput
          label="Listens on"
          description="127.0.0.1: this machine only. 0.0.0.0: the whole network."
          value={draft.host}
          onChange={(event) => change({ host: event.currentTarget.value })}
        />
        <NumberInput
          label="Port"
          description="1883 is usual; 0: any free one."
          min={0}
          max={65_535}
          allowDecimal={false}
          value={draft.port}
          onChange={(port) => change({ port: Number(port) })}
        />
      </Group>
      {isOpen && (
        <Alert color="yellow" variant="outline" title="Devices on other machines connect without TLS in this version">
          <Checkbox
            mt={4}
            label="The network between them is trusted"
            checked={draft.allowPlaintext}
            onChange={(event) => change({ allowPlaintext: event.currentTarget.checked })}
          />
        </Alert>
      )}
    </>
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
