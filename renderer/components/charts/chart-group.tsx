import { useMemo, useState } from 'react'
import { CrosshairContext } from './crosshair.ts'

/** Charts of one page: a pointer over one shows the same moment in all. */
export function ChartGroup({ children }: { children: React.ReactNode }) {
  const [at, set] = useState<number | null>(null)
  const crosshair = useMemo(() => ({ at, set }), [at])
  return <CrosshairContext.Provider value={crosshair}>{children}</CrosshairContext.Provider>
}
