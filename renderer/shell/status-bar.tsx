import { Link as RouteLink } from 'wouter'
import { formatBytes, formatCount, formatNumber } from '../components/format.ts'
import { StateMark, type State } from '../components/state-mark.tsx'
import { paths } from '../data/paths.ts'
import { useLinkState } from '../data/link-context.ts'
import { useQuery } from '../data/use-query.ts'
import { useRunningJobs } from './jobs.tsx'
import styles from './shell.module.css'

const brokerStates: Record<'starting' | 'running' | 'unreachable' | 'stopped', State> = {
  starting: 'working',
  running: 'ok',
  unreachable: 'failed',
  stopped: 'offline',
}
/** Batches that wait for the disk: more than this is a lag that a person should see. */
const LAG_BATCHES = 100

/** The state of the console in one line; each part opens its page. */
export function StatusBar() {
  const link = useLinkState()
  const status = useQuery('system.status', {}, { everyMs: 5000 }).data
  const running = useRunningJobs()
  if (status === undefined) return <footer className={styles.status} />
  const { broker, devices, ingest, disk, outbox } = status
  const isLagging = ingest.pending > LAG_BATCHES || ingest.problem !== null
  return (
    <footer className={styles.status} aria-label="State of the console">
      <Part href={paths.settings} title={broker.problem?.message ?? 'Broker that devices connect to'}>
        <StateMark state={link.kind === 'connected' ? brokerStates[broker.state] : 'offline'} word={`Broker ${broker.state}`} />
        <span className="mono dim">{broker.url}</span>
      </Part>
      <Part href={paths.devices('status = online')} title="Devices that are connected, of all that are enrolled">
        {formatCount(devices.online)} of {formatCount(devices.enrolled)} online
      </Part>
      <Part href={paths.events} title="Records of devices that are stored per second">
        {formatNumber(ingest.recordsPerSecond)} records/s
      </Part>
      <Part
        href={paths.settings}
        title={
          ingest.problem?.message ??
          `Batches that wait for the disk: ${ingest.pending}; messages that wait for the broker: ${outbox.waiting}`
        }
      >
        {isLagging ? <StateMark state="attention" word={`Store behind by ${formatCount(ingest.pending)}`} /> : 'Store up to date'}
      </Part>
      {disk !== null && (
        <Part href={paths.settings} title={`Free on the disk of the console, of ${formatBytes(disk.totalBytes)}`}>
          {formatBytes(disk.freeBytes)} free
        </Part>
      )}
      <div className={styles.spacer} />
      {running > 0 && (
        <Part href={paths.models} title="Work in progress">
          {running} running
        </Part>
      )}
      <Part href={paths.settings} title="Version of Muster">
        Muster {status.version}
      </Part>
    </footer>
  )
}

function Part({ href, title, children }: { href: string; title: string; children: React.ReactNode }) {
  return (
    <RouteLink href={href} className={styles.statusPart} title={title}>
      {children}
    </RouteLink>
  )
}
