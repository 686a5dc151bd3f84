import { useState } from 'react'
import { ProblemBox } from '../../components/answered.tsx'
import { Confirm } from '../../components/confirm.tsx'
import { CopyAsCommand, shellWord } from '../../components/copy.tsx'
import { plural } from '../../components/format.ts'
import { QueryBox } from '../../components/query-box.tsx'
import { paths } from '../../data/paths.ts'
import { useGo } from '../../data/url-state.ts'
import { useCommand } from '../../data/use-command.ts'
import { showDone } from '../../shell/notices.tsx'
import { useUndoOrder } from './take-back.tsx'

/** Takes a deployment off devices: on all of them, or on those that a query selects. */
export function TakeOffDialog({ deployment, devices, onClose }: { deployment: string; devices: number; onClose(): void }) {
  const [query, setQuery] = useState('')
  const [isPending, setPending] = useState(false)
  const remove = useCommand('deployments.remove', { isShownInPlace: true })
  const undo = useUndoOrder()
  const go = useGo()
  const run = async (): Promise<void> => {
    const { order, devices: changed } = await remove.run({ query, deployment })
    showDone(`${deployment} is taken off ${plural(changed.length, 'device')}.`, { undo: () => undo(order) })
    onClose()
    go(paths.order(order))
  }
  return (
    <Confirm
      isOpen
      title={`Take ${deployment} off devices`}
      action={query === '' ? `Take it off ${plural(devices, 'device')}` : 'Take it off the devices of the query'}
      isBusy={remove.isRunning || isPending}
      onConfirm={() => void run().catch(() => undefined)}
      onClose={onClose}
    >
      {remove.problem !== null && <ProblemBox problem={remove.problem} />}
      <p>
        {query === ''
          ? `${plural(devices, 'device')} will stop serving ${deployment}.`
          : `Devices that the query selects will stop serving ${deployment}; others keep it.`}{' '}
        Whoever asks them for it gets an error. Telemetry and files stay; it can be undone from the order.
      </p>
      <QueryBox
        value={query}
        onChange={setQuery}
        onPending={setPending}
        label="Devices to take it off"
        placeholder="All devices that have it"
      />
      <p>
        <CopyAsCommand
          command={`npm run -s muster -- undeploy ${shellWord(deployment)} --query ${query === '' ? "''" : shellWord(query)} --yes`}
        />
      </p>
    </Confirm>
  )
}
