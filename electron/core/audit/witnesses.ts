import { Problem } from '../../../shared/domain/problem.ts'
import type { LogHead } from '../../../shared/protocol/checkpoint.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { WitnessRow } from '../store/fleet/audit-witnesses.ts'

/** How a log that a device knows stands to ours: ours goes on from it, is shorter, is another one, or cannot be read. */
export type Standing = 'extends' | 'shorter' | 'other' | 'unreadable'

type AuditStore = Pick<FleetStore, 'audit' | 'auditWitnesses' | 'transact'>

/** The two newest that a device keeps; one that is older than this says nothing. */
export interface Said {
  witness?: LogHead | null | undefined
  witnessBefore?: LogHead | null | undefined
}

/** Compares what devices keep with the log. */
export interface Witnesses {
  /** A device said what it keeps. @returns true if that contradicts the log, and nobody had said so */
  heard(device: string, said: Said, at: number): boolean
  standing(said: Pick<WitnessRow, 'size' | 'root'>): Standing
}

/** Opens the comparison. Roots of the past never change, so each is made once. */
export function openWitnesses(store: AuditStore): Witnesses {
  const { audit, auditWitnesses: table } = store
  const roots = new Map<number, string>()
  const rootAt = (size: number): string => {
    const known = roots.get(size)
    if (known !== undefined) return known
    if (roots.size >= MOST_ROOTS) roots.clear()
    const root = audit.tree.view().root(size)
    roots.set(size, root)
    return root
  }
  const standing = ({ size, root }: Pick<WitnessRow, 'size' | 'root'>): Standing => {
    if (size > audit.size()) return 'shorter'
    try {
      return rootAt(size) === root ? 'extends' : 'other'
    } catch (error) {
      if (error instanceof Problem) return 'unreadable'
      throw error
    }
  }
  const contradicts = (device: string, { size, root }: LogHead, at: number): boolean => {
    const found = standing({ size, root })
    const logSize = audit.size()
    if (found === 'extends' || !table.contradict({ device, size, root, logSize, foundAt: at })) return false
    audit.recordSystem({ at, action: 'audit.rolledBack', detail: { device, size, root, logSize, standing: found }, devices: [device] })
    return true
  }
  return {
    standing,
    heard(device, { witness, witnessBefore }, at) {
      if (witness === null || witness === undefined) return false
      const { size, root } = witness
      const kept = [witness, witnessBefore].filter((one) => one !== null && one !== undefined)
      const before = table.witness(device)
      const isSame = before !== null && before.size === size && before.root === root
      // What was the log when the device said it first may be another one by now: only the note is saved.
      if (isSame && kept.every((one) => standing(one) === 'extends')) return false
      return store.transact(() => {
        if (!isSame) table.note({ device, size, root, at })
        return kept.filter((one) => contradicts(device, one, at)).length > 0
      })
    },
  }
}

const MOST_ROOTS = 2000

/** What a device keeps against the log, as one sentence. */
export function standingSentence({ device, size }: Pick<WitnessRow, 'device' | 'size'>, standing: Standing, logSize: number): string {
  const keeps = `${device} keeps a checkpoint over ${size} entries`
  if (standing === 'extends') return `${keeps}, and the log goes on from there.`
  if (standing === 'shorter') return `${keeps}; the log ends at ${logSize}: entries from ${logSize + 1} on are gone.`
  if (standing === 'other') return `${keeps}; the first ${size} entries are others now.`
  return `${keeps}; the log cannot be compared, because its tree is damaged.`
}
