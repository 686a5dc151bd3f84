import { describe, expect, test } from 'vitest'
import { joinWeights } from '../../../../renderer/screens/models/import/join-weights.ts'
import { affineModel, elsewhere } from '../../../harness/onnx/external.ts'
import { floats } from '../../../harness/onnx/model.ts'
import { join } from '../../../harness/onnx/wire.ts'

const file = (name: string, content: Uint8Array<ArrayBuffer>): File => new File([content], name)
const data = join(floats(9, 9), floats(2, 3, 4), floats(5, 6, 7))
const given = affineModel({
  weights: { more: elsewhere({ location: 'model.onnx_data', offset: 8, length: 12 }) },
  biases: { more: elsewhere({ location: './model.onnx_data', offset: 20 }) },
})

describe('weights beside a model in the browser', () => {
  test('are put into it, byte for byte as the exporter would have written it', async () => {
    const weights = file('model.onnx_data', data)
    const whole = await joinWeights(file('m.onnx', given), [file('notes.txt', floats(1)), weights])
    expect(whole?.joined).toEqual([weights])
    expect(whole?.file.name).toBe('m.onnx')
    const wanted = affineModel({ weights: { raw: floats(2, 3, 4) }, biases: { raw: floats(5, 6, 7) } })
    expect(new Uint8Array(await whole!.file.arrayBuffer())).toEqual(new Uint8Array(wanted))
  })

  test('a model that has them inside, or is none, is left as it is', async () => {
    const inside = affineModel({ weights: { raw: floats(2, 3, 4) } })
    expect(await joinWeights(file('m.onnx', inside), [file('model.onnx_data', data)])).toBeNull()
    expect(await joinWeights(file('m.onnx', floats(1, 2, 3)), [])).toBeNull()
  })

  test('one that was not given is named, and nothing outside of the files can be', async () => {
    await expect(joinWeights(file('m.onnx', given), [])).rejects.toMatchObject({
      code: 'model.external-data-forbidden',
      message: 'm.onnx keeps weights in model.onnx_data, which is not among the files.',
    })
    const away = affineModel({ weights: { more: elsewhere({ location: '../model.onnx_data' }) } })
    await expect(joinWeights(file('m.onnx', away), [file('model.onnx_data', data)])).rejects.toMatchObject({
      code: 'model.external-data-forbidden',
    })
  })
})
