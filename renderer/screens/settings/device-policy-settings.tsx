import { Select, Stack } from '@mantine/core'
import { Answered } from '../../components/answered.tsx'
import { Section } from '../../components/screen.tsx'
import { useCommand } from '../../data/use-command.ts'
import { useMay } from '../../data/use-may.ts'
import { useQuery } from '../../data/use-query.ts'
import { devicePolicy } from '../../../shared/rpc/contract/device-trust.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'

const confirmWords = {
  auto: 'Where other machines reach the broker',
  always: 'Always',
  never: 'Never',
} as const
const cloneWords = { alarm: 'Raise an alert', quarantine: 'Raise an alert, and put the device in quarantine' } as const

/** How devices join, and what happens when one identity is seen twice. */
export function DevicePolicySettings() {
  const answer = useQuery('devices.policy', {})
  return (
    <Section title="How devices join">
      <Answered answer={answer}>{(policy) => <PolicyFields policy={policy} />}</Answered>
    </Section>
  )
}

function PolicyFields({ policy }: { policy: OutputOf<'devices.policy'> }) {
  const set = useCommand('devices.setPolicy')
  const why = useMay('devices.setPolicy')
  const common = { allowDeselect: false, disabled: why !== null || set.isRunning, maw: 480 } as const
  // What fails is shown as a notice, and the field shows what counts.
  const change = (part: Parameters<typeof set.run>[0]): void => void set.run(part).catch(() => undefined)
  return (
    <Stack gap="sm">
      <Select
        {...common}
        label="A person compares the fingerprint of a device before it joins"
        description={
          why ??
          (policy.confirms
            ? 'Devices wait for it now.'
            : 'Devices join without it now: only this machine reaches the broker, or it is switched off.')
        }
        data={Object.entries(confirmWords).map(([value, label]) => ({ value, label }))}
        value={policy.confirm}
        onChange={(confirm) => change({ confirm: devicePolicy.shape.confirm.catch(policy.confirm).parse(confirm) })}
      />
      <Select
        {...common}
        label="When two machines use one identity"
        data={Object.entries(cloneWords).map(([value, label]) => ({ value, label }))}
        value={policy.onClone}
        onChange={(onClone) => change({ onClone: devicePolicy.shape.onClone.catch(policy.onClone).parse(onClone) })}
      />
    </Stack>
  )
}
