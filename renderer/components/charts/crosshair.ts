import { createContext, useContext } from 'react'

/** The moment under the pointer, shared by every chart of a page. */
export interface Crosshair {
  at: number | null
  set(at: number | null): void
}

export const CrosshairContext = createContext<Crosshair>({ at: null, set: () => undefined })

/** The crosshair that the charts around this one share. */
export function useCrosshair(): Crosshair {
  return useContext(CrosshairContext)
}
