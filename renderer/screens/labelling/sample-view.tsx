import type { LabellingTask } from '../../../shared/rpc/contract/labelling.ts'
import { SampleImage } from './sample-image.tsx'
import { SampleSeries } from './sample-series.tsx'
import { SampleTable } from './sample-table.tsx'
import styles from './labelling.module.css'

/** A row as what it is: a picture, a course, or values by name. */
export function SampleView({ task, size = 'large' }: { task: LabellingTask; size?: 'large' | 'small' }) {
  const { image, series, fields } = task
  if (image !== null) {
    const odd = fields.filter(({ isUnusual }) => isUnusual).length
    return (
      <div className={styles.sample}>
        <SampleImage
          image={image}
          longest={size === 'large' ? 400 : 96}
          label={`Picture of the sample, ${image.width} by ${image.height}`}
        />
        {size === 'large' && odd > 0 && (
          <p className={styles.unusualLine}>
            ▲ {odd} of {fields.length} points are unlike the training rows
          </p>
        )}
      </div>
    )
  }
  if (series !== null) return <SampleSeries values={series} isSmall={size === 'small'} />
  return <SampleTable fields={size === 'large' ? fields : fields.slice(0, 6)} />
}
