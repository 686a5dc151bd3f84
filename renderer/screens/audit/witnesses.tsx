import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { Link as RouteLink } from 'wouter'
import { Answered, EmptyState } from '../../components/answered.tsx'
import { Confirm } from '../../components/confirm.tsx'
import { formatCount, formatExact, plural } from '../../components/format.ts'
import plain from '../../components/plain-table.module.css'
import { Section } from '../../components/screen.tsx'
import { StateMark } from '../../components/state-mark.tsx'
import { Ago } from '../../components/time.tsx'
import { paths } from '../../data/paths.ts'
import { useCommand } from '../../data/use-command.ts'
import { useQuery, type Answer } from '../../data/use-query.ts'
import { MayButton } from '../../shell/may-button.tsx'
import { showDone } from '../../shell/notices.tsx'
import type { AuditStatus } from './audit-view.ts'
import styles from './audit.module.css'

/** What devices keep of the log: what an intruder at the console cannot take back. */
export function Witnesses({ status }: { status: Answer<'audit.status'> }) {
  const witnesses = useQuery('audit.witnesses', {})
  return (
    <div className={styles.scroll} tabIndex={0}>
      <Answered answer={status}>{(shown) => <Contradictions status={shown} />}</Answered>
      <Section title="Witnesses">
        <Answered answer={witnesses}>
          {({ witnesses: rows, total }) =>
            rows.length === 0 ? (
              <EmptyState title="No device keeps a checkpoint yet" actions={<RouteLink href={paths.devices()}>Show the devices</RouteLink>}>
                Each checkpoint goes to every device of the fleet, which keeps the latest two and says which.
              </EmptyState>
            ) : (
              <table className={`${plain.table} ${styles.table}`}>
                <thead>
                  <tr>
                    <th scope="col">Device</th>
                    <th scope="col">Entries</th>
                    <th scope="col">Since</th>
                    <th scope="col">Log</th>
                    <th scope="col">What it means</th>
                  </tr>
                </thead>
                <tbody>
                  {rows.map(({ device, size, at, standing, sentence }) => (
                    <tr key={device}>
                      <td>
                        <RouteLink href={paths.device(device)} className="mono">
                          {device}
                        </RouteLink>
                      </td>
                      <td className={styles.number}>{formatCount(size)}</td>
                      <td>
                        <Ago at={at} />
                      </td>
                      <td>
                        <StateMark
                          state={standing === 'extends' ? 'ok' : 'failed'}
                          word={standing === 'extends' ? 'goes on from it' : 'contradicts'}
                        />
                      </td>
                      <td className="foreign">{sentence}</td>
                    </tr>
                  ))}
                </tbody>
                {total > rows.length && <caption>and {total - rows.length} more devices</caption>}
              </table>
            )
          }
        </Answered>
      </Section>
    </div>
  )
}

function Contradictions({ status: { contradictions, open } }: { status: AuditStatus }) {
  const [isAsked, ask] = useState(false)
  if (contradictions.length === 0) return null
  return (
    <Section
      title="Contradictions"
      actions={
        open > 0 && (
          <MayButton method="audit.accept" onClick={() => ask(true)}>
            Accept
          </MayButton>
        )
      }
    >
      <p className={styles.note}>
        {open === 0
          ? 'All were accepted.'
          : `${plural(open, 'device')} ${open === 1 ? 'keeps' : 'keep'} a signed checkpoint that this log does not extend: entries are gone, or others now. That is so after a backup was restored.`}
      </p>
      <ul className={styles.findings}>
        {contradictions.map(({ device, size, logSize, foundAt, acceptedAt, acceptedBy, root }) => (
          <li key={`${device} ${size} ${root}`}>
            <RouteLink href={paths.device(device)} className="mono">
              {device}
            </RouteLink>{' '}
            keeps one over {formatCount(size)} entries; the log had {formatCount(logSize)} ({formatExact(foundAt)}).{' '}
            {acceptedAt !== null && <span className="dim">Accepted by {acceptedBy}.</span>}
          </li>
        ))}
      </ul>
      <Accept isOpen={isAsked} count={open} onClose={() => ask(false)} />
    </Section>
  )
}

function Accept({ isOpen, count, onClose }: { isOpen: boolean; count: number; onClose(): void }) {
  const [note, setNote] = useState('')
  const accept = useCommand('audit.accept')
  const run = (): void =>
    void accept
      .run({ note })
      .then(({ accepted }) => {
        showDone(`${plural(accepted, 'contradiction')} accepted.`)
        onClose()
      })
      .catch(() => undefined)
  return (
    <Confirm
      isOpen={isOpen}
      title="Accept what the devices say?"
      action={`Accept ${plural(count, 'contradiction')}`}
      isBusy={accept.isRunning}
      onConfirm={() => note.trim().length >= 3 && run()}
      onClose={onClose}
    >
      <p>Do this only if you know why the log is another one, such as a backup that was restored. The alarm ends; the record stays.</p>
      <TextInput
        label="Why"
        required
        minLength={3}
        maxLength={500}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
        data-autofocus
      />
    </Confirm>
  )
}
