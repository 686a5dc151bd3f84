import { createContext, useContext } from 'react'
import type { Mark } from '../../../shared/charts/marks.ts'

export const noMarks: readonly Mark[] = []

export const MarksContext = createContext<readonly Mark[]>(noMarks)

/** What the charts around this one mark on their time axis. */
export function useMarks(): readonly Mark[] {
  return useContext(MarksContext)
}
