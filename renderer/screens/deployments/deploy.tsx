import { useCallback, useMemo, useState } from 'react'
import { z } from 'zod'
import { EmptyState } from '../../components/answered.tsx'
import { CopyAsCommand, shellWord } from '../../components/copy.tsx'
import { plural } from '../../components/format.ts'
import { Screen } from '../../components/screen.tsx'
import { paths } from '../../data/paths.ts'
import { useGo, useUrlState } from '../../data/url-state.ts'
import { useCommand } from '../../data/use-command.ts'
import { useQuery } from '../../data/use-query.ts'
import { showDone } from '../../shell/notices.tsx'
import { deploymentName } from '../../../shared/domain/ids.ts'
import { DeployForm } from './deploy-form.tsx'
import { DeployPreview } from './deploy-preview.tsx'
import { deployCommand } from './deploy-words.ts'
import { useUndoOrder } from './take-back.tsx'
import { versionNamed } from './version-options.ts'
import styles from './deploy.module.css'

const view = z.object({
  model: z.string().max(64).default(''),
  version: z.string().max(64).default(''),
  deployment: z.string().max(64).default(''),
  query: z.string().max(4000).default(''),
  show: z.enum(['changes', 'all']).default('changes'),
})
/** The form as it stands in the address. */
export type DeployChoice = z.output<typeof view>

/** A new deployment on one page: what, where, what that will change, go. */
export function Deploy() {
  const [choice, change] = useUrlState(view)
  const [isPending, setPending] = useState(false)
  const models = useQuery('models.list', {})
  const chosen = versionNamed(models.data?.versions ?? [], choice.model, choice.version)
  const isNamed = choice.deployment === '' || deploymentName.safeParse(choice.deployment).success
  const target = targetOf(choice)
  const isComplete = choice.model !== '' && choice.version !== '' && isNamed
  const counts = useQuery('deployments.preview', { ...target, limit: 0 }, { enabled: isComplete, keepsPrevious: true })
  const preview = isComplete && !counts.isPlaceholderData && !isPending ? counts.data : undefined
  const deploy = useDeploy(target)
  const canDeploy = preview !== undefined && preview.counts.changing > 0 && counts.error === null && !deploy.isRunning
  return (
    <Screen title="New deployment" isFlush actions={isComplete && <CopyAsCommand command={deployCommand(choice, shellWord)} />}>
      <div className={styles.split}>
        <DeployForm
          choice={choice}
          onChange={change}
          onPending={setPending}
          models={models}
          chosen={chosen}
          isNamed={isNamed}
          preview={preview}
          isPending={isPending}
          isWaiting={isComplete && preview === undefined && counts.error === null}
          problem={deploy.problem}
          isRunning={deploy.isRunning}
          canDeploy={canDeploy}
          onDeploy={deploy.run}
        />
        {isComplete ? (
          <DeployPreview
            target={target}
            answer={counts}
            chosen={chosen}
            versions={models.data?.versions ?? []}
            isOnlyChanges={choice.show === 'changes'}
            onOnlyChanges={(isOnly) => change({ show: isOnly ? 'changes' : 'all' })}
          />
        ) : (
          <EmptyState title={isNamed ? 'Choose a version' : 'Correct the name of the deployment'}>
            What will change stands here before anything is ordered: which devices, from which version, how many bytes.
          </EmptyState>
        )}
      </div>
    </Screen>
  )
}

/** What the core is asked to preview and to order. */
export interface DeployTarget {
  model: string
  version: string
  query: string
  deployment?: string
}

function targetOf({ model, version, deployment, query }: DeployChoice): DeployTarget {
  return { model, version, query, ...(deployment === '' ? {} : { deployment }) }
}

/** Orders what the form says, once for each filling of it, and goes to the order. */
function useDeploy(target: DeployTarget) {
  const go = useGo()
  const undo = useUndoOrder()
  const command = useCommand('deployments.apply', { isShownInPlace: true })
  const filled = JSON.stringify(target)
  // The same form sent twice is one command for the core, whatever made it be sent twice.
  const sending = useMemo(() => ({ filled, commandId: crypto.randomUUID() }), [filled])
  const { run: apply, isRunning, problem, reset } = command
  const run = useCallback(() => {
    const input = JSON.parse(sending.filled) as DeployTarget
    apply(input, sending.commandId).then(
      ({ order, isNew, model, version, changed }) => {
        if (order === null || !isNew) showDone(`Nothing changed: ${model} ${version} was ordered on these devices already.`)
        else showDone(`${model} ${version} is ordered on ${plural(changed.length, 'device')}.`, { undo: () => undo(order) })
        if (order !== null) go(paths.order(order))
      },
      () => undefined,
    )
  }, [apply, sending, go, undo])
  return { run, isRunning, problem, reset }
}
