import { Autocomplete, Textarea } from '@mantine/core'
import { useQuery } from '../../../../data/use-query.ts'
import type { AliasName } from '../../../../../shared/domain/ids.ts'
import { At } from '../fields/findings.tsx'
import { FoldedPart } from '../fields/part.tsx'
import { summaries } from '../plan/plan-words.ts'
import type { SectionProps } from './section-props.ts'
import styles from '../wizard.module.css'

/** What is done once every wave has passed, and what is to be known of the rollout. */
export function AfterSection({ draft, onChange }: SectionProps) {
  const aliases = useQuery('models.aliases', { model: draft.model, limit: 1 }, { enabled: draft.model !== '' }).data?.aliases ?? []
  const { alias } = draft.whenDone
  return (
    <FoldedPart title="Afterwards" summary={summaries.after(draft)} places={['whenDone', 'note']}>
      <div className={styles.pair}>
        <At place="whenDone.alias">
          <Autocomplete
            label="Alias that then stands for the version"
            description="Moved when the last wave has passed."
            placeholder="None moves"
            value={alias ?? ''}
            maxLength={64}
            spellCheck={false}
            onChange={(text) => onChange({ whenDone: { alias: text === '' ? null : (text as AliasName) } })}
            data={[...new Set([...aliases.map((one) => one.alias as string), 'production'])]}
            comboboxProps={{ transitionProps: { duration: 0 } }}
          />
        </At>
        <At place="note">
          <Textarea
            label="Note"
            description="Why, and whom to ask. Kept with the rollout."
            value={draft.note}
            maxLength={2000}
            autosize
            minRows={1}
            maxRows={5}
            onChange={(event) => onChange({ note: event.currentTarget.value })}
          />
        </At>
      </div>
    </FoldedPart>
  )
}
