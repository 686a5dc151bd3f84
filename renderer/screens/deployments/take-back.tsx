import { useCallback } from 'react'
import { Answered, ProblemBox } from '../../components/answered.tsx'
import { CopyAsCommand } from '../../components/copy.tsx'
import { Confirm } from '../../components/confirm.tsx'
import { useCommand } from '../../data/use-command.ts'
import { useQuery } from '../../data/use-query.ts'
import { showDone } from '../../shell/notices.tsx'

/** An order that somebody is about to take back, and how. */
export interface TakeBack {
  order: number
  action: 'cancel' | 'undo'
}

/** Asks before an order is cancelled or undone: the core says what that will do now. */
export function TakeBackDialog({ asked, onClose }: { asked: TakeBack | null; onClose(): void }) {
  const cancel = useCommand('orders.cancel', { isShownInPlace: true })
  const undo = useCommand('orders.undo', { isShownInPlace: true })
  const preview = useQuery('orders.preview', asked ?? { order: 1, action: 'undo' }, { enabled: asked !== null })
  // It opens with its sentence: nobody confirms what they have not read.
  if (asked === null || preview.isPending) return null
  const { order, action } = asked
  const command = action === 'cancel' ? cancel : undo
  const close = (): void => {
    command.reset()
    onClose()
  }
  const run = async (): Promise<void> => {
    const { sentence } = await command.run({ order })
    showDone(sentence)
    close()
  }
  return (
    <Confirm
      isOpen
      title={action === 'cancel' ? `Cancel order ${order}` : `Undo order ${order}`}
      action={action === 'cancel' ? `Cancel order ${order}` : `Undo order ${order}`}
      isDangerous={action === 'cancel'}
      dismiss="Keep it as it is"
      isBusy={command.isRunning}
      onConfirm={() => void run().catch(() => undefined)}
      onClose={close}
    >
      {command.problem !== null && <ProblemBox problem={command.problem} />}
      <Answered answer={preview}>{({ sentence }) => <p className="foreign">{sentence}</p>}</Answered>
      <p className="dim">It becomes an order of its own.</p>
      <CopyAsCommand command={`npm run -s muster -- orders ${action} ${order} --yes`} />
    </Confirm>
  )
}

/** Takes an order back at once, from the notice that told of it. */
export function useUndoOrder(): (order: number) => void {
  const { run } = useCommand('orders.undo')
  return useCallback(
    (order) =>
      void run({ order }).then(
        ({ sentence }) => showDone(sentence),
        () => undefined,
      ),
    [run],
  )
}
