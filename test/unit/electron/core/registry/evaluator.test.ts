import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startEvaluator } from '../../../../../electron/core/registry/evaluator.ts'
import { tensorFromPlain, type Tensor } from '../../../../../shared/inference/tensor.ts'
import { madeByShape } from '../../../../harness/onnx/hostile-sizes.ts'
import { attribute, elem, graph, model, node, opset, tensor, value } from '../../../../harness/onnx/model.ts'
import { openWorkshop, sample } from './workshop.ts'

let workshop: ReturnType<typeof openWorkshop>
beforeEach(() => {
  workshop = openWorkshop()
})
afterEach(() => workshop.close())

const start = (modelPath: string, limits = {}, signal = new AbortController().signal) =>
  startEvaluator({ modelPath, workDirectory: workshop.workDirectory, signal, limits })
const left = (): string[] => readdirSync(workshop.workDirectory)
const wineRow = (): Tensor =>
  tensorFromPlain('sensors', 'FP32', [1, 13], [13.76, 1.53, 2.7, 19.5, 132, 2.95, 2.74, 0.5, 1.35, 5.4, 1.25, 3, 1235])

/** Ids of the processes that this one started. */
function children(): number[] {
  return readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
}

/** y = x after a loop that never ends. */
const endless = (): Uint8Array => {
  const body = graph({
    nodes: [node({ op: 'Identity', in: ['go'], out: ['on'] }), node({ op: 'Identity', in: ['v'], out: ['w'] })],
    inputs: [value('i', elem.INT64, []), value('go', elem.BOOL, []), value('v', elem.FLOAT, [1])],
    outputs: [value('on', elem.BOOL, []), value('w', elem.FLOAT, [1])],
  })
  return model({
    graph: graph({
      nodes: [node({ op: 'Loop', in: ['', 'yes', 'x'], out: ['y'], attributes: [attribute.graph('body', body)] })],
      initializers: [tensor({ name: 'yes', type: elem.BOOL, dims: [], raw: Uint8Array.of(1) })],
      inputs: [value('x', elem.FLOAT, [1])],
      outputs: [value('y', elem.FLOAT, [1])],
    }),
  })
}

describe('a model in its own process', () => {
  test('answers, in an empty directory and without the environment of the console', async () => {
    process.env['MUSTER_SECRET_OF_TEST'] = 'secret'
    const evaluator = await start(sample('wine', 'wine-1.0.0.onnx'))
    delete process.env['MUSTER_SECRET_OF_TEST']
    const [pid] = children()
    if (process.platform === 'linux') {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8')
      expect(environment).not.toContain('MUSTER')
      expect(environment).not.toContain('HOME=')
      expect(readdirSync(`/proc/${pid}/cwd`)).toEqual([])
    }
    const { outputs, ms } = await evaluator.run([wineRow()])
    expect(outputs.map(({ name, datatype, shape }) => ({ name, datatype, shape }))).toEqual([
      { name: 'label', datatype: 'INT64', shape: [1] },
      { name: 'probabilities', datatype: 'FP32', shape: [1, 3] },
    ])
    expect([outputs[0]!.data, ms >= 0, evaluator.runtimeVersion]).toEqual([BigInt64Array.of(0n), true, '1.30.0'])
    await evaluator.stop()
    expect([left(), children().includes(pid!)]).toEqual([[], false])
    await expect(evaluator.run([wineRow()])).rejects.toMatchObject({ code: 'evaluation.failed' })
  })

  test.each([
    ['texts', 'BYTES', elem.STRING, ['a', 'ü']],
    ['binary16', 'FP16', elem.FLOAT16, [0.5, -2]],
    ['truths', 'BOOL', elem.BOOL, [true, false]],
    ['64-bit integers', 'INT64', elem.INT64, ['9007199254740993', -1]],
  ] as const)('%s go there and back', async (_, datatype, type, values) => {
    const path = workshop.write('m.onnx', model({ graph: graph({ nodes: [node({ op: 'Identity', in: ['x'], out: ['y'] })], inputs: [value('x', type, ['n'])], outputs: [value('y', type, ['n'])] }) })) // prettier-ignore
    const evaluator = await start(path)
    const given = tensorFromPlain('x', datatype, [2], values)
    expect((await evaluator.run([given])).outputs).toEqual([{ ...given, name: 'y' }])
    await evaluator.stop()
  })
})

describe('what may go wrong', () => {
  test('a file that is no model, or cut short, or of the future', async () => {
    const whole = readFileSync(sample('digits', 'digits-1.2.0.onnx'))
    for (const [content, code] of [
      ['# a readme', 'model.invalid'],
      [whole.subarray(0, whole.length / 2), 'model.invalid'],
      [model({ opsets: [opset('', 999)], graph: graph({ nodes: [], inputs: [], outputs: [] }) }), 'model.unsupported'],
    ] as const) {
      await expect(start(workshop.write('bad.onnx', content))).rejects.toMatchObject({ code })
    }
    await expect(start('/absent.onnx')).rejects.toMatchObject({ code: 'model.invalid' })
    expect([left(), children()]).toEqual([[], []])
  })

  test('an input that the model cannot take fails that run and no other', async () => {
    const evaluator = await start(sample('wine', 'wine-1.0.0.onnx'))
    await expect(evaluator.run([tensorFromPlain('sensors', 'FP32', [1, 2], [1, 2])])).rejects.toMatchObject({
      code: 'evaluation.failed',
      message: expect.stringMatching(/invalid dimensions/i) as string,
    })
    expect((await evaluator.run([wineRow()])).outputs.length).toBe(2)
    await evaluator.stop()
  })

  test('case 18: a loop without end is stopped at the deadline', async () => {
    const evaluator = await start(workshop.write('endless.onnx', endless()), { runMs: 300 })
    await expect(evaluator.run([tensorFromPlain('x', 'FP32', [1], [1])])).rejects.toMatchObject({
      code: 'evaluation.failed',
      message: expect.stringContaining('longer than 300 ms') as string,
    })
    await evaluator.stop()
    expect([left(), children()]).toEqual([[], []])
  })

  test('a load that takes too long', async () => {
    await expect(start(sample('wine', 'wine-1.0.0.onnx'), { loadMs: 1 })).rejects.toMatchObject({
      code: 'evaluation.failed',
      message: expect.stringContaining('loading') as string,
    })
    expect(left()).toEqual([])
  })

  test('abort while the model runs', async () => {
    const stop = new AbortController()
    const evaluator = await start(workshop.write('endless.onnx', endless()), {}, stop.signal)
    const run = evaluator.run([tensorFromPlain('x', 'FP32', [1], [1])])
    setTimeout(() => stop.abort(), 50)
    await expect(run).rejects.toMatchObject({ code: 'cancelled' })
    await expect(evaluator.run([])).rejects.toMatchObject({ code: 'cancelled' })
    await evaluator.stop()
    expect(left()).toEqual([])
    await expect(start(sample('wine', 'wine-1.0.0.onnx'), {}, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' })
  })

  test.skipIf(process.platform !== 'linux')('the process dies while it runs', async () => {
    const evaluator = await start(workshop.write('endless.onnx', endless()))
    const run = evaluator.run([tensorFromPlain('x', 'FP32', [1], [1])])
    process.kill(children()[0]!, 'SIGSEGV')
    await expect(run).rejects.toMatchObject({
      code: 'evaluation.failed',
      message: expect.stringMatching(/ended while running \(SIGSEGV\)/) as string,
    })
    await evaluator.stop()
    expect(left()).toEqual([])
  })

  test.skipIf(process.platform !== 'linux')('case 19: 104 bytes that ask for gigabytes are stopped by the guard on memory', async () => {
    const path = workshop.write('hungry.onnx', madeByShape(200_000_000))
    const used = async (): Promise<void> => {
      const evaluator = await start(path, { memoryBytes: 300 * 1024 ** 2 })
      try {
        await evaluator.run([])
      } finally {
        await evaluator.stop()
      }
    }
    await expect(used()).rejects.toMatchObject({ code: 'evaluation.failed', message: expect.stringContaining('MiB of memory') as string })
    expect(left()).toEqual([])
  })

  test('what a killed console left is removed at the next start', () => {
    mkdirSync(join(workshop.workDirectory, 'evaluate-left', 'deep'), { recursive: true })
    writeFileSync(join(workshop.workDirectory, 'of-others'), '')
    workshop.open()
    expect(left()).toEqual(['of-others'])
  })
})
