import { useCommand } from '../../../data/use-command.ts'
import { showDone } from '../../../shell/notices.tsx'
import { sentenceAfter, type AliasMove } from './move-words.ts'

/** Moves and removes aliases of a model; each move can be taken back from its notice. What fails is thrown and shown by the caller or as a notice. */
export function useAliasMoves(model: string, { isShownInPlace = false } = {}) {
  const set = useCommand('models.setAlias', { isShownInPlace })
  const remove = useCommand('models.removeAlias', { isShownInPlace })
  const move = async (alias: string, to: string | null): Promise<AliasMove> => {
    const change = to === null ? await remove.run({ model, alias }) : await set.run({ model, alias, version: to })
    // The notice says what failed, if taking it back fails.
    const undo = (): void => void move(alias, change.from).catch(() => undefined)
    showDone(sentenceAfter(model, change), { undo })
    return change
  }
  return { move, isRunning: set.isRunning || remove.isRunning, problem: set.problem ?? remove.problem }
}
