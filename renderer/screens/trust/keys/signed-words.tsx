import { Checkbox, Stack } from '@mantine/core'
import type { ShownKeys } from '../../../../shared/rpc/contract/keys.ts'
import { plural } from '../../../components/format.ts'
import styles from '../trust.module.css'

/** What the targets key is about to sign beyond what it has signed. */
export interface ToSign {
  digests: string[]
  mend: boolean
}

export const nothingNew: ToSign = { digests: [], mend: false }

const MOST_DIFFERENCES = 10

/** Says what the targets key signs when it is unlocked: what it signed last, and of what waits only what the person names here. */
export function SignedWords({ list, value, onChange }: { list: ShownKeys['list']; value: ToSign; onChange(value: ToSign): void }) {
  const toggle = (digest: string, isWanted: boolean): void =>
    onChange({ ...value, digests: isWanted ? [...value.digests, digest] : value.digests.filter((one) => one !== digest) })
  return (
    <Stack gap="xs">
      {!list.isGood && (
        <>
          <p className={styles.words} role="alert">
            The list of models in the store is not the one that this key signed last: somebody wrote to the store, or it was damaged.
            Nothing is signed before you decide. What is other:
          </p>
          <ul className={styles.words}>
            {list.differs.slice(0, MOST_DIFFERENCES).map((what) => (
              <li key={what}>{what}</li>
            ))}
            {list.differs.length > MOST_DIFFERENCES && <li>{list.differs.length - MOST_DIFFERENCES} more</li>}
          </ul>
          <Checkbox
            label="Go back to the list that the key signed last"
            checked={value.mend}
            onChange={({ currentTarget }) => onChange({ ...value, mend: currentTarget.checked })}
          />
        </>
      )}
      {list.waitingCount === 0 && list.isGood && (
        <p className={styles.words}>Nothing waits: the key signs nothing but what you import while it is unlocked.</p>
      )}
      {list.waitingCount > 0 && (
        <>
          <p className={styles.words}>
            {plural(list.waitingCount, 'model')} of the store {list.waitingCount === 1 ? 'waits' : 'wait'} for this key. Only those that you
            choose are signed; leave out what you do not know.
          </p>
          {list.waiting.map(({ digest, versions }) => (
            <Checkbox
              key={digest}
              label={versions.length === 0 ? 'no version of a model' : versions.join(', ')}
              description={digest}
              checked={value.digests.includes(digest)}
              onChange={({ currentTarget }) => toggle(digest, currentTarget.checked)}
            />
          ))}
        </>
      )}
    </Stack>
  )
}
