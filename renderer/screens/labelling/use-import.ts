import { useState } from 'react'
import type { Problem } from '../../../shared/domain/problem.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { useCommand } from '../../data/use-command.ts'
import type { ImportedLabel } from './label-file.ts'

type Refused = OutputOf<'labelling.import'>['refused'][number]

/** What became of a file: refusals say the line. */
export type ImportResult = Omit<OutputOf<'labelling.import'>, 'refused'> & { refused: (Refused & { line: number })[] }

/** Labels of one call: a frame that the console takes, and a moment in which it does nothing else. */
const AT_ONCE = 1000

/** Sends labels in parts; what was taken before a failure stays taken, and sending the same again changes nothing. */
export function useImport(by: string): {
  share: number | null
  problem: Problem | null
  result: ImportResult | null
  start(labels: readonly ImportedLabel[], lines: readonly number[]): Promise<void>
} {
  const command = useCommand('labelling.import', { isShownInPlace: true })
  const [share, setShare] = useState<number | null>(null)
  const [result, setResult] = useState<ImportResult | null>(null)
  const start = async (labels: readonly ImportedLabel[], lines: readonly number[]): Promise<void> => {
    const sum: ImportResult = { taken: 0, unchanged: 0, refused: [], refusedTotal: 0 }
    setShare(0)
    try {
      for (let at = 0; at < labels.length; at += AT_ONCE) {
        const part = await command.run({ labels: labels.slice(at, at + AT_ONCE), ...(by === '' ? {} : { by }) })
        sum.taken += part.taken
        sum.unchanged += part.unchanged
        sum.refusedTotal += part.refusedTotal
        sum.refused.push(...part.refused.map((one) => ({ ...one, line: lines[at + one.index]! })))
        setShare(Math.min(1, (at + AT_ONCE) / labels.length))
      }
      setResult(sum)
    } catch {
      // The command keeps its problem, which the dialog shows.
    } finally {
      setShare(null)
    }
  }
  return { share, problem: command.problem, result, start }
}
