import type { z } from 'zod'
import type { Role } from '../domain/people.ts'

export type { Role } from '../domain/people.ts'

/**
 * What a method is: a query has no effect; a command runs once, in one transaction with its audit entry; a step of signing in (`entrance`) may
 * have an effect and is not stored with its result, because secrets go in or come out.
 */
export type MethodKind = 'query' | 'command' | 'entrance'

/** A method of the contract: data only; types are inferred from its schemas. */
export interface Method<Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType, Kind extends MethodKind = MethodKind> {
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

/** A step in which a secret goes in or comes out: signing in, or preparing a command that must not carry the secret itself. */
export function entrance<Input extends z.ZodType, Output extends z.ZodType>(
  summary: string,
  input: Input,
  output: Output,
  role: Role,
): Method<Input, Output, 'entrance'> {
  return { kind: 'entrance', role, summary, input, output }
}
