import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import { asyncApiDocument } from '../../build/generate/asyncapi.ts'
import { topics } from '../../shared/protocol/topics.ts'

const schemas = createRequire(import.meta.url)('@asyncapi/specs') as { schemas: Record<string, object> }

describe('the AsyncAPI document', () => {
  test('is valid AsyncAPI 3.0', () => {
    const validate = new Ajv({ meta: false, strict: false, validateSchema: false, validateFormats: false, allErrors: true }).compile(
      schemas.schemas['3.0.0']!,
    )
    validate(asyncApiDocument())
    expect(validate.errors ?? []).toEqual([])
  })

  test('is committed as it is made', () => {
    expect(JSON.parse(readFileSync('shared/protocol/asyncapi.json', 'utf8'))).toEqual(JSON.parse(JSON.stringify(asyncApiDocument())))
  })

  test('has one channel per topic', () => {
    const document = asyncApiDocument() as { channels: Record<string, unknown> }
    expect(Object.keys(document.channels)).toEqual(Object.keys(topics))
  })
})
