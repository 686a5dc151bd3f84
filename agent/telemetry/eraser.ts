import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../../shared/domain/problem.ts'
import type { RuntimeConfig } from '../../shared/protocol/assignment.ts'
import type { Log } from '../log.ts'
import { CARRY_OUT } from '../usb/receipt.ts'
import type { Spool } from './spool.ts'

/** Carries out orders to take people out of what waits on this device. */
export interface Eraser {
  /** The configuration that counts from now on. */
  ordered(config: RuntimeConfig): void
  /** Subjects of the order that are out of the spool. */
  erased(): string[]
}

/** Opens the eraser. What an order of before asks for, and was cut off, is done when it is told that order again. */
export function openEraser(parts: { directory: string; spool: Spool; onErased(): void; log: Log }): Eraser {
  const { directory, spool, log } = parts
  let wanted: readonly string[] = []
  return {
    ordered({ privacy }) {
      wanted = privacy?.erase ?? []
      const left = wanted.filter((subject) => !spool.erased.has(subject))
      if (left.length === 0) return
      try {
        removeCopies(directory)
        const records = spool.erase(left)
        log('info', 'subjects were taken out of the spool', { subjects: left.length, records })
        parts.onErased()
      } catch (error) {
        // The console shows it as pending; the next order, or the next start, tries again.
        log('error', 'subjects could not be taken out of the spool', { reason: messageOf(error) })
      }
    },
    erased: () => wanted.filter((subject) => spool.erased.has(subject)),
  }
}

/**
 * A damaged spool that was moved aside may be about anybody, and nothing can be looked up in it. What was written for a stick is a copy of the spool:
 * the next folder that is carried here gets it anew.
 */
function removeCopies(directory: string): void {
  for (const name of readdirSync(directory)) if (name.startsWith('spool.db.damaged-')) rmSync(join(directory, name), { force: true })
  rmSync(join(directory, CARRY_OUT), { recursive: true, force: true })
}
