import { Button, Group, Stack, Stepper, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useLocation } from 'wouter'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { ProblemBox } from '../../components/answered.tsx'
import { useCommand } from '../../data/use-command.ts'
import { paths } from '../../data/paths.ts'
import { BrokerForm } from './broker-form.tsx'
import { choiceOf, draftOf } from './broker-draft.ts'
import { FirstDevices } from './first-devices.tsx'
import styles from './setup.module.css'

const STEPS = { name: 0, broker: 1, devices: 2 } as const

/** The first run: name the fleet, choose the broker, get the first devices. */
export function FirstRun({ setup }: { setup: OutputOf<'setup.show'> }) {
  const [step, setStep] = useState<number>(STEPS.name)
  const [name, setName] = useState(setup.fleetName === 'fleet' ? '' : setup.fleetName)
  const [broker, setBroker] = useState(() => draftOf(setup.broker))
  const complete = useCommand('setup.complete', { isShownInPlace: true })
  const [, go] = useLocation()
  const choice = choiceOf(broker)
  const fleetName = name.trim()

  const finish = async (then: string): Promise<void> => {
    if (choice === null) return
    await complete.run({ fleetName, broker: choice })
    go(then)
  }
  return (
    <main className={styles.firstRun}>
      <header className={styles.brand}>
        <img src="/icon.svg" alt="" width="28" height="28" />
        <h1>Welcome to Muster</h1>
      </header>
      <Stepper active={step} onStepClick={setStep} allowNextStepsSelect={false} size="xs" iconSize={26}>
        <Stepper.Step label="Name" description="of the fleet">
          <form
            onSubmit={(event) => {
              event.preventDefault()
              if (fleetName !== '') setStep(STEPS.broker)
            }}
          >
            <Stack gap="md" mt="md">
              <TextInput
                label="Name of the fleet"
                description="A plant, a clinic, a ship, a farm: whatever its devices belong to. It can be changed later."
                placeholder="Plant Lyon"
                value={name}
                maxLength={200}
                autoFocus
                onChange={(event) => setName(event.currentTarget.value)}
              />
              <Group justify="flex-end">
                <Button type="submit" variant="filled" disabled={fleetName === ''}>
                  Next
                </Button>
              </Group>
            </Stack>
          </form>
        </Stepper.Step>
        <Stepper.Step label="Broker" description="that devices reach">
          <form
            onSubmit={(event) => {
              event.preventDefault()
              if (choice !== null) setStep(STEPS.devices)
            }}
          >
            <Stack gap="md" mt="md">
              <BrokerForm draft={broker} onChange={setBroker} />
              <Group justify="space-between">
                <Button onClick={() => setStep(STEPS.name)}>Back</Button>
                <Button type="submit" variant="filled" disabled={choice === null}>
                  Next
                </Button>
              </Group>
            </Stack>
          </form>
        </Stepper.Step>
        <Stepper.Step label="Devices" description="the first ones">
          <Stack gap="md" mt="md">
            {complete.problem !== null && <ProblemBox problem={complete.problem} />}
            <FirstDevices
              isBusy={complete.isRunning}
              onSample={() => finish(paths.overview)}
              onEnrol={() => finish(paths.enrol)}
              onLater={() => finish(paths.overview)}
            />
            <Group justify="flex-start">
              <Button onClick={() => setStep(STEPS.broker)}>Back</Button>
            </Group>
          </Stack>
        </Stepper.Step>
      </Stepper>
    </main>
  )
}
