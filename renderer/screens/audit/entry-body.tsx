import { Link as RouteLink } from 'wouter'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { Copy } from '../../components/copy.tsx'
import { Facts } from '../../components/facts.tsx'
import { formatExact, plural } from '../../components/format.ts'
import { Ago } from '../../components/time.tsx'
import { paths } from '../../data/paths.ts'
import { Changes } from './changes.tsx'
import styles from './audit.module.css'

type Entry = OutputOf<'audit.show'>

/** All of an entry: who and when, what was asked for beside the time before, and what proves it. */
export function EntryBody({ entry }: { entry: Entry }) {
  const { actor, action, at, comparedWith, redactedBy, changes } = entry
  return (
    <>
      <Facts
        rows={[
          [
            'By',
            <RouteLink key="by" href={paths.audit({ actor })}>
              {actor}
            </RouteLink>,
          ],
          [
            'Action',
            <RouteLink key="action" href={paths.audit({ action })} className="mono">
              {action}
            </RouteLink>,
          ],
          ['When', <Ago key="ago" at={at} />],
          ['Exactly', formatExact(at)],
          ['Devices', entry.devices === 0 ? null : <Devices key="devices" entry={entry} />],
        ]}
      />
      <section aria-label="What was asked for">
        <h3 className={styles.part}>What was asked for</h3>
        {redactedBy === null ? (
          <>
            <p className={`${styles.note} dim`}>
              {comparedWith === null ? (
                'There is no earlier entry about the same to compare it with.'
              ) : (
                <>
                  Beside <RouteLink href={paths.auditEntry(comparedWith)}>entry {comparedWith}</RouteLink>, the time before.
                </>
              )}
            </p>
            <Changes lines={changes} />
          </>
        ) : (
          <p className={styles.note}>
            <RouteLink href={paths.auditEntry(redactedBy)}>Entry {redactedBy}</RouteLink> made it unreadable. Its hashes stand, so the log
            still verifies.
          </p>
        )}
      </section>
      <Proof entry={entry} />
    </>
  )
}

function Devices({ entry: { deviceList, devices } }: { entry: Entry }) {
  return (
    <span className={styles.devices}>
      {deviceList.slice(0, 20).map((device) => (
        <RouteLink key={device} href={paths.device(device)} className="mono">
          {device}
        </RouteLink>
      ))}
      {devices > 20 && <span className="dim">and {devices - 20} more</span>}
    </span>
  )
}

function Proof({ entry: { hash, previousHash, leaf, checkpoint, seq } }: { entry: Entry }) {
  return (
    <section aria-label="What proves it">
      <h3 className={styles.part}>What proves it</h3>
      <Facts
        rows={[
          [
            'Checkpoint',
            checkpoint === null
              ? 'None covers it yet; the next is signed within an hour.'
              : `Over ${plural(checkpoint.size, 'entry', 'entries')}, signed ${formatExact(checkpoint.at)}${checkpoint.witnesses === 0 ? '' : `, the newest of ${plural(checkpoint.witnesses, 'device')}`}`,
          ],
          ['Hash', <Hash key="hash" hash={hash} label="Copy the hash" />],
          [
            'Before it',
            previousHash === '' ? 'It is the first entry' : <Hash key="before" hash={previousHash} label="Copy the hash before it" />,
          ],
          ['Leaf', <Hash key="leaf" hash={leaf} label="Copy the leaf" />],
        ]}
      />
      <p className={`${styles.note} dim`}>
        <span className="mono">muster audit proof {seq}</span> prints the path from this entry to the signed root.
      </p>
    </section>
  )
}

/** A hash, short enough to compare by eye and whole for copying. */
export function Hash({ hash, label }: { hash: string; label: string }) {
  return (
    <span className={styles.hash}>
      <span className="mono" title={hash}>
        {hash.slice(0, 16)}…
      </span>
      <Copy value={hash} label={label} />
    </span>
  )
}
