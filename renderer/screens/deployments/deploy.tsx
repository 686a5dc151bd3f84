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
import type { InputOf } from '../../../shared/rpc/contract.ts'
import { orderRoles } from '../../../shared/rpc/contract/orders.ts'
import { DeployForm } from './deploy-form.tsx'
import { heldNow } from './held-by.tsx'
import { DeployPreview } from './deploy-preview.tsx'
import { deployCommand } from './deploy-words.ts'
import { probationFields, servingFields, termFlags, termsOf, type TermTexts } from './deploy-terms.ts'
import { useUndoOrder } from './take-back.tsx'
import { versionNamed } from './version-options.ts'
import styles from './deploy.module.css'

/** Numbers that can be said of the order; each is text in the address, empty where nothing is said. */
const termNames = ['percent', 'cpuPercent', 'disagreements', ...[...probationFields, ...servingFields].map(({ name }) => name)]
const termText = z
  .string()
  .max(20)
  .regex(/^\d*\.?\d*$/)
  .default('')

const view = z.object({
  model: z.string().max(64).default(''),
  version: z.string().max(64).default(''),
  deployment: z.string().max(64).default(''),
  query: z.string().max(4000).default(''),
  as: z.enum(orderRoles).default('active'),
  show: z.enum(['changes', 'all']).default('changes'),
  ...(Object.fromEntries(termNames.map((name) => [name, termText])) as Record<string, typeof termText>),
})
/** The form as it stands in the address. */
export type DeployChoice = z.output<typeof view>

function textsOf(choice: DeployChoice): TermTexts {
  return Object.fromEntries(Object.entries(choice).filter(([name]) => termNames.includes(name)))
}

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
  const texts = textsOf(choice)
  const terms = termsOf(choice.as, texts)
  const hasTerms = Object.keys(terms).length > 0
  const held = heldNow(counts.data?.heldBy ?? null, choice.as)
  const missing = counts.data?.missing ?? null
  const filled = JSON.stringify(target)
  // Said of this filling of the form only: it is no part of an address, and another deployment asks anew.
  const [despite, setDespite] = useState<string | null>(null)
  const isDespite = despite === filled
  const deploy = useDeploy({ ...target, ...terms, ...(isDespite ? { despiteAlerts: true } : {}) })
  const isChange = preview !== undefined && (preview.counts.changing > 0 || (hasTerms && preview.counts.selected > 0))
  const canDeploy = isChange && counts.error === null && !deploy.isRunning && missing === null && (held === null || isDespite)
  return (
    <Screen
      title="New deployment"
      isFlush
      actions={isComplete && <CopyAsCommand command={deployCommand({ ...choice, flags: termFlags(choice.as, texts) }, shellWord)} />}
    >
      <div className={styles.split}>
        <DeployForm
          choice={choice}
          texts={texts}
          hasTerms={hasTerms}
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
          missing={missing}
          held={held}
          isDespite={isDespite}
          onDespite={(is) => setDespite(is ? filled : null)}
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
  as: DeployChoice['as']
}

function targetOf({ model, version, deployment, query, as }: DeployChoice): DeployTarget {
  return { model, version, query, as, ...(deployment === '' ? {} : { deployment }) }
}

/** Orders what the form says, once for each filling of it, and goes to the order. */
function useDeploy(target: InputOf<'deployments.apply'>) {
  const go = useGo()
  const undo = useUndoOrder()
  const command = useCommand('deployments.apply', { isShownInPlace: true })
  const filled = JSON.stringify(target)
  // The same form sent twice is one command for the core, whatever made it be sent twice.
  const sending = useMemo(() => ({ filled, commandId: crypto.randomUUID() }), [filled])
  const { run: apply, isRunning, problem, reset } = command
  const run = useCallback(() => {
    const input = JSON.parse(sending.filled) as InputOf<'deployments.apply'>
    apply(input, sending.commandId).then(
      ({ order, isNew, model, version, changed, skipped }) => {
        const passed = skipped.reduce((sum, { devices }) => sum + devices.length, 0)
        const skippedWords =
          passed === 0 ? '' : ` ${plural(passed, 'device')} ${passed === 1 ? 'was' : 'were'} passed over: ${skipped[0]!.message}`
        if (order === null || !isNew) showDone(`Nothing changed: ${model} ${version} was ordered on these devices already.`)
        else showDone(`${model} ${version} is ordered on ${plural(changed.length, 'device')}.${skippedWords}`, { undo: () => undo(order) })
        if (order !== null) go(paths.order(order))
      },
      () => undefined,
    )
  }, [apply, sending, go, undo])
  return { run, isRunning, problem, reset }
}
