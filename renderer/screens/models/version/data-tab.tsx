import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import { formatCount } from '../../../components/format.ts'
import { Section } from '../../../components/screen.tsx'
import styles from '../models.module.css'
import { FeaturesSection } from './features-section.tsx'
import { OutcomesSection } from './outcomes-section.tsx'
import { PipelineSections } from './pipeline-sections.tsx'
import versionStyles from './version.module.css'

type Detail = OutputOf<'models.show'>

/** Labels that are shown; a model may have a hundred thousand. */
const MOST_LABELS = 200

/** What the model was trained on: features with their distributions, labels; and the steps and rules around it. */
export function DataTab({ detail }: { detail: Detail }) {
  const { labels, schema, task } = detail.manifest
  return (
    <>
      <div className={styles.halves}>
        <PipelineSections manifest={detail.manifest} />
        <Section title={labels.length === 0 ? 'Target' : `Labels (${formatCount(labels.length)})`}>
          {labels.length === 0 ? (
            <p className="dim">
              {task === 'regression' ? 'The model gives a value' : 'The version declares no labels'}
              {schema.target === null ? '.' : `; the column of the truth is ${schema.target}.`}
            </p>
          ) : (
            <>
              <div className={versionStyles.labels} tabIndex={0} role="group" aria-label="Labels in order of their class">
                {labels.slice(0, MOST_LABELS).map((label, i) => (
                  <span key={`${i} ${label}`} className={`${versionStyles.label} foreign`} title={`class ${i}`}>
                    {label !== String(i) && <small>{i} </small>}
                    {label}
                  </span>
                ))}
              </div>
              <p className="dim">
                {labels.length > MOST_LABELS && `The first ${MOST_LABELS}. `}
                {schema.target !== null && (
                  <>
                    The column of the truth is <span className="mono foreign">{schema.target}</span>.
                  </>
                )}
              </p>
            </>
          )}
        </Section>
      </div>
      <OutcomesSection outcomes={detail.outcomes} />
      <FeaturesSection detail={detail} />
    </>
  )
}
