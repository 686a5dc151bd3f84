import { Switch } from '@mantine/core'
import { Link as RouteLink } from 'wouter'
import type { LabellingTask } from '../../../shared/rpc/contract/labelling.ts'
import { formatNumber, formatPercent, plural } from '../../components/format.ts'
import { StateMark, type State } from '../../components/state-mark.tsx'
import { Ago } from '../../components/time.tsx'
import { paths } from '../../data/paths.ts'
import { reasonTitles, type Reason } from './labelling-view.ts'
import styles from './labelling.module.css'

const stateOfReason: Record<Reason, State> = { disagreement: 'attention', 'low-confidence': 'unsure', outlier: 'attention', random: 'ok' }

/** Why this row comes now, where it is from, and, if wanted, what the model said. */
export function RowFacts({
  task,
  isAnswerShown,
  onAnswerShown,
}: {
  task: LabellingTask
  isAnswerShown: boolean
  onAnswerShown(is: boolean): void
}) {
  const labels = task.votes.filter(({ label }) => label !== null).length
  return (
    <section className={styles.facts} aria-label="About this sample">
      <StateMark state={stateOfReason[task.reason]} word={reasonTitles[task.reason]} />
      {(isAnswerShown || task.reason !== 'disagreement') && <p className="foreign">{isAnswerShown ? task.why : hidden(task)}</p>}
      <Switch label="Show what the model said" checked={isAnswerShown} onChange={(event) => onAnswerShown(event.currentTarget.checked)} />
      {isAnswerShown && task.predicted !== null && (
        <p>
          {task.version} said{' '}
          <strong className="foreign">{typeof task.predicted === 'number' ? formatNumber(task.predicted, 5) : task.predicted}</strong>
          {task.confidence !== null && <span className="dim"> {formatPercent(task.confidence)} sure</span>}
          {task.other !== null && (
            <>
              , {task.other.version} said <strong className="foreign">{String(task.other.outcome)}</strong>
            </>
          )}
        </p>
      )}
      {labels > 0 && <p className="dim">{plural(labels, 'label')} by others; not shown until you have given yours.</p>}
      <p className="dim">
        <RouteLink href={paths.version(task.model, task.version)}>
          {task.model} {task.version}
        </RouteLink>{' '}
        in {task.deployment} on <RouteLink href={paths.device(task.device)}>{task.device}</RouteLink>, <Ago at={task.predictedAt} />
        {task.row > 0 && `, row ${task.row + 1} of its request`}
      </p>
    </section>
  )
}

/** The reason without the answer of the model in it. */
function hidden({ reason, why }: LabellingTask): string {
  return reason === 'outlier' || reason === 'random' ? why.replace(/ The model was .*$/, '') : 'The model was not sure of it.'
}
