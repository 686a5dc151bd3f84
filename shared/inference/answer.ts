import { z } from 'zod'

/** An answer in the JSON form of the Open Inference Protocol v2. */
export const inferenceAnswer = z.looseObject({
  id: z.string().optional(),
  model_name: z.string(),
  model_version: z.string().optional(),
  parameters: z.record(z.string(), z.unknown()).optional(),
  outputs: z.array(z.looseObject({ name: z.string(), datatype: z.string(), shape: z.array(z.number()), data: z.array(z.unknown()) })),
})
export type InferenceAnswer = z.infer<typeof inferenceAnswer>

/** Values of one output that a person is shown. */
const SHOWN = 20

/** The answer in words, one line each. */
export function answerLines(answer: InferenceAnswer): string[] {
  const { label, confidence, value } = answer.parameters ?? {}
  const shown = (of: unknown): string => (typeof of === 'number' ? String(Number(of.toPrecision(6))) : String(of))
  const head = `${answer.model_name}${answer.model_version === undefined ? '' : ` ${answer.model_version}`}`
  const lines = [
    label !== undefined
      ? `${head}: ${shown(label)}${confidence === undefined ? '' : ` (confidence ${shown(confidence)})`}`
      : value !== undefined
        ? `${head}: ${shown(value)}`
        : head,
  ]
  for (const { name, datatype, shape, data } of answer.outputs) {
    const rest = data.length > SHOWN ? `, and ${data.length - SHOWN} more` : ''
    lines.push(`  ${name} ${datatype} [${shape.join(', ')}]: ${data.slice(0, SHOWN).map(shown).join(', ')}${rest}`)
  }
  if (answer.id !== undefined) lines.push(`  id ${answer.id}`)
  return lines
}
