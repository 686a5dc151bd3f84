import { describe, expect, it } from 'vitest'
import { acceptAssignment, isExpired } from '../../../../agent/trust/accept.ts'
import { trustedKeys } from '../../../../agent/trust/verify.ts'
import { payloadTypes, type Envelope } from '../../../../shared/protocol/envelope.ts'
import { hashOf, signWith, testKey } from '../../../harness/small-console.ts'

const NOW = Date.UTC(2026, 5, 1)
const DAY = 86_400_000
const key = testKey()
const context = { fleet: 'plant', device: 'cam-1', keys: trustedKeys([key.publicKey]), known: null, now: NOW }

const order = (change: Record<string, unknown> = {}): Buffer =>
  Buffer.from(
    JSON.stringify({
      ...{ v: 1, fleet: 'plant', device: 'cam-1', counter: 5, issuedAt: NOW, expiresAt: NOW + DAY, deployments: {} },
      config: { windowSeconds: 60, samplesPerWindow: 0 },
      ...change,
    }),
  )
const seal = (bytes: Buffer, by = key): Envelope => ({
  payloadType: payloadTypes.assignment,
  payload: bytes.toString('base64'),
  signatures: [signWith(by, payloadTypes.assignment, bytes)],
})
const known = (counter: number, bytes = order()): { counter: number; payloadHash: string; issuedAt: number } => ({
  counter,
  payloadHash: hashOf(bytes),
  issuedAt: NOW,
})

describe('case 5 and case 8: an order', () => {
  it('is accepted with its hash', () => {
    expect(acceptAssignment(seal(order()), context)).toMatchObject({
      isKnown: false,
      payloadHash: hashOf(order()),
      assignment: { counter: 5 },
    })
    expect(acceptAssignment(seal(order()), { ...context, known: known(4) }).isKnown).toBe(false)
    expect(acceptAssignment(seal(order()), { ...context, known: known(5) }).isKnown).toBe(true)
  })

  it.each<{ name: string; envelope: Envelope; change?: object; code: string }>([
    { name: 'signed by a stranger', envelope: seal(order(), testKey()), code: 'assignment.signature-invalid' },
    { name: 'for another device', envelope: seal(order({ device: 'cam-2' })), code: 'assignment.wrong-target' },
    { name: 'of another fleet with the same key', envelope: seal(order({ fleet: 'other' })), code: 'assignment.wrong-target' },
    { name: 'older than the known one', envelope: seal(order()), change: { known: known(6) }, code: 'assignment.rollback' },
    {
      name: 'other bytes under the known counter',
      envelope: seal(order({ issuedAt: NOW + 1 })),
      change: { known: known(5) },
      code: 'assignment.equivocation',
    },
    { name: 'expired', envelope: seal(order({ expiresAt: NOW })), code: 'assignment.expired' },
    {
      name: 'expired by what was signed later, with the clock set back',
      envelope: seal(order({ expiresAt: NOW - DAY })),
      change: { known: known(4), now: 0 },
      code: 'assignment.expired',
    },
    {
      name: 'a counter beyond safe integers',
      envelope: seal(Buffer.from(order().toString().replace('"counter":5', '"counter":9007199254740993'))),
      code: 'message.malformed',
    },
    { name: 'a higher version', envelope: seal(order({ v: 2 })), code: 'message.unsupported-version' },
    {
      name: 'a deployment named like a prototype',
      envelope: seal(Buffer.from(order().toString().replace('"deployments":{}', '"deployments":{"__proto__":{}}'))),
      code: 'message.malformed',
    },
    { name: '10,000 levels deep', envelope: seal(Buffer.from(`${'['.repeat(10_000)}${']'.repeat(10_000)}`)), code: 'message.malformed' },
  ])('is refused: $name', ({ envelope, change, code }) => {
    expect(() => acceptAssignment(envelope, { ...context, ...change })).toThrow(expect.objectContaining({ code }))
  })

  it('counts within an epoch, and never goes back to an older one', () => {
    const of = (change: Record<string, unknown>): Envelope => seal(order(change))
    const at = { ...known(9), epoch: 2, keyid: key.keyid }
    expect(acceptAssignment(of({ epoch: 3, counter: 1 }), { ...context, known: at }).isKnown).toBe(false)
    expect(() => acceptAssignment(of({ epoch: 1, counter: 99 }), { ...context, known: at })).toThrow(
      expect.objectContaining({ code: 'assignment.rollback' }),
    )
    expect(() => acceptAssignment(of({ epoch: 2, counter: 8 }), { ...context, known: at })).toThrow(
      expect.objectContaining({ code: 'assignment.rollback' }),
    )
    expect(() => acceptAssignment(of({ epoch: 2 ** 31 }), { ...context, known: null })).toThrow(
      expect.objectContaining({ code: 'message.malformed' }),
    )
  })

  it('is not held up by the highest number there is once the fleet has taken the key back', () => {
    const stolen = testKey()
    const highest = { ...known(Number.MAX_SAFE_INTEGER), epoch: 2 ** 31 - 1, keyid: stolen.keyid }
    expect(acceptAssignment(seal(order()), { ...context, known: highest })).toMatchObject({ isKnown: false, keyid: key.keyid })
    const both = trustedKeys([key.publicKey, stolen.publicKey])
    expect(() => acceptAssignment(seal(order()), { ...context, keys: both, known: highest })).toThrow(
      expect.objectContaining({ code: 'assignment.rollback' }),
    )
  })

  it('is for the hardware that it was made for', () => {
    const made = seal(order({ hardware: 'linux-arm64' }))
    expect(acceptAssignment(made, { ...context, hardware: 'linux-arm64' }).isKnown).toBe(false)
    expect(acceptAssignment(made, context).isKnown).toBe(false)
    expect(() => acceptAssignment(made, { ...context, hardware: 'linux-x64' })).toThrow(
      expect.objectContaining({ code: 'assignment.wrong-target' }),
    )
  })

  it('does not expire on a device whose clock was never set', () => {
    expect(isExpired({ issuedAt: NOW, expiresAt: NOW + DAY }, NOW, 1000)).toBe(false)
    expect(isExpired({ issuedAt: NOW, expiresAt: NOW + DAY }, NOW, NOW + DAY)).toBe(true)
  })
})
