import type { TensorSpec } from '../../../../shared/domain/bundle.ts'
import styles from '../models.module.css'
import { shapeText } from './tensor-text.ts'

/** Inputs or outputs with their types and shapes. @param uses what Muster takes each one for */
export function TensorTable({
  title,
  tensors,
  uses = {},
}: {
  title: string
  tensors: readonly TensorSpec[]
  uses?: Readonly<Record<string, string>>
}) {
  const hasUses = Object.keys(uses).length > 0
  return (
    <table className={`${styles.table} ${styles.fixed}`}>
      <thead>
        <tr>
          <th scope="col">{title}</th>
          <th scope="col">Type</th>
          <th scope="col">Shape</th>
          {hasUses && <th scope="col">Used as</th>}
        </tr>
      </thead>
      <tbody>
        {tensors.map(({ name, datatype, shape }) => (
          <tr key={name}>
            <th scope="row" className="mono foreign">
              {name}
            </th>
            <td className="mono">{datatype}</td>
            <td className="mono">{shapeText(shape)}</td>
            {hasUses && <td className="dim">{Object.hasOwn(uses, name) ? uses[name] : ''}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
