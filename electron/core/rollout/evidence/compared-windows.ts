import type { Look } from './evidence-parts.ts'
import { shadowWindow, type TrafficWindow } from './traffic.ts'

/** The windows in which both sides are compared, with that of the shadow as one of them. */
export function comparedWindows({ question, windows, shadows }: Look): readonly TrafficWindow[] {
  const beside = shadowWindow(question.from, windows, shadows)
  return beside === null ? windows : [...windows, beside]
}
