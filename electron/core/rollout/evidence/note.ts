import type { Look } from './evidence-parts.ts'
import { counted } from './figures.ts'
import { MOST_DEVICES } from './scope.ts'

/** What a sentence must say of how it was read; empty: everything was. */
export function noteOf({ scope }: Pick<Look, 'scope'>): string {
  return scope.isSampled ? `read from at most ${counted(MOST_DEVICES)} devices of each side, drawn by hash` : ''
}
