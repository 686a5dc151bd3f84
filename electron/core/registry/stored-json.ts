import { z } from 'zod'
import { Problem } from '../../../shared/domain/problem.ts'
import { firstIssue } from '../../../shared/protocol/decode.ts'
import { signature, type Signature } from '../../../shared/protocol/envelope.ts'
import { evaluationRecord, type EvaluationRecord } from '../../../shared/rpc/contract/models.ts'

/** Reads the signatures column of a bundle. @throws Problem `store.corrupt` */
export function parseSignatures(json: string): Signature[] {
  return parse(z.array(signature), json, 'bundle')
}

/** Reads the record column of an evaluation. @throws Problem `store.corrupt` */
export function parseEvaluation(json: string): EvaluationRecord {
  return parse(evaluationRecord, json, 'evaluation')
}

function parse<Schema extends z.ZodType>(schema: Schema, json: string, table: string): z.infer<Schema> {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (error) {
    throw new Problem('store.corrupt', `A row of table ${table} holds no JSON.`, { cause: error })
  }
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw new Problem('store.corrupt', `A row of table ${table} is damaged: ${firstIssue(parsed.error)}`)
  return parsed.data
}
