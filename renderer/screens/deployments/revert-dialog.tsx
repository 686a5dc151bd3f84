import { ProblemBox } from '../../components/answered.tsx'
import { Confirm } from '../../components/confirm.tsx'
import { CopyAsCommand, shellWord } from '../../components/copy.tsx'
import { plural } from '../../components/format.ts'
import { paths } from '../../data/paths.ts'
import { useGo } from '../../data/url-state.ts'
import { useCommand } from '../../data/use-command.ts'
import { showDone } from '../../shell/notices.tsx'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { RevertEffect } from './revert-effect.tsx'
import { useUndoOrder } from './take-back.tsx'

/** What a person is about to do with what devices have of a deployment. */
export interface BesideAct {
  verb: 'revert' | 'promote' | 'end-beside'
  deployment: string
  query: string
  /** What it is done to, in words: `cam-12`, `all devices that have it`. */
  where: string
}

const words: Record<BesideAct['verb'], { title(of: BesideAct): string; action: string; does: string }> = {
  revert: {
    title: ({ deployment }) => `Revert ${deployment} to the last good version`,
    action: 'Revert',
    does: 'Each device goes back to the last good version that it has, without a download. Devices that have none fetch the fallback version of the deployment, where one is set.',
  },
  promote: {
    title: ({ deployment }) => `Promote the version beside ${deployment}`,
    action: 'Promote',
    does: 'Where the version beside is ready, it becomes the active one; what runs now stays as the last good version. Devices where it is not ready yet are passed over and named.',
  },
  'end-beside': {
    title: ({ deployment }) => `End what stands beside ${deployment}`,
    action: 'End it',
    does: 'The active version goes on alone. What was compared so far stays.',
  },
}

/** Asks before a device goes back, or what stands beside is promoted or ended. */
export function BesideDialog({ asked, onClose }: { asked: BesideAct | null; onClose(): void }) {
  const revert = useCommand('deployments.revert', { isShownInPlace: true })
  const promote = useCommand('deployments.promote', { isShownInPlace: true })
  const end = useCommand('deployments.endBeside', { isShownInPlace: true })
  const undo = useUndoOrder()
  const go = useGo()
  if (asked === null) return null
  const { verb, deployment, query } = asked
  const command = verb === 'revert' ? revert : verb === 'promote' ? promote : end
  const close = (): void => {
    command.reset()
    onClose()
  }
  const run = async (): Promise<void> => {
    const done = await command.run({ query, deployment })
    showDone(doneWords(done), { undo: () => undo(done.order) })
    close()
    go(paths.order(done.order))
  }
  const { title, action, does } = words[verb]
  return (
    <Confirm
      isOpen
      title={title(asked)}
      action={action}
      isDangerous={verb === 'revert'}
      isBusy={command.isRunning}
      onConfirm={() => void run().catch(() => undefined)}
      onClose={close}
    >
      {command.problem !== null && <ProblemBox problem={command.problem} />}
      <p>
        On <span className="foreign">{asked.where}</span>. {does}
      </p>
      {verb === 'revert' && <RevertEffect deployment={deployment} query={query} />}
      <p className="dim">It becomes an order of its own, which can be undone.</p>
      <CopyAsCommand
        command={`npm run -s muster -- deployments ${verb} ${shellWord(deployment)} --query ${query === '' ? "''" : shellWord(query)} --yes`}
      />
    </Confirm>
  )
}

function doneWords({ order, devices, skipped }: OutputOf<'deployments.endBeside'>): string {
  const passed = skipped.reduce((sum, one) => sum + one.devices.length, 0)
  const first = `Order ${order} is for ${plural(devices.length, 'device')}.`
  return passed === 0 ? first : `${first} ${plural(passed, 'device')} passed over: ${skipped[0]!.message}`
}
