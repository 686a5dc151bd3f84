import type { Answer } from '../../data/use-query.ts'
import { Answered, EmptyState } from '../../components/answered.tsx'
import { Copy } from '../../components/copy.tsx'
import { Facts } from '../../components/facts.tsx'
import { formatCount, plural } from '../../components/format.ts'
import plain from '../../components/plain-table.module.css'
import { Section } from '../../components/screen.tsx'
import { Ago } from '../../components/time.tsx'
import { useCommand } from '../../data/use-command.ts'
import { useQuery } from '../../data/use-query.ts'
import { MayButton } from '../../shell/may-button.tsx'
import { showDone } from '../../shell/notices.tsx'
import { Hash } from './entry-body.tsx'
import styles from './audit.module.css'

const MOST_SHOWN = 200

/** What the console signed about its log, and with which key. */
export function Checkpoints({ status }: { status: Answer<'audit.status'> }) {
  const checkpoints = useQuery('audit.checkpoints', { limit: MOST_SHOWN })
  const sign = useCommand('audit.checkpoint')
  const signNow = (): void =>
    void sign
      .run({})
      .then(({ size }) => showDone(`The log was signed over ${plural(size, 'entry', 'entries')}.`))
      .catch(() => undefined)
  return (
    <div className={styles.scroll} tabIndex={0}>
      <Answered answer={status}>
        {({ key, uncovered, newest }) => (
          <Section
            title="Signature"
            actions={
              <MayButton method="audit.checkpoint" onClick={signNow} loading={sign.isRunning}>
                Sign the log now
              </MayButton>
            }
          >
            <Facts
              rows={[
                ['Newest', newest === null ? 'Not signed yet' : <Ago key="newest" at={newest.at} />],
                ['Not signed yet', plural(uncovered, 'entry', 'entries')],
                ['When', 'After every 1,000 entries, and an hour after the first that is not signed'],
                [
                  'Public key',
                  <span key="key" className={styles.hash}>
                    <span className="mono">{key.publicKey}</span>
                    <Copy value={key.publicKey} label="Copy the public key" />
                  </span>,
                ],
                [
                  'Key id',
                  <span key="id" className="mono">
                    {key.keyId}
                  </span>,
                ],
              ]}
            />
            <p className={`${styles.note} dim`}>Keep the public key elsewhere: with it an export is verified without this console.</p>
          </Section>
        )}
      </Answered>
      <Section title="Checkpoints">
        <Answered answer={checkpoints}>
          {({ checkpoints: rows, next }) =>
            rows.length === 0 ? (
              <EmptyState title="No checkpoint was signed yet">The first is signed within an hour of the first entry.</EmptyState>
            ) : (
              <>
                <table className={`${plain.table} ${styles.table}`}>
                  <thead>
                    <tr>
                      <th scope="col">Entries</th>
                      <th scope="col">Signed</th>
                      <th scope="col">Newest of</th>
                      <th scope="col">Root</th>
                      <th scope="col">Key id</th>
                    </tr>
                  </thead>
                  <tbody>
                    {rows.map(({ size, at, witnesses, root, keyId }) => (
                      <tr key={size}>
                        <td className={styles.number}>{formatCount(size)}</td>
                        <td>
                          <Ago at={at} />
                        </td>
                        <td>{plural(witnesses, 'device')}</td>
                        <td>
                          <Hash hash={root} label={`Copy the root over ${size} entries`} />
                        </td>
                        <td className="mono">{keyId.slice(0, 12)}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
                {next !== null && <p className={`${styles.note} dim`}>Those over fewer entries are shown by muster audit checkpoints.</p>}
              </>
            )
          }
        </Answered>
      </Section>
    </div>
  )
}
