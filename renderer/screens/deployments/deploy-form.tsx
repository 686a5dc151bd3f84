import { Autocomplete, Button } from '@mantine/core'
import { Link as RouteLink } from 'wouter'
import { Answered, EmptyState, ProblemBox } from '../../components/answered.tsx'
import { QueryBox } from '../../components/query-box.tsx'
import { paths } from '../../data/paths.ts'
import { useQuery, type Answer } from '../../data/use-query.ts'
import { useMainKey } from '../../shell/main-key.ts'
import { keyNames } from '../../shell/shortcuts.ts'
import { slug } from '../../../shared/domain/ids.ts'
import type { Problem } from '../../../shared/domain/problem.ts'
import type { VersionSummary } from '../../../shared/rpc/contract/models.ts'
import { ChooseVersion } from './choose-version.tsx'
import type { DeployChoice } from './deploy.tsx'
import { DeployRole } from './deploy-role.tsx'
import type { TermTexts } from './deploy-terms.ts'
import { deployAction, deploySentence, type PreviewNumbers } from './deploy-words.ts'
import { HeldBy, type Held } from './held-by.tsx'
import { MissingApproval } from './missing-approval.tsx'
import { MayButton } from '../../shell/may-button.tsx'
import styles from './deploy.module.css'

/** The three questions of a deployment, and at its foot what will happen and the button that does it. */
export function DeployForm({
  choice,
  texts,
  hasTerms,
  onChange,
  onPending,
  models,
  chosen,
  isNamed,
  preview,
  isPending,
  isWaiting,
  problem,
  isRunning,
  canDeploy,
  missing,
  held,
  isDespite,
  onDespite,
  onDeploy,
}: {
  choice: DeployChoice
  /** What is said of probation, serving and the role; empty texts: nothing. */
  texts: TermTexts
  /** Something of that is said: also devices that have the version get an order. */
  hasTerms: boolean
  onChange(change: Partial<DeployChoice>): void
  /** The query is being typed, or cannot be read. */
  onPending(isPending: boolean): void
  models: Answer<'models.list'>
  chosen: VersionSummary | null
  /** The name of the deployment can be one. */
  isNamed: boolean
  /** What exactly this form will do; absent while that is not known. */
  preview: PreviewNumbers | undefined
  isPending: boolean
  isWaiting: boolean
  problem: Problem | null
  isRunning: boolean
  canDeploy: boolean
  /** What approval lacks for this order; null: nothing. */
  missing: string | null
  /** The alert that holds releases to the deployment, and whether the person releases despite it. */
  held: Held | null
  isDespite: boolean
  onDespite(isDespite: boolean): void
  onDeploy(): void
}) {
  const deployments = useQuery('deployments.list', {}).data?.deployments ?? []
  useMainKey(canDeploy ? onDeploy : null)
  return (
    <form
      className={styles.form}
      aria-label="New deployment"
      onSubmit={(event) => {
        event.preventDefault()
      }}
    >
      <div className={styles.fields}>
        <Answered answer={models}>
          {({ versions }) =>
            versions.length === 0 ? (
              <EmptyState
                title="There is no model to deploy yet"
                actions={
                  <Button component={RouteLink} href={paths.importModel}>
                    Import a model
                  </Button>
                }
              >
                A version is imported from an ONNX file or a folder of MLflow.
              </EmptyState>
            ) : (
              <ChooseVersion
                versions={versions}
                chosen={chosen}
                asked={{ model: choice.model, version: choice.version }}
                onChoose={({ model, version }) => onChange({ model, version })}
              />
            )
          }
        </Answered>
        <div>
          <div className={styles.label} id="devices-label">
            Devices
          </div>
          <QueryBox value={choice.query} onChange={(query) => onChange({ query })} onPending={onPending} label="Devices to deploy to" />
        </div>
        <Autocomplete
          label="Deployment"
          description="The place on the device that the version fills; its name is in the address that programs ask."
          placeholder={choice.model === '' ? 'The name of the model' : slug(choice.model, 'model')}
          value={choice.deployment}
          onChange={(deployment) => onChange({ deployment })}
          data={deployments.map(({ deployment }) => deployment)}
          error={isNamed ? undefined : 'A name has 1 to 64 of a-z, 0-9 and -'}
          maxLength={64}
          spellCheck={false}
          comboboxProps={{ transitionProps: { duration: 0 } }}
        />
        <DeployRole role={choice.as} texts={texts} onRole={(as) => onChange({ as })} onText={(name, text) => onChange({ [name]: text })} />
      </div>
      <div className={styles.foot}>
        {missing !== null && chosen !== null && <MissingApproval missing={missing} of={chosen} />}
        {held !== null && <HeldBy held={held} isDespite={isDespite} onDespite={onDespite} />}
        {problem !== null && problem.code !== 'deployment.held' && <ProblemBox problem={problem} />}
        <p className={`foreign ${styles.sentence}`} role="status">
          {isPending
            ? 'Nothing can be ordered while the query is being written.'
            : preview !== undefined
              ? deploySentence(preview, { as: choice.as, hasTerms })
              : isWaiting
                ? 'Working out what will change'
                : 'Nothing is ordered before you press the button.'}
        </p>
        {preview !== undefined && preview.counts.changing > 1 && choice.as === 'active' && (
          <p className={styles.sentence}>
            All at once. To go wave by wave instead, each judged before the next,{' '}
            <RouteLink
              href={paths.newRollout({
                ...{ model: choice.model, version: choice.version, deployment: choice.deployment, query: choice.query },
              })}
            >
              start a rollout
            </RouteLink>
            .
          </p>
        )}
        <MayButton
          method="deployments.apply"
          variant="filled"
          size="sm"
          fullWidth
          disabled={!canDeploy && !isRunning}
          loading={isRunning}
          onClick={onDeploy}
        >
          <span className="foreign">
            {preview === undefined || preview.counts.changing === 0 ? 'Deploy' : deployAction(preview, choice.as)}
          </span>
          <kbd className={styles.key}>{keyNames('mod+')}Enter</kbd>
        </MayButton>
      </div>
    </form>
  )
}
