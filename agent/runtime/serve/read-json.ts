import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'

/** Bytes of request bodies that are held at this moment, over all requests. */
export interface BodyBudget {
  heldBytes: number
  readonly maxBytes: number
}

/** Bounds of JSON beyond its size: what a few bytes of hostile text can cost in memory. */
const MAX_DEPTH = 32
const MAX_CONTAINERS = 1_000_000
const MAX_KEYS = 20_000

/**
 * Reads a body into memory. What it holds is taken from the budget; the caller calls `release` when the body is no longer needed.
 * @throws Problem `input.too-large` as soon as it is known, `inference.overloaded` if the budget is spent,
 *   `input.invalid` for an encoding, `cancelled` if the client went away
 */
export function readBody(request: IncomingMessage, maxBytes: number, budget: BodyBudget): Promise<{ body: Buffer; release: () => void }> {
  const encoding = request.headers['content-encoding']?.toLowerCase() ?? ''
  if (encoding !== '' && encoding !== 'identity') {
    return Promise.reject(
      new Problem('input.invalid', `Bodies in content encoding "${encoding.slice(0, 40)}" are not taken; send plain JSON.`),
    )
  }
  const tooLarge = (): Problem => new Problem('input.too-large', `The body is larger than ${maxBytes} bytes.`)
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.reject(tooLarge())
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    let isSettled = false
    const release = (): void => {
      budget.heldBytes -= bytes
      bytes = 0
    }
    const refuse = (problem: Problem): void => {
      isSettled = true
      release()
      request.pause()
      reject(problem)
    }
    // The listeners are not taken off again: the request ends with its body, and they do nothing after it is settled.
    request.on('data', (chunk: Buffer) => {
      if (isSettled) return
      bytes += chunk.length
      budget.heldBytes += chunk.length
      chunks.push(chunk)
      if (bytes > maxBytes) refuse(tooLarge())
      else if (budget.heldBytes > budget.maxBytes) refuse(new Problem('inference.overloaded', 'Too many large requests at once.'))
    })
    request.on('end', () => {
      if (isSettled) return
      isSettled = true
      resolve({ body: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks), release })
    })
    request.on('close', () => {
      if (!isSettled) refuse(new Problem('cancelled', 'The client went away.'))
    })
  })
}

/**
 * Parses JSON from untrusted bytes.
 * @throws Problem `inference.bad-input` for bad UTF-8, bad JSON, deep nesting, or absurdly many lists or keys
 */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0) throw new Problem('inference.bad-input', 'The body is empty; a JSON object is expected.')
  if (!isUtf8(body)) throw new Problem('inference.bad-input', 'The body is not UTF-8.')
  if (!isShallow(body)) checkStructure(body)
  try {
    const text = body.toString('utf8')
    // Without the byte order mark that tools of Windows put in front.
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text)
  } catch (error) {
    throw new Problem('inference.bad-input', `The body is not JSON: ${messageOf(error).slice(0, 200)}`, { cause: error })
  }
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a

/** True if there are too few brackets for any bound: counted without a look at every byte. */
function isShallow(body: Buffer): boolean {
  let containers = 0
  for (const bracket of ['[', '{']) {
    for (let at = body.indexOf(bracket); at !== -1; at = body.indexOf(bracket, at + 1)) {
      containers += 1
      if (containers > MAX_DEPTH) return false
    }
  }
  // A key takes four bytes at least.
  return body.length < 4 * MAX_KEYS || !hasManyKeys(body)
}

function hasManyKeys(body: Buffer): boolean {
  let keys = 0
  for (let at = body.indexOf(COLON); at !== -1; at = body.indexOf(COLON, at + 1)) {
    keys += 1
    if (keys > MAX_KEYS) return true
  }
  return false
}

/** Counts depth, containers and keys without building anything: a list costs two bytes of text but over fifty of memory. */
function checkStructure(body: Buffer): void {
  let depth = 0
  let containers = 0
  let keys = 0
  for (let i = 0; i < body.length; i += 1) {
    const byte = body[i]!
    if (byte === QUOTE) i = endOfString(body, i)
    else if (byte === COLON) keys += 1
    // { and [ differ in one bit, and so do } and ].
    else if ((byte & 0xdf) === 0x5b) {
      depth += 1
      containers += 1
      if (depth > MAX_DEPTH) throw new Problem('inference.bad-input', `The JSON is nested deeper than ${MAX_DEPTH} levels.`)
    } else if ((byte & 0xdf) === 0x5d) depth -= 1
  }
  if (containers > MAX_CONTAINERS)
    throw new Problem('inference.bad-input', `The JSON has more than ${MAX_CONTAINERS} lists and objects; send flat data.`)
  if (keys > MAX_KEYS) throw new Problem('inference.bad-input', `The JSON has more than ${MAX_KEYS} keys.`)
}

function endOfString(body: Buffer, start: number): number {
  for (let end = body.indexOf(QUOTE, start + 1); end !== -1; end = body.indexOf(QUOTE, end + 1)) {
    let slashes = 0
    while (body[end - 1 - slashes] === BACKSLASH) slashes += 1
    if (slashes % 2 === 0) return end
  }
  return body.length
}
