import { attribute, elem, graph, model, node, opset, tensor, value } from './model.ts'
import { bytes, int, join, text } from './wire.ts'

/** What is planted where a model could look for it. It is also what no answer may have in it. */
export const SECRET = 'MUSTER-PLANTED-SECRET-0123456789'

/** TensorProto of the bytes of a file elsewhere. */
function elsewhere(path: string): Uint8Array {
  const entry = (key: string, of: string): Uint8Array => bytes(13, text(1, key), text(2, of))
  const more = join(entry('location', path), entry('offset', '0'), entry('length', String(SECRET.length)), int(14, 1))
  return tensor({ name: 'w', type: elem.UINT8, dims: [SECRET.length], more })
}

const reads = node({ op: 'Identity', in: ['w'], out: ['y'] })
const said = [value('y', elem.UINT8, [SECRET.length])]
const asked = [value('x', elem.UINT8, [1])]

/** y = the bytes of a file, by an initializer. */
export const byInitializer = (path: string): Uint8Array =>
  model({ graph: graph({ nodes: [reads], initializers: [elsewhere(path)], inputs: asked, outputs: said }) })

/** The same by a Constant, which the loader resolves on another way. */
export const byConstant = (path: string): Uint8Array =>
  model({
    graph: graph({
      nodes: [node({ op: 'Constant', out: ['w'], attributes: [attribute.tensor('value', elsewhere(path))] }), reads],
      inputs: asked,
      outputs: said,
    }),
  })

/** The same by the values of a sparse initializer. */
export const bySparse = (path: string): Uint8Array => {
  const indices = tensor({
    type: elem.INT64,
    dims: [SECRET.length],
    raw: new Uint8Array(BigInt64Array.from({ length: SECRET.length }, (_, i) => BigInt(i)).buffer),
  })
  const sparse = join(bytes(1, elsewhere(path)), bytes(2, indices), int(3, SECRET.length))
  return model({ graph: graph({ nodes: [reads], sparse: [sparse], inputs: asked, outputs: said }), opsets: [opset('', 17)] })
}
