import { useState, type ReactNode } from 'react'
import type { InputOf, MethodName, OutputOf } from '../../shared/rpc/contract.ts'
import { useCommand } from '../data/use-command.ts'
import { MayButton } from '../shell/may-button.tsx'
import { showDone } from '../shell/notices.tsx'
import { Confirm } from './confirm.tsx'

interface Removal<Name extends MethodName> {
  method: Name
  input: InputOf<Name>
  /** What is removed, as people call it. */
  name: string
  /** Words of the button that does it. */
  action: string
  /** What is added to "… is removed." */
  alsoDone?(result: OutputOf<Name>): string
  onDone(): void
  /** What goes with it, and what stays. */
  children: ReactNode
}

/** A button that asks, removes a thing and says so; what fails is shown as a notice. */
export function RemoveButton<Name extends MethodName>({ method, input, name, action, alsoDone, onDone, children }: Removal<Name>) {
  const [isAsked, setAsked] = useState(false)
  const remove = useCommand(method)
  const run = async (): Promise<void> => {
    const result = await remove.run(input)
    showDone(`${name} is removed.${alsoDone?.(result) ?? ''}`)
    onDone()
  }
  return (
    <>
      <MayButton method={method} color="red.9" onClick={() => setAsked(true)}>
        Remove
      </MayButton>
      <Confirm
        isOpen={isAsked}
        title={`Remove ${name}`}
        action={action}
        isBusy={remove.isRunning}
        onClose={() => setAsked(false)}
        onConfirm={() => void run().catch(() => setAsked(false))}
      >
        {children}
      </Confirm>
    </>
  )
}
