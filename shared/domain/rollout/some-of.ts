import { z } from 'zod'

/** Rules of the protocol of which only some are named: the others stay as they are ordered, or are the default. */
export const someOf = <Shape extends z.ZodRawShape>(rules: z.ZodObject<Shape>) =>
  z.strictObject(
    Object.fromEntries(
      Object.entries(rules.shape).map(([name, rule]) => [name, z.optional(rule instanceof z.ZodDefault ? rule.unwrap() : rule)]),
    ),
  ) as z.ZodObject<
    { [Key in keyof Shape]: z.ZodOptional<Shape[Key] extends z.ZodDefault<infer Inner> ? Inner : Shape[Key]> },
    z.core.$strict
  >
