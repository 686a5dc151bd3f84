import { NumberInput } from '@mantine/core'
import { useEffect, useState } from 'react'
import { At } from './findings.tsx'

interface NumberFieldProps {
  label: string
  /** The field's place in the plan. */
  place: string
  min: number
  max: number
  description?: string
  suffix?: string
  /** What is shown is so many times what is kept: 100 for a share in percent, 1e-6 for bytes in MB. */
  times?: number
  isWhole?: boolean
  /** True: in a line of fields. The label is for readers of the screen only, and what the check says stands under the line. */
  isBare?: boolean
  width?: number
}

/** A number of the plan. What cannot be read is never taken over; on leaving, the field shows again what counts. */
export function NumberField({ value, onChange, ...field }: NumberFieldProps & { value: number; onChange(value: number): void }) {
  return <Field {...field} value={value} onChange={(next) => next !== null && onChange(next)} />
}

/** A number that may be left out. @param placeholder what counts then */
export function MaybeNumberField(
  field: NumberFieldProps & { value: number | null; placeholder: string; onChange(value: number | null): void },
) {
  return <Field {...field} isOptional />
}

function Field({
  label,
  place,
  min,
  max,
  description,
  suffix,
  times = 1,
  isWhole = false,
  isBare = false,
  width,
  value,
  placeholder,
  isOptional = false,
  onChange,
}: NumberFieldProps & { value: number | null; placeholder?: string; isOptional?: boolean; onChange(value: number | null): void }) {
  const kept = value === null ? '' : Number((value * times).toPrecision(10))
  const [shown, setShown] = useState<number | string>(kept)
  useEffect(() => setShown(kept), [kept])
  const read = (given: number | string): number | null | undefined => {
    if (given === '') return isOptional ? null : undefined
    const number = Number(given) / times
    return Number.isFinite(number) && number >= min && number <= max && (!isWhole || Number.isInteger(number)) ? number : undefined
  }
  const isBad = read(shown) === undefined
  const input = (
    <NumberInput
      {...(isBare ? { 'aria-label': label } : { label })}
      {...(description === undefined ? {} : { description })}
      {...(suffix === undefined ? {} : { suffix })}
      {...(placeholder === undefined ? {} : { placeholder })}
      {...(width === undefined ? {} : { w: width })}
      value={shown}
      allowDecimal={!isWhole || times !== 1}
      allowNegative={false}
      hideControls
      error={isBad ? `${rangeText(min * times)} to ${rangeText(max * times)}${suffix ?? ''}` : undefined}
      onChange={(given) => {
        setShown(given)
        const next = read(given)
        if (next !== undefined && next !== value) onChange(next)
      }}
      onBlur={() => {
        if (isBad) setShown(kept)
      }}
    />
  )
  return isBare ? input : <At place={place}>{input}</At>
}

function rangeText(value: number): string {
  return String(Number(value.toPrecision(6)))
}
