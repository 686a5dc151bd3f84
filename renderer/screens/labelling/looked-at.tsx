import type { InputOf, OutputOf } from '../../../shared/rpc/contract.ts'
import type { LabellingTask } from '../../../shared/rpc/contract/labelling.ts'
import { Answered, EmptyState } from '../../components/answered.tsx'
import { formatPercent } from '../../components/format.ts'
import { StateMark } from '../../components/state-mark.tsx'
import { Ago } from '../../components/time.tsx'
import { useCommand } from '../../data/use-command.ts'
import { useQuery } from '../../data/use-query.ts'
import { MayButton } from '../../shell/may-button.tsx'
import { showDone } from '../../shell/notices.tsx'
import { SampleView } from './sample-view.tsx'
import styles from './labelling.module.css'

type Scope = Pick<InputOf<'labelling.queue'>, 'query' | 'deployment' | 'model' | 'version'>
type Queue = OutputOf<'labelling.queue'>

/** Classes that are offered one by one; with more of them only those that somebody said. */
const MOST_CHOICES = 12
const SHOWN = 20

/** Rows on which labellers do not agree: a person decides. */
export function Disputes({ scope, by }: { scope: Scope; by: string }) {
  const answer = useQuery('labelling.queue', { ...scope, include: 'disputed', limit: SHOWN }, { keepsPrevious: true })
  const settle = useCommand('labelling.settle')
  const decide = async (task: string, label: string | number): Promise<void> => {
    await settle.run({ task, label, ...(by === '' ? {} : { by }) })
    showDone(`Settled: ${label}`)
  }
  return (
    <Answered answer={answer}>
      {({ tasks, total }) =>
        tasks.length === 0 ? (
          <EmptyState title="Labellers agree">
            Rows stand here when as many people as are needed have labelled them and do not agree.
          </EmptyState>
        ) : (
          <ul className={styles.cards} aria-label="Disputed samples">
            {tasks.map((task) => (
              <li key={task.task} className={styles.card}>
                <SampleView task={task} size="small" />
                <RowHead task={task} />
                <Votes task={task} />
                <div className={styles.choices}>
                  {choicesOf(task).map((label) => (
                    <MayButton
                      method="labelling.settle"
                      key={String(label)}
                      disabled={settle.isRunning}
                      onClick={() => void decide(task.task, label).catch(() => undefined)}
                    >
                      {String(label)}
                    </MayButton>
                  ))}
                </div>
              </li>
            ))}
            <More total={total} shown={tasks.length} />
          </ul>
        )
      }
    </Answered>
  )
}

/** Labels that may be right: those that somebody said first, then the others where they are few. */
export function choicesOf({ votes, labels }: Pick<LabellingTask, 'votes' | 'labels'>): (string | number)[] {
  const said = [...new Set(votes.flatMap(({ label }) => (label === null ? [] : [label])))]
  return labels.length > MOST_CHOICES ? said : [...said, ...labels.filter((label) => !said.includes(label))]
}

/** Rows with a label that counts, the newest first, and those that were skipped. */
export function Labelled({ scope }: { scope: Scope }) {
  const labelled = useQuery('labelling.queue', { ...scope, include: 'labelled', limit: SHOWN }, { keepsPrevious: true })
  const skipped = useQuery('labelling.queue', { ...scope, include: 'skipped', limit: SHOWN }, { keepsPrevious: true })
  return (
    <Answered answer={labelled}>
      {(queue) => (
        <>
          {queue.tasks.length === 0 ? (
            <EmptyState title="No row has a label yet">Labels that people give at the desk or import stand here.</EmptyState>
          ) : (
            <RowList queue={queue} label="Labelled samples" />
          )}
          {skipped.data !== undefined && skipped.data.tasks.length > 0 && (
            <>
              <h2 className={styles.between}>Skipped</h2>
              <RowList queue={skipped.data} label="Skipped samples" />
            </>
          )}
        </>
      )}
    </Answered>
  )
}

function RowList({ queue: { tasks, total }, label }: { queue: Queue; label: string }) {
  return (
    <ul className={styles.cards} aria-label={label}>
      {tasks.map((task) => (
        <li key={task.task} className={styles.card}>
          <SampleView task={task} size="small" />
          <RowHead task={task} />
          <Votes task={task} />
        </li>
      ))}
      <More total={total} shown={tasks.length} />
    </ul>
  )
}

function More({ total, shown }: { total: number; shown: number }) {
  return total > shown ? <li className="dim">{total - shown} more; the command line lists them, and the export holds all.</li> : null
}

function RowHead({ task }: { task: LabellingTask }) {
  const isRight =
    task.settled === null || task.predicted === null || typeof task.predicted === 'number' ? null : String(task.settled) === task.predicted
  return (
    <div>
      {task.settled !== null && (
        <div>
          <strong className="foreign">{String(task.settled)}</strong>{' '}
          {isRight !== null && (
            <StateMark state={isRight ? 'ok' : 'failed'} word={isRight ? 'the model was right' : 'the model was wrong'} />
          )}
        </div>
      )}
      {task.predicted !== null && (
        <div className="dim">
          {task.version} said <span className="foreign">{String(task.predicted)}</span>
          {task.confidence !== null && `, ${formatPercent(task.confidence)} sure`}
        </div>
      )}
      <div className="dim foreign">
        {task.device}, <Ago at={task.predictedAt} />
      </div>
    </div>
  )
}

function Votes({ task }: { task: LabellingTask }) {
  return (
    <ul className={styles.votes} aria-label="Votes">
      {task.votes.map((vote) => (
        <li key={vote.by}>
          <span className="foreign dim">{vote.by}</span>{' '}
          {vote.label === null ? <span className="dim">skipped</span> : <strong className="foreign">{String(vote.label)}</strong>}
        </li>
      ))}
    </ul>
  )
}
