import type { LabellingTask } from '../../../shared/rpc/contract/labelling.ts'
import { reasonTitles } from './labelling-view.ts'
import { SampleImage } from './sample-image.tsx'
import styles from './labelling.module.css'

/** The rows that come next; one can be looked at before it is its turn. */
export function NextStrip({ tasks, shown, onShow }: { tasks: readonly LabellingTask[]; shown: string; onShow(task: string): void }) {
  return (
    <div className={styles.strip} role="group" aria-label="Samples that come next">
      {tasks.map((task, i) => (
        <button
          key={task.task}
          type="button"
          className={styles.stripItem}
          aria-pressed={task.task === shown}
          aria-label={`Sample ${i + 1}: ${reasonTitles[task.reason]}`}
          title={reasonTitles[task.reason]}
          onClick={() => onShow(task.task)}
        >
          {task.image === null ? <span>{i + 1}</span> : <SampleImage image={task.image} longest={30} label={null} />}
        </button>
      ))}
    </div>
  )
}
