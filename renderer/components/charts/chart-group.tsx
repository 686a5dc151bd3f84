import { useMemo, useState } from 'react'
import type { Mark } from '../../../shared/charts/marks.ts'
import { CrosshairContext } from './crosshair.ts'
import { MarksContext, noMarks } from './marks-context.ts'

/** Charts of one page: a pointer over one shows the same moment in all, and what happened is marked on the time axis of each. */
export function ChartGroup({ marks = noMarks, children }: { marks?: readonly Mark[]; children: React.ReactNode }) {
  const [at, set] = useState<number | null>(null)
  const crosshair = useMemo(() => ({ at, set }), [at])
  return (
    <MarksContext.Provider value={marks}>
      <CrosshairContext.Provider value={crosshair}>{children}</CrosshairContext.Provider>
    </MarksContext.Provider>
  )
}
