import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { predict } from '../../../../agent/predict/predict.ts'
import { readInput } from '../../../../agent/predict/read-input.ts'
import type { TensorSpec } from '../../../../shared/domain/bundle.ts'
import { answerLines } from '../../../../shared/inference/answer.ts'
import { tensorsOfRows as tensorsOf } from '../../../../shared/inference/request-rows.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'

const spec = (name: string, shape: number[], datatype: TensorSpec['datatype'] = 'FP32'): TensorSpec => ({ name, shape, datatype })

describe('input', () => {
  it.each([
    { name: 'a row', given: '1,2.5,-3e2', input: { kind: 'rows', rows: [[1, 2.5, -300]] } },
    { name: 'a JSON list', given: '[1, 2]', input: { kind: 'rows', rows: [[1, 2]] } },
    {
      name: 'a JSON list of lists',
      given: '[[1, 2], [3, 4]]',
      input: {
        kind: 'rows',
        rows: [
          [1, 2],
          [3, 4],
        ],
      },
    },
    { name: 'a request', given: '{"inputs": []}', input: { kind: 'request', request: { inputs: [] } } },
    { name: 'text cells', given: 'red,1', input: { kind: 'rows', rows: [['red', 1]] } },
  ])('is read: $name', async ({ given, input }) => {
    expect(await readInput(given)).toEqual(input)
  })

  it('leaves out the header of a CSV file', async () => {
    const file = join(temporaryDirectory(), 'rows.csv')
    writeFileSync(file, '\ufeffa,b\r\n1,2\r\n3,4\r\n')
    expect(await readInput(file)).toEqual({
      kind: 'rows',
      rows: [
        [1, 2],
        [3, 4],
      ],
    })
  })

  it('is read from a file of any name', async () => {
    const file = join(temporaryDirectory(), 'rows of today.txt')
    writeFileSync(file, '1,2\n')
    expect(await readInput(file)).toEqual({ kind: 'rows', rows: [[1, 2]] })
  })

  it.each(['/nowhere/x.csv', '', '{bad', '[1,'])('refuses %j', async (given) => {
    await expect(readInput(given)).rejects.toMatchObject({ code: 'data.invalid' })
  })
})

describe('asking', () => {
  it.each(['', '.', '..'])('refuses the model name %j', async (model) => {
    const asked = predict({ url: 'http://127.0.0.1:1', model, input: { kind: 'rows', rows: [[1]] } })
    await expect(asked).rejects.toMatchObject({ code: 'usage' })
  })

  it('says so if what answers is no agent', async () => {
    const server = createServer((_, response) => response.end('{"hello":1}')).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const asked = predict({ url: `http://127.0.0.1:${port}`, model: 'm', input: { kind: 'rows', rows: [[1]] } })
    await expect(asked).rejects.toMatchObject({ code: 'inference.failed' })
  })
})

describe('rows become tensors', () => {
  it.each([
    {
      name: 'one input',
      inputs: [spec('x', [-1, 3])],
      rows: [
        [1, 2, 3],
        [4, 5, 6],
      ],
      tensors: [{ name: 'x', datatype: 'FP32', shape: [2, 3], data: [1, 2, 3, 4, 5, 6] }],
    },
    {
      name: 'an open size',
      inputs: [spec('x', [-1, -1])],
      rows: [[1, 2]],
      tensors: [{ name: 'x', datatype: 'FP32', shape: [1, 2], data: [1, 2] }],
    },
    {
      name: 'one input per column',
      inputs: [spec('a', [-1, 1]), spec('b', [-1], 'BYTES'), spec('c', [-1, 1], 'BOOL')],
      rows: [[1, 2, 1]],
      tensors: [
        { name: 'a', datatype: 'FP32', shape: [1, 1], data: [1] },
        { name: 'b', datatype: 'BYTES', shape: [1], data: ['2'] },
        { name: 'c', datatype: 'BOOL', shape: [1, 1], data: [true] },
      ],
    },
  ])('$name', ({ inputs, rows, tensors }) => {
    expect(tensorsOf(inputs, rows)).toEqual(tensors)
  })

  it.each([
    { name: 'too few values', inputs: [spec('x', [-1, 3])], rows: [[1, 2]] },
    { name: 'rows that differ', inputs: [spec('x', [-1, 2])], rows: [[1, 2], [1]] },
    { name: 'text for a number', inputs: [spec('x', [-1, 1])], rows: [['red']] },
    { name: 'two open sizes', inputs: [spec('x', [-1, -1]), spec('y', [-1, -1])], rows: [[1, 2]] },
  ])('refuses $name', ({ inputs, rows }) => {
    expect(() => tensorsOf(inputs, rows)).toThrow(expect.objectContaining({ code: 'data.schema-mismatch' }))
  })
})

describe('the answer in words', () => {
  it('begins with the label', () => {
    const outputs = [{ name: 'label', datatype: 'INT64', shape: [1], data: [7] }]
    expect(
      answerLines({ model_name: 'digits', model_version: '1.0.0', id: 'x', parameters: { label: '7', confidence: 0.98765432 }, outputs }),
    ).toEqual(['digits 1.0.0: 7 (confidence 0.987654)', '  label INT64 [1]: 7', '  id x'])
  })
})
