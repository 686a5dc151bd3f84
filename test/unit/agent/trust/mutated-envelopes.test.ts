import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { acceptAssignment } from '../../../../agent/trust/accept.ts'
import { trustedKeys } from '../../../../agent/trust/verify.ts'
import { Problem } from '../../../../shared/domain/problem.ts'
import { desiredMessage } from '../../../../shared/protocol/assignment.ts'
import { decodeMessage } from '../../../../shared/protocol/decode.ts'
import { payloadTypes } from '../../../../shared/protocol/envelope.ts'
import { signWith, testKey } from '../../../harness/small-console.ts'

const NOW = Date.UTC(2026, 5, 1)
/** A run per change looks at twenty thousand; MUSTER_FULL=1 at a million. */
const RUNS = process.env['MUSTER_FULL'] === '1' ? 1_000_000 : 20_000
const SEED = Number(process.env['MUSTER_SEED'] ?? 1)

const key = testKey()
const stranger = testKey()
const keys = trustedKeys([key.publicKey])
const order = {
  v: 1,
  fleet: 'plant',
  device: 'cam-1',
  epoch: 0,
  counter: 5,
  issuedAt: NOW,
  expiresAt: NOW + 86_400_000,
  deployments: {},
  config: {},
}
const payload = Buffer.from(JSON.stringify(order))
const message = {
  ...{ v: 1, sentAt: NOW, id: 'a' },
  envelope: {
    payloadType: payloadTypes.assignment as string,
    payload: payload.toString('base64'),
    signatures: [signWith(key, payloadTypes.assignment, payload), signWith(stranger, payloadTypes.assignment, payload)],
  },
}
const text = JSON.stringify(message)

/** Numbers that depend on the seed alone, so that a finding can be had again. */
function randomFrom(seed: number): (below: number) => number {
  let state = createHash('sha256').update(String(seed)).digest().readUInt32LE() || 1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

type Random = ReturnType<typeof randomFrom>
const mutations: ((random: Random) => string)[] = [
  // One bit anywhere in the message.
  (random) => {
    const bytes = Buffer.from(text)
    bytes[random(bytes.length)]! ^= 1 << random(8)
    return bytes.toString('latin1')
  },
  // A byte less, a byte more, a piece twice.
  (random) => text.slice(0, random(text.length)) + text.slice(random(text.length)),
  (random) => {
    const at = random(text.length)
    return `${text.slice(0, at)}${text[random(text.length)]}${text.slice(at)}`
  },
  // One bit of the payload, well encoded.
  (random) => {
    const bytes = Buffer.from(payload)
    bytes[random(bytes.length)]! ^= 1 << random(8)
    return JSON.stringify({ ...message, envelope: { ...message.envelope, payload: bytes.toString('base64') } })
  },
  // Another order, under the signatures of this one.
  (random) => {
    const fields = [
      { counter: 6 + random(1e6) },
      { device: `cam-${random(9)}` },
      { epoch: 1 + random(9) },
      { expiresAt: NOW + random(1e9) },
    ]
    const other = Buffer.from(JSON.stringify({ ...order, ...fields[random(fields.length)] }))
    if (other.equals(payload)) return '{}'
    return JSON.stringify({ ...message, envelope: { ...message.envelope, payload: other.toString('base64') } })
  },
  // One bit of a signature, or of its key id, or the signatures exchanged.
  (random) => {
    const [mine, other] = message.envelope.signatures
    const bytes = Buffer.from(mine!.sig, 'base64')
    bytes[random(bytes.length)]! ^= 1 << random(8)
    const signatures = [
      [{ ...mine, sig: bytes.toString('base64') }],
      [{ ...mine, sig: other!.sig }],
      [{ ...other, keyid: mine!.keyid }],
      [other],
      Array.from({ length: 8 }, () => ({ ...mine, sig: bytes.toString('base64') })),
    ][random(5)]
    return JSON.stringify({ ...message, envelope: { ...message.envelope, signatures } })
  },
  // Another type over the same bytes.
  (random) => {
    const types = Object.values(payloadTypes).filter((type) => type !== payloadTypes.assignment)
    return JSON.stringify({ ...message, envelope: { ...message.envelope, payloadType: types[random(types.length)] } })
  },
]

test(`case 1: of ${RUNS.toLocaleString('en')} changed envelopes none is taken for an order`, { timeout: 1_200_000 }, () => {
  const random = randomFrom(SEED)
  const outcomes = new Map<string, number>()
  let same = 0
  const accepted: string[] = []
  for (let i = 0; i < RUNS; i += 1) {
    const changed = mutations[i % mutations.length]!(random)
    const outcome = outcomeOf(changed)
    // What was changed lies outside of what counts (the id of the message, the second signature): the order is still the one that was signed.
    if (outcome === 'same') same += 1
    else if (outcome === 'other') accepted.push(changed)
    else outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  }
  expect(accepted).toEqual([])
  expect([...outcomes.values()].reduce((sum, n) => sum + n, 0) + same).toBe(RUNS)
  expect(outcomes.get('assignment.signature-invalid')).toBeGreaterThan(RUNS / 3)
  console.log(
    `${RUNS} changed envelopes, seed ${SEED}: 0 accepted as another order, ${same} untouched in what counts`,
    Object.fromEntries(outcomes),
  )
})

function outcomeOf(json: string): string {
  try {
    const { envelope } = decodeMessage(desiredMessage, json, 'order')
    const { payloadHash } = acceptAssignment(envelope, { fleet: 'plant', device: 'cam-1', keys, known: null, now: NOW })
    return payloadHash === createHash('sha256').update(payload).digest('hex') ? 'same' : 'other'
  } catch (error) {
    if (error instanceof Problem) return error.code
    throw error
  }
}
