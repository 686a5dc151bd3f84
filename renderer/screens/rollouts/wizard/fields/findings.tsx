import { createContext, useContext } from 'react'
import { isWithin, type PlanFinding } from '../plan/plan-draft.ts'
import styles from '../wizard.module.css'

/** What the check says of the plan, for the fields that it speaks of. */
export const Findings = createContext<readonly PlanFinding[]>([])

/** Findings at a place. @param isWhole also those within it */
export function useFindings(place: string, isWhole = false): PlanFinding[] {
  return useContext(Findings).filter(({ path }) => path === place || (isWhole && isWithin(path, place)))
}

/** Puts what the check says of a place under its fields. @param isWhole also what it says of places within it */
export function At({ place, isWhole = false, children }: { place: string; isWhole?: boolean; children: React.ReactNode }) {
  // What is merely worth knowing stands in the preview.
  const findings = useFindings(place, isWhole).filter(({ severity }) => severity !== 'info')
  return (
    <div className={styles.at} data-place={place} data-error={findings.some(({ severity }) => severity === 'error') || undefined}>
      {children}
      {findings.map(({ severity, message }) => (
        <p key={message} className={styles.finding} data-severity={severity}>
          {message}
        </p>
      ))}
    </div>
  )
}

/** Brings the field that a finding speaks of on the screen; the nearest one above it where it has none of its own. */
export function showPlace(path: string): void {
  const places = [...document.querySelectorAll<HTMLElement>('[data-place]')]
  const fitting = places.filter((one) => one.dataset['place'] !== '' && isWithin(path, one.dataset['place']!))
  const nearest = fitting.toSorted((a, b) => b.dataset['place']!.length - a.dataset['place']!.length)[0]
  if (nearest === undefined) return
  nearest.scrollIntoView({ block: 'center' })
  nearest.querySelector<HTMLElement>('input, select, textarea, button')?.focus({ preventScroll: true })
}
