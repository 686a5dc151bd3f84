import type { z } from 'zod'

export type Role = 'viewer' | 'operator' | 'approver' | 'admin'

/** A method of the contract: data only; types are inferred from its schemas. */
export interface Method<
  Input extends z.ZodType = z.ZodType,
  Output extends z.ZodType = z.ZodType,
  Kind extends 'query' | 'command' = 'query' | 'command',
> {
  kind: Kind
  role: Role
  summary: string
  input: Input
  output: Output
}

/** A method without effect; it may be retried. */
export function query<Input extends z.ZodType, Output extends z.ZodType>(
  summary: string,
  input: Input,
  output: Output,
  role: Role = 'viewer',
): Method<Input, Output, 'query'> {
  return { kind: 'query', role, summary, input, output }
}

/** A method with an effect; it carries a `commandId`, so that a resend after a reconnect does nothing twice. */
export function command<Input extends z.ZodType, Output extends z.ZodType>(
  summary: string,
  input: Input,
  output: Output,
  role: Role = 'operator',
): Method<Input, Output, 'command'> {
  return { kind: 'command', role, summary, input, output }
}
