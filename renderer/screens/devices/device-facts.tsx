import { Facts } from '../../components/facts.tsx'
import { formatBytes, formatCount } from '../../components/format.ts'
import { Ago } from '../../components/time.tsx'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import styles from './devices.module.css'

/** What a device is and told of itself. */
export function DeviceFacts({ shown }: { shown: OutputOf<'devices.show'> }) {
  const { facts, assignment } = shown
  return (
    <Facts
      rows={[
        ['Last state report', <Ago key="seen" at={shown.lastSeenAt} />],
        ['Enrolled', <Ago key="enrolled" at={shown.enrolledAt} />],
        ['Agent', shown.agentVersion],
        ['Runtime', facts === null ? null : `onnxruntime ${facts.runtimeVersion}`],
        ['Runs on', facts === null ? null : facts.executionProviders.join(', ')],
        ['System', facts === null ? null : `${facts.os} ${facts.arch}`],
        ['Host name', facts === null ? null : <Clamped key="host" text={facts.hostname} />],
        ['Cores', facts === null ? null : formatCount(facts.cpus)],
        ['Memory', facts === null ? null : formatBytes(facts.memoryBytes)],
        ['Disk free', facts === null ? null : formatBytes(facts.diskFreeBytes)],
        ['Local address', facts?.httpUrl ?? null],
        [
          'Newest order',
          assignment === null ? null : assignment.appliedCounter >= assignment.counter ? 'taken up by the device' : 'not taken up yet',
        ],
      ]}
    />
  )
}

/** A text of any length in three lines at most; whole on hover. */
function Clamped({ text }: { text: string }) {
  return (
    <span className={styles.clamped} title={text}>
      {text}
    </span>
  )
}
