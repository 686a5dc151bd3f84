import { IconChevronRight } from '@tabler/icons-react'
import { useContext, useId, useState } from 'react'
import { plural } from '../../../../components/format.ts'
import { StateMark } from '../../../../components/state-mark.tsx'
import { isWithin } from '../plan/plan-draft.ts'
import { Findings } from './findings.tsx'
import styles from '../wizard.module.css'

/** A titled part of the form that is always open. */
export function Part({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <section className={styles.part} aria-label={title}>
      <h2>{title}</h2>
      <div className={styles.partBody}>{children}</div>
    </section>
  )
}

/** A part that most people leave as it is: folded, it says what it holds. It opens by itself where something in it is wrong. */
export function FoldedPart({
  title,
  summary,
  places,
  children,
}: {
  title: string
  summary: string
  /** Places of the plan that it holds. */
  places: readonly string[]
  children: React.ReactNode
}) {
  const [isChosen, setChosen] = useState<boolean | null>(null)
  const id = useId()
  const errors = useContext(Findings).filter(
    ({ severity, path }) => severity === 'error' && places.some((place) => isWithin(path, place)),
  ).length
  const isOpen = isChosen ?? errors > 0
  return (
    <section className={styles.part} aria-label={title}>
      <h2 className={styles.foldHead}>
        <button type="button" className={styles.fold} aria-expanded={isOpen} aria-controls={id} onClick={() => setChosen(!isOpen)}>
          <IconChevronRight size={14} aria-hidden="true" data-open={isOpen || undefined} />
          <span>{title}</span>
          <span className={styles.summary}>{summary}</span>
          {errors > 0 && <StateMark state="failed" word={plural(errors, 'error')} />}
        </button>
      </h2>
      <div id={id} className={styles.partBody} hidden={!isOpen}>
        {isOpen && children}
      </div>
    </section>
  )
}
