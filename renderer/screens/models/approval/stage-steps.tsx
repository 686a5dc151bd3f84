import { versionStageMeanings, type VersionStage } from '../../../../shared/domain/version-stage.ts'
import type { Standing } from '../../../../shared/rpc/contract/approvals.ts'
import { StageMark } from './stage-mark.tsx'
import { stepsOf } from './stage-words.ts'
import styles from './approval.module.css'

/** The way of a version as steps: those behind it, where it is, those that may come. */
export function StageSteps({ standing }: { standing: Pick<Standing, 'stage' | 'isApproved' | 'decisions'> }) {
  return (
    <ol className={styles.steps} aria-label="Stages">
      {stepsOf(standing).map(({ stage, place }) => (
        <li key={stage} data-place={place} aria-current={place === 'now' ? 'step' : undefined} title={versionStageMeanings[stage]}>
          {place === 'now' ? <StageMark stage={stage} /> : <StepWord stage={stage} place={place} />}
        </li>
      ))}
    </ol>
  )
}

function StepWord({ stage, place }: { stage: VersionStage; place: 'before' | 'skipped' | 'after' }) {
  return (
    <>
      {stage}
      <span className="sr-only">{place === 'before' ? ', done' : place === 'skipped' ? ', skipped' : ', not yet'}</span>
    </>
  )
}
