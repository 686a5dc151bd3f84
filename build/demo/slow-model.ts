// A slow release for the demo: the nodes of a model as they are, with a detour in front of them that costs time and changes no answer.
// Field numbers are those of onnx.proto: ModelProto.graph 7; GraphProto.node 1, initializer 5; NodeProto.input 1, output 2, op_type 4;
// TensorProto.dims 1, data_type 2, name 8, raw_data 9.

const VARINT = 0
const FIXED64 = 1
const BYTES = 2
const FLOAT = 1
const INT64 = 7

/** Side of the square matrix that every request multiplies by itself: some milliseconds of one core, whatever the number of rows. */
const SIDE = 384

/**
 * The same model, slower: its input takes a way over `tile(mean(input)) @ itself`, of which nothing (times zero) is added to it.
 * @param input name of the input that every node reads it by
 */
export function slowedModel(model: Uint8Array, input: string): Uint8Array {
  return rewritten(model, (field, payload) => (field === 7 ? [bytesField(7, slowedGraph(payload, input))] : null))
}

function slowedGraph(graph: Uint8Array, input: string): Uint8Array {
  const late = `${input}_late`
  const detour = [
    node('ReduceMean', [input], 'detour_mean'),
    node('Tile', ['detour_mean', 'detour_side'], 'detour_square'),
    node('MatMul', ['detour_square', 'detour_square'], 'detour_product'),
    node('ReduceMean', ['detour_product'], 'detour_value'),
    node('Mul', ['detour_value', 'detour_zero'], 'detour_nothing'),
    node('Add', [input, 'detour_nothing'], late),
  ].map((bytes) => bytesField(1, bytes))
  const own = rewritten(graph, (field, payload) => (field === 1 ? [bytesField(1, readingFrom(payload, { input, late }))] : null))
  const constants = [
    tensor('detour_side', INT64, [2], new Uint8Array(new BigInt64Array([BigInt(SIDE), BigInt(SIDE)]).buffer)),
    tensor('detour_zero', FLOAT, [1], new Uint8Array(4)),
  ].map((bytes) => bytesField(5, bytes))
  // Nodes stand in the order in which they run.
  return joined([...detour, own, ...constants])
}

/** A node that reads what the detour gives where it read the input. */
function readingFrom(bytes: Uint8Array, of: { input: string; late: string }): Uint8Array {
  return rewritten(bytes, (field, payload) => (field === 1 && textOf(payload) === of.input ? [textField(1, of.late)] : null))
}

function node(op: string, inputs: readonly string[], output: string): Uint8Array {
  return joined([...inputs.map((name) => textField(1, name)), textField(2, output), textField(4, op)])
}

function tensor(name: string, type: number, dims: readonly number[], raw: Uint8Array): Uint8Array {
  return joined([...dims.map((dim) => intField(1, dim)), intField(2, type), textField(8, name), bytesField(9, raw)])
}

/** A message with some of its length-delimited fields in another form; the rest stays as it is. @param change null: the field stays */
function rewritten(message: Uint8Array, change: (field: number, payload: Uint8Array) => Uint8Array[] | null): Uint8Array {
  const parts: Uint8Array[] = []
  for (let at = 0; at < message.length;) {
    const tag = readVarint(message, at)
    const type = tag.value & 7
    const { from, to } = payloadAt(message, tag.next, type)
    const changed = type === BYTES ? change(tag.value >>> 3, message.subarray(from, to)) : null
    parts.push(...(changed ?? [message.subarray(at, to)]))
    at = to
  }
  return joined(parts)
}

function payloadAt(message: Uint8Array, at: number, type: number): { from: number; to: number } {
  if (type === VARINT) return { from: at, to: readVarint(message, at).next }
  if (type !== BYTES) return { from: at, to: at + (type === FIXED64 ? 8 : 4) }
  const length = readVarint(message, at)
  return { from: length.next, to: length.next + length.value }
}

/** Tags and lengths are below 2 ** 31; of other numbers only the end is wanted. */
function readVarint(bytes: Uint8Array, at: number): { value: number; next: number } {
  let value = 0
  for (let i = at; ; i += 1) {
    const byte = bytes[i]
    if (byte === undefined) throw new Error('the model file ends within a number')
    if (i - at < 5) value |= (byte & 127) << (7 * (i - at))
    if (byte < 128) return { value: value >>> 0, next: i + 1 }
  }
}

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return Uint8Array.from([...bytes, left])
    bytes.push((left % 128) + 128)
  }
}

function intField(field: number, value: number): Uint8Array {
  return joined([varint(field * 8 + VARINT), varint(value)])
}

function bytesField(field: number, payload: Uint8Array): Uint8Array {
  return joined([varint(field * 8 + BYTES), varint(payload.length), payload])
}

function textField(field: number, text: string): Uint8Array {
  return bytesField(field, new TextEncoder().encode(text))
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}
