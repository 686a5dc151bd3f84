import { Problem } from '../domain/problem.ts'
import { onnxLimits } from './limits.ts'
import { excessive, invalid, shown } from './refusal.ts'
import { fields, Wire, type ByteReader, type Span } from './wire.ts'

/** Bytes of a joined file: made here, or a span of the model file (`location` null) or of a file beside it. */
export type Piece = { bytes: Uint8Array } | (Span & { location: string | null })

/** What a model with external data becomes when its weights are put into it. */
export interface JoinPlan {
  pieces: Piece[]
  sizeBytes: number
  /** Files beside the model that hold its weights, each once. */
  locations: string[]
}

const MAX_LOCATION = 255
/** A folder in front of a name, a drive, a name that a shell hides or a terminal obeys: none of them is a file beside the model. */
const elsewhere = /[/\\:\p{C}]|^\./u
const LENGTH_OF_PART = 2

type Read = (wire: Wire, site: Site) => Piece[] | null

interface Site {
  /** Null: only the names are wanted. */
  sizeOf: ((location: string) => number) | null
  locations: Map<string, number>
  bytes: number
  depth: number
}

/**
 * Plans one file out of an ONNX file and the weights that lie beside it; null: it has no external data. Nothing of the weights is read, and
 * the structure is read as `walkOnnx` reads it, which judges the joined file.
 * @param sizeOf bytes of a file beside the model; it refuses what is no plain file
 * @throws Problem `model.invalid`, `model.resource-limit`, `model.external-data-forbidden` and what `sizeOf` throws
 */
export function planJoin(reader: ByteReader, sizeOf: (location: string) => number): JoinPlan | null {
  const site: Site = { sizeOf, locations: new Map(), bytes: 0, depth: 0 }
  const pieces = piecesOf(reader, site)
  if (pieces === null) return null
  const sizeBytes = lengthOf(pieces)
  if (sizeBytes > onnxLimits.fileBytes) throw tooLarge(sizeBytes)
  return { pieces, sizeBytes, locations: [...site.locations.keys()] }
}

/** Names of the files beside a model that hold its weights, each once. @throws Problem like `planJoin` */
export function externalLocations(reader: ByteReader): string[] {
  const site: Site = { sizeOf: null, locations: new Map(), bytes: 0, depth: 0 }
  piecesOf(reader, site)
  return [...site.locations.keys()]
}

function piecesOf(reader: ByteReader, site: Site): Piece[] | null {
  const wire = new Wire(reader)
  return spliced(wire, { site, children: modelParts, visitAll: (visit) => wire.file(0, visit) })
}

/** A file beside the model, by the name that the model gives it. @throws Problem `model.external-data-forbidden` */
export function siblingName(location: string): string {
  const name = location.startsWith('./') ? location.slice(LENGTH_OF_PART) : location
  if (name === '' || name.length > MAX_LOCATION || elsewhere.test(name))
    throw new Problem(
      'model.external-data-forbidden',
      `The model keeps weights in ${shown(location)}; only a file beside it is joined to it`,
    )
  return name
}

/** Which fields of a message may hold tensors, however deep, and how each is read. */
type Children = Readonly<Record<number, Read>>

const nested =
  (children: () => Children): Read =>
  (wire, site) =>
    spliced(wire, { site, children: children(), visitAll: (visit) => wire.message(0, visit) })

const readNode = nested(() => nodeParts)
const readAttribute = nested(() => attributeParts)
const readSparse = nested(() => sparseParts)
const readFunction = nested(() => functionParts)
const readGraph: Read = (wire, site) => {
  if (site.depth >= onnxLimits.nesting) throw excessive(`The model has more than ${onnxLimits.nesting} graphs within each other`)
  site.depth += 1
  const pieces = nested(() => graphParts)(wire, site)
  site.depth -= 1
  return pieces
}

const modelParts: Children = { 7: readGraph, 25: readFunction }
const graphParts: Children = { 1: readNode, 5: readTensor, 15: readSparse }
const nodeParts: Children = { 5: readAttribute }
const attributeParts: Children = { 5: readTensor, 6: readGraph, 10: readTensor, 11: readGraph, 22: readSparse, 23: readSparse }
const functionParts: Children = { 7: readNode, 11: readAttribute }
const sparseParts: Children = { 1: readTensor, 2: readTensor }

/** The message with its changed parts put in place and their lengths written anew; null: nothing in it changes. */
function spliced(
  wire: Wire,
  of: { site: Site; children: Children; visitAll: (visit: (field: number) => boolean) => void },
): Piece[] | null {
  const pieces: Piece[] = []
  let kept: number | null = null
  let isChanged = false
  of.visitAll((field) => {
    const { fieldAt } = wire
    kept ??= fieldAt
    const read = of.children[field]
    if (read === undefined) return false
    const inner = read(wire, of.site)
    if (inner === null) return true
    addSpan(pieces, kept, fieldAt)
    pieces.push({ bytes: headOf(field, lengthOf(inner)) })
    for (const piece of inner) pieces.push(piece)
    kept = wire.at
    isChanged = true
    return true
  })
  if (!isChanged || kept === null) return null
  addSpan(pieces, kept, wire.at)
  return pieces
}

/** The tensor with its weights inside; null: they are there. */
function readTensor(wire: Wire, site: Site): Piece[] | null {
  const pieces: Piece[] = []
  const entries = new Map<string, string>()
  let isElsewhere = false
  let name = ''
  let payload = 0
  wire.message(fields(8, 9, 14), (field) => {
    const { fieldAt } = wire
    if (field === 13) readEntry(wire, entries)
    else if (field === 14) isElsewhere = wire.int() === 1
    else {
      if (field === 8) name = wire.text(onnxLimits.nameBytes, 'The name of a tensor')
      else if (field === 9) payload = wire.span().length
      else wire.skip()
      addSpan(pieces, fieldAt, wire.at)
    }
    return true
  })
  if (!isElsewhere) return null
  if (payload > 0) throw invalid(`tensor ${shown(name)} has its values twice`)
  return [...pieces, ...payloadOf(name, entries, site)]
}

function readEntry(wire: Wire, entries: Map<string, string>): void {
  const entry = { key: '', value: '' }
  wire.message(fields(1, 2), (field) => {
    if (field === 1) entry.key = wire.text(onnxLimits.metadataKeyBytes, 'A key of external data')
    else if (field === 2) entry.value = wire.text(onnxLimits.nameBytes, 'A value of external data')
    else return false
    return true
  })
  if (entries.has(entry.key)) throw invalid(`external data says ${shown(entry.key)} twice`)
  entries.set(entry.key, entry.value)
}

/** `raw_data` with the span of the file that holds it. */
function payloadOf(name: string, entries: ReadonlyMap<string, string>, site: Site): Piece[] {
  const location = siblingName(entries.get('location') ?? '')
  const size = site.locations.get(location) ?? site.sizeOf?.(location) ?? 0
  site.locations.set(location, size)
  if (site.sizeOf === null) return []
  const at = wholeNumber(entries.get('offset') ?? '0', name)
  const said = entries.get('length')
  const length = said === undefined ? size - at : wholeNumber(said, name)
  if (length < 0 || at + length > size) throw invalid(`tensor ${shown(name)} asks for bytes beyond the end of ${shown(location)}`)
  site.bytes += length
  // Before all of a thousand tensors have asked for the same gigabyte.
  if (site.bytes > onnxLimits.fileBytes) throw tooLarge(site.bytes)
  return [{ bytes: headOf(9, length) }, { location, at, length }]
}

function wholeNumber(text: string, name: string): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : -1
  if (value < 0) throw invalid(`tensor ${shown(name)} has ${shown(text)} where its external data needs a number`)
  return value
}

const tooLarge = (bytes: number): Error =>
  excessive(`With its weights inside the model has ${bytes} bytes or more; at most ${onnxLimits.fileBytes} can be loaded`)

/** Adds a span of the model file; one that goes on where the last one ends becomes part of it. */
function addSpan(pieces: Piece[], at: number, end: number): void {
  if (end === at) return
  const last = pieces.at(-1)
  if (last !== undefined && !('bytes' in last) && last.location === null && last.at + last.length === at) last.length += end - at
  else pieces.push({ location: null, at, length: end - at })
}

const lengthOf = (pieces: readonly Piece[]): number =>
  pieces.reduce((sum, piece) => sum + ('bytes' in piece ? piece.bytes.length : piece.length), 0)

/** Key and length of a field that holds bytes. */
function headOf(field: number, length: number): Uint8Array {
  return Uint8Array.from([...varint(field * 8 + 2), ...varint(length)])
}

function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80)
  return [...bytes, rest]
}
