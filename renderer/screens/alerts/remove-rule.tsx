import { useState } from 'react'
import { Confirm } from '../../components/confirm.tsx'
import { plural } from '../../components/format.ts'
import { useCommand } from '../../data/use-command.ts'
import { showDone } from '../../shell/notices.tsx'
import { MayButton } from '../../shell/may-button.tsx'

/** Removes a rule of a person, or makes a built-in one as it was delivered. */
export function RemoveRule({ rule, name, isBuiltIn, onDone }: { rule: string; name: string; isBuiltIn: boolean; onDone(): void }) {
  const [isAsked, setAsked] = useState(false)
  const remove = useCommand('alerts.removeRule')
  const run = async (): Promise<void> => {
    const { isRestored, resolved } = await remove.run({ rule })
    const also = resolved === 0 ? '' : ` ${plural(resolved, 'alert')} resolved.`
    showDone(`${name} is ${isRestored ? 'as it was delivered' : 'removed'}.${also}`)
    onDone()
  }
  const verb = isBuiltIn ? 'Restore as delivered' : 'Remove the rule'
  return (
    <>
      <MayButton method="alerts.removeRule" {...(isBuiltIn ? {} : { color: 'red.9' })} onClick={() => setAsked(true)}>
        {verb}
      </MayButton>
      <Confirm
        isOpen={isAsked}
        title={`${verb}: ${name}`}
        action={verb}
        isBusy={remove.isRunning}
        isDangerous={!isBuiltIn}
        onClose={() => setAsked(false)}
        onConfirm={() => void run().catch(() => setAsked(false))}
      >
        {isBuiltIn
          ? 'What was changed of it is dropped. Its open alerts are judged anew.'
          : 'Its open alerts are resolved; the history keeps them. To have it back, it must be written anew.'}
      </Confirm>
    </>
  )
}
