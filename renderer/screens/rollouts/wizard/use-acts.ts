import { useMemo } from 'react'
import { paths } from '../../../data/paths.ts'
import { useGo } from '../../../data/url-state.ts'
import { useCommand } from '../../../data/use-command.ts'
import { showDone, showProblem } from '../../../shell/notices.tsx'
import { messageOf, Problem } from '../../../../shared/domain/problem.ts'
import type { RolloutPlan } from '../../../../shared/domain/rollout/plan.ts'

export interface WizardActs {
  isBusy: boolean
  problem: Problem | null
  save(plan: RolloutPlan): Promise<void>
  start(plan: RolloutPlan, despiteAlerts: boolean): Promise<void>
  remove(): Promise<void>
}

/** Saves and starts what the wizard holds; the same form sent twice makes one rollout. */
export function useActs({
  rollout,
  isDirty,
  plan,
  onSaved,
}: {
  /** The draft that is edited; null: a new one. */
  rollout: number | null
  isDirty: boolean
  plan: RolloutPlan | null
  /** What is written is kept: nothing is lost by leaving. */
  onSaved(): void
}): WizardActs {
  const go = useGo()
  const create = useCommand('rollouts.create', { isShownInPlace: true })
  const edit = useCommand('rollouts.edit', { isShownInPlace: true })
  const begin = useCommand('rollouts.start', { isShownInPlace: true })
  const drop = useCommand('rollouts.remove')
  const filled = JSON.stringify(plan)
  const sending = useMemo(() => ({ filled, commandId: crypto.randomUUID() }), [filled])
  const keep = async (written: RolloutPlan): Promise<number> => {
    if (rollout === null) return (await create.run({ plan: written }, sending.commandId)).rollout
    if (isDirty) await edit.run({ rollout, plan: written })
    return rollout
  }
  return {
    isBusy: create.isRunning || edit.isRunning || begin.isRunning || drop.isRunning,
    problem: begin.problem ?? create.problem ?? edit.problem,
    async save(written) {
      const kept = await keep(written)
      onSaved()
      showDone(`The draft is saved as rollout ${kept}. Nothing is sent before it is started.`)
      if (rollout === null) go(paths.newRollout({ rollout: kept }))
    },
    async start(written, despiteAlerts) {
      const kept = await keep(written)
      onSaved()
      try {
        const { sentence } = await begin.run({ rollout: kept, ...(despiteAlerts ? { despiteAlerts } : {}) })
        showDone(sentence)
        go(paths.rollout(kept))
      } catch (error) {
        // It is a draft by now, and is shown as that; what failed is told beside it.
        if (rollout === null) {
          showProblem(error instanceof Problem ? error : new Problem('internal', messageOf(error)))
          go(paths.newRollout({ rollout: kept }))
        }
        throw error
      }
    },
    async remove() {
      if (rollout === null) return
      await drop.run({ rollout })
      onSaved()
      showDone(`Draft ${rollout} is removed.`)
      go(paths.rollouts())
    },
  }
}
