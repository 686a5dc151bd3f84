import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { lengthText, parseLength } from './length-text.ts'

/** A length of time, written with its unit. */
export function LengthField({
  label,
  value,
  onChange,
  description,
}: {
  label: string
  /** ms */
  value: number
  onChange(ms: number): void
  description?: string
}) {
  const [text, setText] = useState(lengthText(value))
  const read = parseLength(text)
  return (
    <TextInput
      label={label}
      {...(description === undefined ? {} : { description })}
      value={text}
      error={read === null ? 'Write 30 s, 15 min, 2 h or 7 d' : undefined}
      onChange={(event) => {
        setText(event.currentTarget.value)
        const next = parseLength(event.currentTarget.value)
        if (next !== null) onChange(next)
      }}
      onBlur={() => {
        // What cannot be read was never taken over: the field shows again what counts.
        setText(lengthText(value))
      }}
    />
  )
}
