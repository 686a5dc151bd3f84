import { LengthField } from '../../../alerts/length-field.tsx'
import { At } from './findings.tsx'

/** A length of time of the plan, which keeps seconds; written with its unit. */
export function SecondsField({
  label,
  place,
  value,
  onChange,
  description,
}: {
  label: string
  place: string
  value: number
  onChange(seconds: number): void
  description?: string
}) {
  return (
    <At place={place}>
      <LengthField
        label={label}
        {...(description === undefined ? {} : { description })}
        value={value * 1000}
        onChange={(ms) => onChange(Math.round(ms / 1000))}
      />
    </At>
  )
}
