import type { ShownKey } from '../../../../shared/rpc/contract/keys.ts'
import { StateMark } from '../../../components/state-mark.tsx'
import { Ago } from '../../../components/time.tsx'
import styles from '../trust.module.css'

/** The keys, those that count first. */
export function KeyTable({ keys }: { keys: readonly ShownKey[] }) {
  const isPeople = keys.some(({ holder }) => holder === 'people')
  return (
    <table className={styles.keys} aria-label="Keys">
      <thead>
        <tr>
          <th>Key</th>
          <th>Held by</th>
          <th>State</th>
          {isPeople && <th>File</th>}
          {isPeople && <th>Rehearsed</th>}
          <th>Id</th>
        </tr>
      </thead>
      <tbody>
        {keys.map((key) => (
          <tr key={key.keyId}>
            <td>{key.label}</td>
            <td>{key.holder === 'people' ? 'a person' : 'this console'}</td>
            <td>
              {key.state === 'active' ? (
                <StateMark state="ok" word="Counts" />
              ) : (
                <StateMark state="offline" word={key.endReason === 'revoked' ? 'Revoked' : 'Replaced'} />
              )}
            </td>
            {isPeople && <td className={`${styles.wrapped} mono foreign`}>{key.kept}</td>}
            {isPeople && (
              <td>
                {key.holder === 'people' && key.state === 'active' && <Ago at={key.drill?.at ?? null} />}
                {key.drill !== null && key.drill.problem !== null && <div className={`${styles.wrapped} foreign`}>{key.drill.problem}</div>}
              </td>
            )}
            <td className="mono">{key.keyId.slice(0, 12)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
