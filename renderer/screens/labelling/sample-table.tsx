import type { LabellingTask } from '../../../shared/rpc/contract/labelling.ts'
import { formatNumber } from '../../components/format.ts'
import styles from './labelling.module.css'

type Field = LabellingTask['fields'][number]

/** The values of a row by name, in columns; what is unlike the training rows is marked, what was masked on the device is said to be. */
export function SampleTable({ fields }: { fields: readonly Field[] }) {
  if (fields.length === 0) return <p className="dim">The sample has no values: they were left out on the device.</p>
  return (
    <dl className={styles.fields} aria-label="Values of the sample">
      {fields.map((field) => (
        <div key={field.name} data-unusual={field.isUnusual || undefined}>
          <dt className="foreign" title={field.name}>
            {field.name}
          </dt>
          <dd className="foreign" title={field.value === null ? undefined : String(field.value)}>
            {valueText(field)}
            {field.isUnusual && (
              <span className={styles.unusual} title="Unlike the training rows">
                {' '}
                ▲<span className="sr-only"> unlike the training rows</span>
              </span>
            )}
          </dd>
        </div>
      ))}
    </dl>
  )
}

function valueText({ value, isMasked }: Field): React.ReactNode {
  if (isMasked)
    return (
      <span className="dim" title="Masked on the device">
        {value === null ? 'masked' : `masked: ${String(value).slice(0, 16)}`}
      </span>
    )
  if (value === null) return <span className="dim">missing</span>
  return typeof value === 'number' ? formatNumber(value, 6) : String(value)
}
