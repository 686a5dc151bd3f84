import { useCallback } from 'react'
import { useLocation, useSearchParams } from 'wouter'
import type { z } from 'zod'

/**
 * The view's state as it stands in the address: checked by a schema whose fields have defaults, so that a hand-written address cannot break a screen.
 * @returns the state, and a setter that writes only what differs from the defaults (`replace` by default: typing does not fill the history)
 */
export function useUrlState<Shape extends z.ZodObject>(
  schema: Shape,
): [z.output<Shape>, (change: Partial<z.output<Shape>>, options?: { push?: boolean }) => void] {
  const [parameters, setParameters] = useSearchParams()
  const state = parse(schema, parameters)
  const change = useCallback(
    (next: Partial<z.output<Shape>>, { push = false } = {}) => {
      setParameters(
        (before) => {
          const merged: Record<string, unknown> = { ...parse(schema, before), ...next }
          const defaults: Record<string, unknown> = schema.parse({})
          const written = new URLSearchParams()
          for (const [name, value] of Object.entries(merged)) {
            const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
            if (isPlain && value !== '' && value !== defaults[name]) written.set(name, String(value))
          }
          return written
        },
        { replace: !push },
      )
    },
    [schema, setParameters],
  )
  return [state, change]
}

function parse<Shape extends z.ZodObject>(schema: Shape, parameters: URLSearchParams): z.output<Shape> {
  const given = Object.fromEntries(parameters)
  const whole = schema.safeParse(given)
  if (whole.success) return whole.data
  // One field that does not parse falls back to its default; the others stay.
  const kept = Object.fromEntries(
    Object.entries(given).filter(
      ([name, value]) => Object.hasOwn(schema.shape, name) && schema.partial().safeParse({ [name]: value }).success,
    ),
  )
  return schema.safeParse(kept).data ?? schema.parse({})
}

/** Goes to another page of the console. */
export function useGo(): (path: string) => void {
  const [, navigate] = useLocation()
  return navigate
}
