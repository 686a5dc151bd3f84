import { NumberInput, SegmentedControl } from '@mantine/core'
import { orderRoles, type OrderRole } from '../../../shared/rpc/contract/orders.ts'
import { probationFields, roleWords, servingFields, type TermField, type TermTexts } from './deploy-terms.ts'
import styles from './deploy.module.css'

const split: TermField = {
  ...{ name: 'percent', label: 'Share of the requests', about: 'By a hash of their key. Usually 10 %.', suffix: ' %', min: 0, max: 100 },
}
const shadow: readonly TermField[] = [
  {
    name: 'cpuPercent',
    label: 'Share of one core',
    about: 'Beyond it requests are skipped. Usually 20 %.',
    suffix: ' %',
    min: 1,
    max: 100,
  },
  { name: 'disagreements', label: 'Disagreements kept', about: 'Inputs per window that are sent here. Usually none.', min: 0, max: 100 },
]

/** What the version is to do, with what can be said of that. */
export function DeployRole({
  role,
  texts,
  onRole,
  onText,
}: {
  role: OrderRole
  texts: TermTexts
  onRole(role: OrderRole): void
  onText(name: string, text: string): void
}) {
  return (
    <>
      <div>
        <div className={styles.label} id="role-label">
          What it does
        </div>
        <SegmentedControl
          aria-labelledby="role-label"
          fullWidth
          value={role}
          onChange={(value) => onRole(orderRoles.find((one) => one === value) ?? 'active')}
          data={orderRoles.map((value) => ({ value, label: roleWords[value].title }))}
        />
        <p className={`dim ${styles.about}`}>{roleWords[role].does}</p>
      </div>
      {role === 'split' && <Fields fields={[split]} texts={texts} onText={onText} />}
      {role === 'shadow' && <Fields fields={shadow} texts={texts} onText={onText} />}
      {role === 'active' && <Advanced texts={texts} onText={onText} />}
    </>
  )
}

function Advanced({ texts, onText }: { texts: TermTexts; onText(name: string, text: string): void }) {
  const isSaid = [...probationFields, ...servingFields].some(({ name }) => texts[name] !== undefined && texts[name] !== '')
  return (
    <details className={styles.advanced} open={isSaid || undefined}>
      <summary>Advanced: probation and serving</summary>
      <p className="dim">What is left empty stays as it was ordered before, or is as usual.</p>
      <h3>Probation</h3>
      <Fields fields={probationFields} texts={texts} onText={onText} />
      <h3>Serving</h3>
      <Fields fields={servingFields} texts={texts} onText={onText} />
    </details>
  )
}

/** Numbers that can be said, two beside each other. */
export function Fields({
  fields,
  texts,
  onText,
}: {
  fields: readonly TermField[]
  texts: TermTexts
  onText(name: string, text: string): void
}) {
  return (
    <div className={styles.terms}>
      {fields.map(({ name, label, about, suffix, min, max }) => (
        <NumberInput
          key={name}
          label={label}
          description={about}
          placeholder="As usual"
          min={min}
          max={max}
          {...(suffix === undefined ? {} : { suffix })}
          value={texts[name] === undefined || texts[name] === '' ? '' : Number(texts[name])}
          onChange={(value) => onText(name, String(value))}
          hideControls
        />
      ))}
    </div>
  )
}
